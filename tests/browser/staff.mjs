/* Accounts and organisations, as those who manage them use the pages (16, 19, 30). */
import assert from 'node:assert/strict'

import { inspect } from './pages.mjs'
import { open } from './support/browser.mjs'
import { test } from './support/report.mjs'
import { signIn } from './support/service.mjs'

/* A form sent to the page that it stands on, and the answer to it. */
async function send(page, button) {
  await Promise.all([page.waitForNavigation(), page.getByRole('button', { name: button, exact: true }).click()])
}

async function unfold(page, summary) {
  const details = page.locator('details', { has: page.locator('summary', { hasText: summary }) })
  if (!await details.evaluate(one => one.open))
    await details.locator('summary').click()
}

function tag(page) {
  return page.locator('main .govuk-tag').first()
}

async function expectState(page, state) {
  assert.equal((await tag(page).innerText()).trim(), state)
}

async function fillDay(page, name, [day, month, year]) {
  for (const [part, value] of Object.entries({ day, month, year }))
    await page.locator(`#${name}_${part}`).fill(value)
}

async function recordCheck(page, check, day) {
  await page.getByLabel('What was done').selectOption({ label: check })
  await fillDay(page, 'done', day)
  await send(page, 'Record')
}

const checks = ['Identity checked', 'Criminal-record check', 'ContactPoint training', 'Information sharing training',
  'User agreement signed']

function today() {
  const now = new Date()
  return [now.getUTCDate(), now.getUTCMonth() + 1, now.getUTCFullYear()].map(String)
}

async function manageUsers(page) {
  const look = (name, work) => test(`page ${name}`, async () => {
    await work()
    await inspect(page, name, { secrets: ['Doyle', 'Nowak'] })
  })
  await look('users', () => page.goto('/manage/users'))
  await test('those who want attention stand first, each with why', async () => {
    const rows = page.locator('.app-results tbody tr')
    assert.match(await rows.nth(0).innerText(), /Ewa Nowak[\s\S]*Expiring[\s\S]*Criminal-record check: \d+ days left/)
    assert.match(await rows.nth(1).innerText(), /Liam Doyle[\s\S]*1 of 6[\s\S]*Asked for/)
  })
  await look('users-filtered', async () => {
    await page.getByLabel('Name or user name').fill('doyle')
    await page.getByLabel('Show').selectOption({ label: 'Asked for' })
    await send(page, 'Filter')
    assert.equal(await page.locator('.app-results tbody tr').count(), 1)
  })
  await look('user-half-done', async () => {
    await Promise.all([page.waitForNavigation(), page.getByRole('link', { name: 'Liam Doyle' }).click()])
    await expectState(page, 'Asked for')
    assert.equal(await page.getByRole('button', { name: 'Admit' }).count(), 0)
  })
  await look('user-check-wrong', async () => {
    await recordCheck(page, checks[0], ['1', '1', '2199'])
    assert.match(await page.locator('.govuk-error-summary').innerText(), /lies ahead/)
  })
  await test('a user is admitted once everything is recorded', async () => {
    for (const check of checks)
      await recordCheck(page, check, today())
    await send(page, 'Admit: the account may be used')
    await expectState(page, 'In use')
  })
  await look('user-suspended', async () => {
    await unfold(page, 'Suspend this account')
    await page.getByLabel('Why?').fill('Searched for a neighbour.')
    await send(page, 'Suspend')
    await expectState(page, 'Suspended')
    assert.match(await page.locator('main').innerText(), /Searched for a neighbour\./)
  })
  await test('and reinstated', async () => {
    await send(page, 'Reinstate: the account may be used again')
    await expectState(page, 'In use')
  })
  await look('user-closed', async () => {
    await unfold(page, 'Close this account')
    await page.getByLabel('Why is it closed?').fill('Has left the post.')
    await send(page, 'Close the account')
    await expectState(page, 'Closed')
    assert.equal(await page.getByRole('button', { name: 'Record', exact: true }).count(), 0)
  })
  await look('user-new-errors', async () => {
    await page.goto('/manage/users/new')
    await page.getByLabel('Full name').fill('Nia Example')
    await page.getByLabel('User name').fill('nursery-nurse')
    await page.getByLabel('Job title').fill('Nursery nurse')
    await page.getByLabel('Practitioner', { exact: true }).check()
    await send(page, 'Ask for this account')
    assert.match(await page.locator('.govuk-error-summary').innerText(), /used before/)
    assert.equal(await page.getByLabel('Practitioner', { exact: true }).isChecked(), true)
  })
  await test('with another name it is asked for', async () => {
    await page.getByLabel('User name').fill('nia.example')
    await send(page, 'Ask for this account')
    await expectState(page, 'Asked for')
  })
}

