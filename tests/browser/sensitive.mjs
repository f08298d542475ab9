/* A sensitive service with consent, a question to the team, the answer, and the consent taken back (R8): three people,
 * one child. */
import assert from 'node:assert/strict'

import { inspect } from './pages.mjs'
import { open } from './support/browser.mjs'
import { token } from './support/house.mjs'
import * as people from './support/people.mjs'
import { test } from './support/report.mjs'
import * as service from './support/service.mjs'

/* A busy machine may take its time. */
const WAIT_MS = 60_000

/* Nobody else's tests look for this one. */
const child = { family: people.several.family, given: 'Barnaby', birth: '2017-04-15' }
const secrets = [child.family, child.given]
const hidden = /Young Minds|Quiet House|Mistry|960331/

async function send(page, button) {
  await Promise.all([page.waitForNavigation({ timeout: WAIT_MS }),
    page.getByRole('button', { name: button, exact: true }).first().click({ timeout: WAIT_MS })])
}

async function follow(page, link) {
  await Promise.all([page.waitForNavigation({ timeout: WAIT_MS }),
    page.getByRole('link', { name: link }).first().click({ timeout: WAIT_MS })])
}

async function signIn(page, account) {
  await service.offerPassword(page, account)
  await service.offerCode(page, account, await token(account))
  await service.readTerms(page)
}

async function main(page) {
  return page.locator('main').innerText()
}

/* No address names anybody. */
function assertOpaque(page) {
  for (const secret of secrets)
    assert.ok(!page.url().includes(secret), 'the address names nobody')
}

async function look(page, name) {
  assertOpaque(page)
  await inspect(page, name, { secrets })
}

function today() {
  const now = new Date()
  return [now.getUTCDate(), now.getUTCMonth() + 1, now.getUTCFullYear()].map(String)
}

async function fillDay(page, name, [day, month, year]) {
  for (const [part, value] of Object.entries({ day, month, year }))
    await page.locator(`#${name}_${part}`).fill(value)
}

async function recordWithConsent(page) {
  await test('a sensitive service is recorded with consent alone', async () => {
    await service.openChild(page, child, child.given)
    await send(page, 'Record that I work with this child')
    await page.getByLabel('Name of your service').fill('Quiet House')
    await page.locator('#kind').selectOption({ label: 'Mental health' })
    await fillDay(page, 'from', today())
    await page.locator('main form button[type=submit]').first().click()
    await page.waitForLoadState()
    await look(page, 'consent')
  })
  await test('everything about the consent is asked for', async () => {
    await page.locator('main form button[type=submit]').first().click()
    await page.waitForLoadState()
    assert.match(await page.title(), /^Error: /)
    await look(page, 'consent-errors')
  })
  await test('then it stands in one\'s own view of the record', async () => {
    await page.locator('input[name=consent_giver]').first().check()
    await page.locator('#consent_name').fill('Barnaby himself')
    await fillDay(page, 'agreed', today())
    await page.locator('input[name=consent_way]').first().check()
    await page.locator('#consent_because').fill('He explained back what it means')
    await page.locator('input[name=consent_scope][value=contact]').check()
    await page.locator('main form button[type=submit]').first().click()
    await page.waitForURL(/children\/[^/]+$/, { timeout: WAIT_MS })
    assert.match(await main(page), /Quiet House/)
    await look(page, 'contacts-own-sensitive')
  })
}

async function askTheTeam(page) {
  await test('others see one line, and ask the team', async () => {
    await service.openChild(page, child, child.given)
    const text = await main(page)
    assert.match(text, /One or more sensitive services are involved/)
    assert.doesNotMatch(text, hidden)
    await look(page, 'contacts-sensitive')
    await follow(page, 'Ask your local team')
    await look(page, 'ask')
  })
  await test('a question needs words, and whether one may be named', async () => {
    await send(page, 'Continue')
    assert.match(await page.title(), /^Error: /)
    await look(page, 'ask-errors')
  })
  await test('it is looked at before it is sent', async () => {
    await page.getByLabel('What do you need?').fill('Somebody to talk to about sleeping in class')
    await page.getByRole('radio', { name: /^No: say only/ }).check()
    await send(page, 'Continue')
    assert.match(await main(page), /Check your question before you send it[\s\S]*sleeping in class/)
    await look(page, 'ask-check')
  })
  await test('then it has a reference, and a day by which it is answered', async () => {
    await send(page, 'Send the question')
    assert.match(await main(page), /Your reference: \w{4}-\w{4}[\s\S]*The team answers by/)
    assert.match(page.url(), /\/children\/[^/]+\/ask$/)
    await look(page, 'ask-sent')
  })
}

