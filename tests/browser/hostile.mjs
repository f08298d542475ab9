/* case_26: hostile text in every place that a feed or a form fills is shown as text, and nothing of it runs. */
import assert from 'node:assert/strict'

import { open } from './support/browser.mjs'
import * as people from './support/people.mjs'
import { test } from './support/report.mjs'
import * as service from './support/service.mjs'

/** What a reader sees for a text: runs of blanks as one. */
function seen(text) {
  return text.replace(/\s+/g, ' ').trim()
}

async function assertShown(page, text, times) {
  const body = seen(await page.locator('main').innerText())
  const count = body.split(seen(text)).length - 1
  assert.ok(count >= times, `shown ${count} times instead of ${times}: ${text}`)
}

/** Nothing on the page came from data: no element, attribute or frame that our templates do not have. */
async function assertInert(page) {
  const strange = await page.evaluate(() => [...document.querySelectorAll('*')].filter(element =>
    ['IFRAME', 'OBJECT', 'EMBED', 'BASE', 'MATH', 'STYLE', 'IMG'].includes(element.tagName) ||
    element.matches('meta[http-equiv]') ||
    [...element.attributes].some(({ name, value }) => name.startsWith('on') || ['style', 'autofocus'].includes(name) ||
      (['href', 'src', 'action'].includes(name) && !/^(\/[^/]|\/$|#|tel:[+0-9]*$)/.test(value))) ||
    (element.tagName === 'SCRIPT' && element.src === '' && !element.textContent.startsWith('document.body.className')))
    .map(element => element.outerHTML.slice(0, 120)))
  assert.deepEqual(strange, [])
  assert.equal(await page.evaluate(() => [...document.scripts].length), 2)
}

async function lookAtRecord(page, one) {
  await service.openChild(page, { given: one.given, birth: one.birth }, one.given)
  await assertShown(page, one.text, 4) /* name, known as, school, practice, service, person, job */
  await assertInert(page)
  const contacts = page.url()
  await page.goto(`${contacts}/details`)
  await assertShown(page, one.text, 4)
  await assertInert(page)
  await page.goto(`${contacts}/involvements/new`)
  await assertShown(page, one.text, 1)
  await assertInert(page)
}

export async function meetHostileText(session) {
  const { page, watch } = session
  for (const one of people.hostile)
    await test(`case_26 stored: ${one.text}`, () => lookAtRecord(page, one))
  for (const text of people.hostileTexts)
    await test(`case_26 typed: ${text}`, async () => {
      await page.goto('/find')
      await service.fillSearch(page, { family: text, given: text, postcode: text.slice(0, 12),
        number: text.slice(0, 40), year: '2012', reason: 'Something else' })
      await page.getByLabel('Say what').fill(text)
      await page.getByRole('button', { name: 'Search', exact: true }).click()
      await page.locator('.govuk-error-summary').waitFor()
      assert.equal(await page.getByLabel('Family name').inputValue(), text)
      assert.equal(await page.getByLabel('Given names').inputValue(), text)
      assert.equal(await page.getByLabel('Say what').inputValue(), text)
      await assertInert(page)
      await service.search(page, { family: text, year: '1999' })
      await assertInert(page)
    })
  await test('case_26: no dialog, no report of the content security policy, nothing from elsewhere', () =>
    watch.assertClean())
}

export async function meetHostileSignIn(browser) {
  const { context, watch, page } = await open(browser)
  for (const text of people.hostileTexts.slice(0, 4))
    await test(`case_26 typed as a user name: ${text}`, async () => {
      await page.goto('/sign-in')
      await page.getByLabel('User name').fill(text)
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.locator('.govuk-error-summary').waitFor()
      assert.equal(await page.getByLabel('User name').inputValue(), text)
      await assertInert(page)
    })
  await test('case_26 typed before signing in: nothing ran', () => watch.assertClean())
  await context.close()
}
