/* An alarm that is nobody's case (R17.7): an address guessed too often, and the audit reviewer who looks into it. */
import assert from 'node:assert/strict'

import { inspect } from './pages.mjs'
import { open } from './support/browser.mjs'
import { test } from './support/report.mjs'
import { signIn } from './support/service.mjs'

/* A busy machine may take its time. */
const WAIT_MS = 60_000

/* One more than a day allows locks the account (src/registry/look.h). */
const GUESSES = 21

const title = 'Addresses of records were guessed'

async function send(page, button) {
  await Promise.all([page.waitForNavigation({ timeout: WAIT_MS }),
    page.getByRole('button', { name: button, exact: true }).click({ timeout: WAIT_MS })])
}

async function main(page) {
  return page.locator('main').innerText()
}

async function guess(page) {
  await test('who guesses addresses of records is locked out', async () => {
    for (let i = 0; i < GUESSES; i++)
      await page.goto(`/children/${String(i).padStart(26, '0')}`)
    await page.goto('/find')
    assert.equal(new URL(page.url()).pathname, '/sign-in')
  })
}

async function review(page) {
  const alarm = page.getByRole('link', { name: title })
  await test('the audit reviewer finds it among what waits', async () => {
    await page.goto('/manage')
    await page.getByRole('link', { name: 'Alarms', exact: true }).click()
    assert.equal(await alarm.count(), 1)
    await inspect(page, 'alarms')
  })
  await test('it says whose account it was, and names no child', async () => {
    await alarm.click()
    assert.match(await main(page), /Megan Price[\s\S]*health-visitor[\s\S]*Suspended/)
    await inspect(page, 'alarm')
  })
  await test('it is closed with what was found out, and not without', async () => {
    await send(page, 'Close the alarm')
    assert.match(await page.title(), /^Error: /)
    await inspect(page, 'alarm-errors')
    await page.getByRole('radio', { name: /^Training/ }).check()
    await page.getByLabel('What did you find out, and from whom?').fill('She typed the numbers of a paper list')
    await send(page, 'Close the alarm')
  })
  await test('and waits no more', async () => {
    assert.match(await main(page), /Closed[\s\S]*She typed the numbers of a paper list/)
    assert.equal(await page.getByRole('button', { name: 'Close the alarm' }).count(), 0)
    await inspect(page, 'alarm-closed')
    await page.getByRole('link', { name: 'All alarms' }).click()
    assert.equal(await alarm.count(), 0)
  })
}

/** Whoever guesses cannot sign in afterwards. */
export async function raiseAlarm(browser, { guessing, reviewer }) {
  const one = await open(browser)
  await test(`${guessing.user_name} signs in`, () => signIn(one.page, guessing))
  await guess(one.page)
  const other = await open(browser)
  await test(`${reviewer.user_name} signs in`, () => signIn(other.page, reviewer))
  await review(other.page)
  for (const session of [one, other]) {
    await test('nothing was logged or asked for beside', () => session.watch.assertClean())
    await session.context.close()
  }
}