async function passOn(page) {
  await test('the officer sees the service, and passes the question on', async () => {
    await page.goto('/manage/requests')
    await look(page, 'requests')
    await follow(page, 'Question 1')
    assert.match(await main(page), /Mental health: Quiet House/)
    await look(page, 'request')
    await send(page, 'Ask the service')
    assert.match(await page.title(), /^Error: /)
    await look(page, 'request-errors')
    await page.locator('input[name=service]').first().check()
    await send(page, 'Ask the service')
    assert.match(await main(page), /A service has been asked/)
  })
}

async function answer(page) {
  await test('the service has a message, and does not learn who asks', async () => {
    await page.goto('/find')
    await follow(page, 'Messages (1)')
    await look(page, 'messages')
    await follow(page, 'Somebody asks to be put in touch with you')
    const text = await main(page)
    assert.match(text, /sleeping in class/)
    assert.doesNotMatch(text, /Amina Hussain|Beck Hill/)
    await look(page, 'message-question')
  })
  await test('young person and service decide', async () => {
    await page.getByRole('radio', { name: 'Yes, as I say below' }).check()
    await page.getByRole('radio', { name: 'Yes, and they do not want it' }).check()
    await send(page, 'Send the answer')
    assert.match(await main(page), /the young person has not agreed/)
    await look(page, 'message-question-errors')
    await page.getByRole('radio', { name: 'Yes, and they agree' }).check()
    await page.getByLabel('How may you be reached?').fill('Ring Sam on 07700 900123 in the mornings')
    await send(page, 'Send the answer')
    assert.match(await main(page), /has been answered/)
  })
}

async function passBack(page) {
  await test('the officer passes the answer back', async () => {
    await page.goto('/manage/requests')
    await follow(page, 'Question 1')
    assert.match(await main(page), /May be reached\. The young person agrees/)
    await look(page, 'request-answered')
    await page.getByRole('radio', { name: 'How the service may be reached' }).check()
    await send(page, 'Answer')
    assert.match(await main(page), /Answered/)
    await look(page, 'request-closed')
  })
}

async function readAnswer(page) {
  await test('whoever asked reads it, and not which service it is', async () => {
    await page.goto('/find')
    await follow(page, /^Messages \(/)
    await follow(page, 'Your question was answered')
    const text = await main(page)
    assert.match(text, /Ring Sam on 07700 900123/)
    assert.doesNotMatch(text, hidden)
    await look(page, 'message-answer')
  })
}

async function withdraw(page, asker) {
  await test('the consent is taken back', async () => {
    await service.openChild(page, child, child.given)
    await follow(page, /^End/)
    await look(page, 'involvement-sensitive')
    await send(page, 'Consent has been taken back')
    assert.doesNotMatch(await main(page), /Quiet House/)
  })
  await test('then nothing is left of it, anywhere', async () => {
    await asker.goto('/messages')
    await follow(asker, 'Your question was answered')
    const text = await main(asker)
    assert.doesNotMatch(text, /Sam|07700/)
    assert.match(text, /nobody whom they can put you in touch with/)
    await look(asker, 'message-no-contact')
    await service.openChild(asker, child, child.given)
    assert.doesNotMatch(await main(asker), /sensitive services/)
  })
}

/** A counsellor, a teacher and a shielding officer of the demonstration. */
export async function askForAContact(browser, accounts) {
  const named = name => accounts.find(account => account.user_name === name)
  const seats = []
  for (const name of ['counsellor', 'teacher', 'shielding-officer']) {
    const seat = await open(browser)
    await test(`${name} signs in`, () => signIn(seat.page, named(name)))
    seats.push(seat)
  }
  const [counsellor, teacher, officer] = seats.map(seat => seat.page)
  await recordWithConsent(counsellor)
  await askTheTeam(teacher)
  await passOn(officer)
  await answer(counsellor)
  await passBack(officer)
  await readAnswer(teacher)
  await withdraw(counsellor, teacher)
  for (const seat of seats) {
    await test('nothing else was asked for, and nothing went wrong', () => seat.watch.assertClean())
    await seat.context.close()
  }
}