async function declareFamily(page) {
  await test('page my account, with its checks', async () => {
    await page.goto('/account')
    assert.match(await page.locator('main').innerText(), /Criminal-record check/)
    await inspect(page, 'account-manager', { secrets: ['Adeyemi'] })
  })
  await test('what is declared of one\'s family is never shown again', async () => {
    await unfold(page, 'Give this')
    await page.getByLabel('Home postcode').fill('LS6 1AA')
    await page.getByLabel('Surnames').fill('Adeyemi, Thornbury')
    await page.locator('#relative_1_given').fill('Tolu')
    await page.locator('#relative_1_family').fill('Thornbury')
    await send(page, 'Give this')
    assert.match(await page.locator('.govuk-error-summary').innerText(), /date of birth/)
    await inspect(page, 'account-family-errors', { secrets: ['Thornbury'] })
    await fillDay(page, 'relative_1', ['9', '4', '2016'])
    await send(page, 'Give this')
    const text = await page.content()
    assert.match(text, /You have given this/)
    for (const given of ['LS6 1AA', 'Thornbury', 'Tolu'])
      assert.ok(!text.includes(given), `${given} is shown`)
  })
}

async function keepOrganisations(page) {
  const look = (name, work) => test(`page ${name}`, async () => {
    await work()
    await inspect(page, name)
  })
  await look('organisations', async () => {
    await page.goto('/admin/organisations')
    const rows = await page.locator('main tbody tr').allInnerTexts()
    const shares = rows.map(row => row.match(/(\d+) of \d+\s+(\d+) \((\d+) %\)/)).filter(Boolean)
    assert.ok(shares.length > 0)
    for (const [, users, staff, share] of shares)
      assert.equal(Number(share), Math.round(100 * users / staff)) // R3.7
  })
  await look('organisation', () => Promise.all([
    page.waitForNavigation(), page.getByRole('link', { name: 'Leeds Young Minds' }).click()]))
  await look('organisation-suspended', async () => {
    await page.getByLabel('Suspended: its people').check()
    await send(page, 'Save')
    await expectState(page, 'Suspended')
    await page.getByLabel('Suspended: its people').uncheck()
    await send(page, 'Save')
    await expectState(page, 'Accredited')
  })
  await look('organisation-new-errors', async () => {
    await page.goto('/admin/organisations/new')
    await page.getByLabel('Name', { exact: true }).fill('Ysgol y Bont')
    await page.getByLabel('Kind of service (optional)').selectOption({ label: 'Mental health' })
    await send(page, 'Save')
    assert.ok(await page.locator('.govuk-error-summary li').count() >= 3)
  })
  await look('policy', () => page.goto('/admin/policy'))
  await look('reasons', () => page.goto('/admin/reasons'))
}

/** A user manager and the national administrator of the demonstration. */
export async function manageStaff(browser, accounts) {
  const named = name => accounts.find(account => account.user_name === name)
  const manager = await open(browser)
  await test('a user manager signs in', () => signIn(manager.page, named('user-manager')))
  await manageUsers(manager.page)
  await declareFamily(manager.page)
  const administrator = await open(browser)
  await test('a national administrator signs in', () => signIn(administrator.page, named('administrator')))
  await keepOrganisations(administrator.page)
  for (const one of [manager, administrator]) {
    await test('nothing else was asked for, and nothing went wrong', () => one.watch.assertClean())
    await one.context.close()
  }
}
