/* The service as a practitioner uses it: what is typed and clicked on each page. */
import assert from 'node:assert/strict'

import { token } from './house.mjs'

export async function offerPassword(page, account, password = account.password) {
  await page.goto('/sign-in')
  await page.getByLabel('User name').fill(account.user_name)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.waitForURL('**/sign-in/code')
}

export async function offerCode(page, account, code) {
  await page.getByLabel('PIN').fill(account.pin)
  await page.getByLabel('Code from your security token').fill(code)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** The yearly reminder, which stands before everything else at the first sign-in. */
export async function readTerms(page) {
  await page.waitForURL(url => !url.pathname.startsWith('/sign-in'))
  if (new URL(page.url()).pathname !== '/terms')
    return
  await page.getByLabel('I have read this, and act by it').check()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.waitForURL(url => url.pathname !== '/terms')
}

/** Two pages: user name and password, then PIN and code. */
export async function signIn(page, account) {
  await offerPassword(page, account)
  await offerCode(page, account, await token(account))
  await readTerms(page)
}

export async function signOut(page) {
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await page.waitForURL(url => url.pathname === '/')
}

export const working = 'I am working with this child'

/** Fills the search form: any of family, given, birth (as 2013-05-27), year, age, postcode, authority, number,
 *  similar, reason. */
export async function fillSearch(page, asked) {
  const [year, month, day] = (asked.birth ?? asked.year ?? '').split('-')
  const texts = { 'Family name': asked.family, 'Given names': asked.given, Day: day, Month: month, Year: year,
    'Or age': asked.age, Postcode: asked.postcode, 'Or a number': asked.number }
  if (asked.reason !== null)
    await page.getByRole('radio', { name: asked.reason ?? working }).check()
  for (const [label, text] of Object.entries(texts))
    if (text)
      await page.getByLabel(label, { exact: true }).fill(text)
  if (asked.authority)
    await page.getByLabel('Local authority').selectOption({ label: asked.authority })
  if (asked.similar)
    await page.getByLabel('Include similar names').check()
}

export async function search(page, asked) {
  await page.goto('/find')
  await fillSearch(page, asked)
  await page.getByRole('button', { name: 'Search', exact: true }).click()
}

/** The links of the results, as people read them. */
export function results(page) {
  return page.locator('.app-results tbody a')
}

/** Searches and opens the result whose row shows `known`. */
export async function openChild(page, asked, known) {
  await search(page, asked)
  const row = page.locator('.app-results tbody tr').filter({ hasText: known })
  assert.equal(await row.count(), 1, `one result shows ${known}`)
  await row.getByRole('link').click()
  await page.waitForURL('**/children/*')
}

/** The card with this title, on the page of contacts. */
export function card(page, title) {
  return page.locator('.app-card').filter({ has: page.getByRole('heading', { name: title, exact: true }) })
}

export async function fillDate(page, date) {
  const [year, month, day] = date.split('-')
  await page.getByLabel('Day').fill(day)
  await page.getByLabel('Month').fill(month)
  await page.getByLabel('Year').fill(year)
}

/** 2013-05-27 as pages write it. */
export function words(date) {
  return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
    .format(new Date(date))
}
