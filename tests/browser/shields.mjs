/* A shield from the request to its lifting, and one that is overridden (R9, R10): four people, one child. */
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
const child = { family: people.several.family, given: 'Marigold', birth: '2017-03-14' }
const hidden = { family: child.family, postcode: 'LS14 1AB' }

async function send(page, button) {
  await Promise.all([page.waitForNavigation({ timeout: WAIT_MS }),
    page.getByRole('button', { name: button, exact: true }).first().click({ timeout: WAIT_MS })])
}

async function signIn(page, account, role) {
  await service.offerPassword(page, account)
  if (role !== undefined)
    await page.getByRole('radio', { name: role, exact: true }).check()
  await service.offerCode(page, account, await token(account))
  await service.readTerms(page)
}

async function main(page) {
  return page.locator('main').innerText()
}

async function requestShield(page) {
  await test('a practitioner may ask that a record be shielded', async () => {
    await service.openChild(page, child, child.given)
    assert.match(await main(page), /Contacts/)
    await page.getByRole('link', { name: 'Ask that this record be shielded' }).click()
    await inspect(page, 'shield-new')
  })
  await test('a ground and words are needed', async () => {
    await send(page, 'Shield this record now')
    assert.match(await page.title(), /^Error: /)
    await inspect(page, 'shield-new-errors')
  })
  await test('it is shielded at once, and found by nothing that is hidden', async () => {
    await page.getByRole('radio').first().check()
    await page.getByLabel('What do you know that speaks for it?').fill('The father has found the last address')
    await send(page, 'Shield this record now')
    const text = await main(page)
    assert.match(text, /This record is shielded/)
    assert.match(text, /You asked on .* The shielding officer has not decided yet/)
    assert.doesNotMatch(text, /LS14|Leeds, /)
    await inspect(page, 'shielded-asked')
    await service.search(page, hidden)
    assert.equal(await service.results(page).filter({ hasText: child.given }).count(), 0)
  })
}

async function override(page) {
  await test('overriding a shield says first that an investigation starts', async () => {
    await service.openChild(page, child, child.given)
    await page.getByRole('link', { name: /^Override the shield/ }).click()
    assert.match(await main(page), /An investigation starts now/)
    await inspect(page, 'override')
  })
  await test('with a reason one record is seen', async () => {
    await page.getByLabel('Why must you see it now?').fill('The child is in danger and nobody answers')
    await send(page, 'Override the shield')
    assert.match(await main(page), /You have overridden this record's shield/)
    await inspect(page, 'overridden')
    await page.getByRole('link', { name: 'Details' }).click()
    assert.match(await main(page), /LS14 1AB/)
    await inspect(page, 'overridden-details')
  })
  await test('until one stops it', async () => {
    await page.goBack()
    await send(page, 'Stop seeing behind the shield now')
    const text = await main(page)
    assert.match(text, /This record is shielded/)
    assert.doesNotMatch(text, /You have overridden|LS14|Leeds, /)
    assert.equal(await page.getByRole('button', { name: 'Stop seeing behind the shield now' }).count(), 0)
    await inspect(page, 'override-ended')
    const ended = page.url()
    await page.goto(`${ended.replace(/[?#].*/, '')}/details`)
    assert.doesNotMatch(await main(page), /LS14/)
  })
  await test('or leaves it', async () => {
    await service.openChild(page, child, child.given)
    await page.getByRole('link', { name: /^Override the shield/ }).click()
    await page.getByLabel('Why must you see it now?').fill('The duty doctor asks where the mother is')
    await send(page, 'Override the shield')
    assert.match(await main(page), /You have overridden this record's shield/)
    await service.openChild(page, child, child.given)
    assert.match(await main(page), /This record is shielded/)
  })
}

async function explain(page, known) {
  await page.goto('/manage/overrides')
  await page.getByRole('link', { name: 'Override 1' }).click()
  assert.match(await main(page), known)
  await inspect(page, 'overriding')
  await page.getByRole('radio', { name: /^Explained/ }).check()
  await page.getByLabel('What did you find out, and from whom?').fill('The duty team was called at once')
  await send(page, 'Close the investigation')
  assert.match(await main(page), /Closed/)
}

async function decide(page) {
  await test('the team sees what waits, and who overrode', async () => {
    await page.goto('/manage')
    await inspect(page, 'manage')
    await page.getByRole('link', { name: 'Overridden shields' }).click()
    assert.equal(await page.getByRole('link', { name: /^Override \d/ }).count(), 2)
    await inspect(page, 'overrides')
    await explain(page, /Fatima Begum[\s\S]*nobody answers/)
    await explain(page, /Fatima Begum[\s\S]*The duty doctor/)
  })
  await test('the officer sees what others will see, and decides', async () => {
    await page.goto('/manage/shields')
    await inspect(page, 'shields')
    await page.getByRole('link', { name: 'Shield 1' }).click()
    assert.match(await main(page), /What others will see/)
    await inspect(page, 'shield-asked')
    await send(page, 'Decide')
    assert.match(await page.title(), /^Error: /)
    await inspect(page, 'shield-decide-errors')
    await page.getByRole('radio', { name: 'Yes: it stays shielded' }).check()
    await page.locator('input[name=ground]').first().check()
    await page.getByLabel('What is the evidence?').fill('A police report of 12 November')
    await page.getByLabel('Whose advice did you take?').fill('Inspector Sample, by telephone')
    await send(page, 'Decide')
    assert.match(await main(page), /Shielded, to be reviewed/)
    await inspect(page, 'shield-kept')
  })
  await test('to lift it the officer asks a second', async () => {
    await page.getByLabel('Why is it no longer needed?').fill('The father lives abroad by now')
    await send(page, 'Ask a second person')
    assert.match(await main(page), /You have asked a second person/)
    assert.equal(await page.getByRole('button', { name: 'Continue', exact: true }).count(), 0)
  })
}

async function agree(page) {
  await test('the second agrees, and the shield is lifted', async () => {
    await page.goto('/manage/shields')
    await page.getByRole('link', { name: 'Shield 1' }).click()
    await inspect(page, 'shield-second')
    await page.getByRole('radio', { name: 'Yes, I agree' }).check()
    await page.getByLabel('Why?').fill('I have spoken to the police too')
    await send(page, 'Continue')
    assert.match(await main(page), /Closed: nothing is shielded because of it/)
    await inspect(page, 'shield-closed')
  })
}

async function hear(page) {
  await test('who asked is told, and sees the record again', async () => {
    await service.openChild(page, hidden, child.given)
    assert.match(await main(page), /Two officers have lifted the shield since/)
  })
}

/* Each in a window of their own, so that nobody signs in twice. */
export async function shield(browser, { teacher, duty, officer, second }) {
  const sessions = []
  const begin = async (account, role) => {
    const session = await open(browser)
    sessions.push(session)
    await test(`${account.user_name} signs in`, () => signIn(session.page, account, role))
    return session.page
  }
  const asking = await begin(teacher)
  await requestShield(asking)
  await override(await begin(duty, 'Override practitioner'))
  await decide(await begin(officer))
  await agree(await begin(second))
  await hear(asking)
  for (const { context, watch } of sessions) {
    await test('nothing was logged or asked for beside', () => watch.assertClean())
    await context.close()
  }
}
