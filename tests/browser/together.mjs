/* Asking a second person to open more records (R5.7), and looking for a colleague (R4.1). */
import assert from 'node:assert/strict'

import { inspect } from './pages.mjs'
import { open } from './support/browser.mjs'
import { token } from './support/house.mjs'
import { test } from './support/report.mjs'
import { signIn } from './support/service.mjs'

/* A busy machine may take its time. */
const WAIT_MS = 60_000

async function send(page, button) {
  await Promise.all([page.waitForNavigation({ timeout: WAIT_MS }),
    page.getByRole('button', { name: button, exact: true }).click({ timeout: WAIT_MS })])
}

async function askForMore(page) {
  await test('page more', async () => {
    await page.goto('/account/more')
    await inspect(page, 'more')
  })
  await test('a reason of one letter is not enough', async () => {
    await page.getByLabel('Why do you need to open more records?').fill('x')
    await send(page, 'Ask for approval')
    assert.match(await page.title(), /^Error: /)
    await inspect(page, 'more-errors')
  })
  await test('asked once, it waits for somebody else', async () => {
    await page.getByLabel('Why do you need to open more records?').fill('The whole of year three moves school')
    await send(page, 'Ask for approval')
    assert.match(await page.locator('main').innerText(), /You have asked, and nobody has answered yet/)
    await inspect(page, 'more-asked')
  })
}

async function approve(page) {
  await test('the user manager is told on the first page', async () => {
    await page.goto('/manage')
    await page.getByRole('link', { name: 'Approvals' }).click()
    await inspect(page, 'approvals')
  })
  await test('who asks, and why, is on a page of its own', async () => {
    await page.getByRole('link', { name: 'Approval 1' }).click()
    assert.match(await page.locator('main').innerText(), /The whole of year three moves school/)
    await inspect(page, 'approval')
  })
  await test('it is answered once, with a reason', async () => {
    await send(page, 'Answer')
    assert.match(await page.title(), /^Error: /)
    await page.getByLabel('Yes, for 4 hours').check()
    await page.getByLabel('Why, and whom have you asked?').fill('I asked the head of the school')
    await send(page, 'Answer')
    assert.match(await page.locator('main').innerText(), /Answered/)
    assert.equal(await page.getByRole('button', { name: 'Answer', exact: true }).count(), 0)
    await inspect(page, 'approval-answered')
  })
}

async function lookTogether(page, colleague) {
  await test('page mediate', async () => {
    await page.goto('/find')
    await page.getByRole('link', { name: /I am searching for somebody else/ }).click()
    await inspect(page, 'mediate')
  })
  const fill = async password => {
    await page.getByLabel('Your colleague\'s user name').fill(colleague.user_name)
    await page.getByLabel('Password').fill(password)
    await page.getByLabel('PIN').fill(colleague.pin)
    await page.getByLabel('Code from the token').fill(await token(colleague))
    await send(page, 'Begin')
  }
  await test('a colleague who cannot be proved is nobody', async () => {
    await fill('not the password')
    assert.match(await page.title(), /^Error: /)
    await inspect(page, 'mediate-errors', { secrets: [colleague.user_name] })
  })
  await test('every page says for whom', async () => {
    await fill(colleague.password)
    await page.waitForURL('**/find')
    assert.match(await page.locator('header').innerText(), /You are searching for/)
    await inspect(page, 'find-mediated')
  })
  await test('until it ends', async () => {
    await send(page, 'Stop searching for somebody else')
    await page.waitForURL('**/find')
    assert.doesNotMatch(await page.locator('header').innerText(), /You are searching for/)
  })
}

/** Two practitioners of one organisation and their user manager. */
export async function workTogether(browser, { looking, colleague, manager }) {
  const one = await open(browser)
  await test('a practitioner signs in', () => signIn(one.page, looking))
  await askForMore(one.page)
  const other = await open(browser)
  await test('their user manager signs in', () => signIn(other.page, manager))
  await approve(other.page)
  await test('what was approved stands on one\'s own page', async () => {
    await one.page.goto('/account/more')
    assert.match(await one.page.locator('main').innerText(), /This holds until/)
    await inspect(one.page, 'more-given')
  })
  await lookTogether(one.page, colleague)
  for (const session of [one, other]) {
    await test('nothing else was asked for, and nothing went wrong', () => session.watch.assertClean())
    await session.context.close()
  }
}
