/* Every page in every state: accessible by axe, whole at 320 pixels, kept as pictures under build/screenshots/. */
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { AxeBuilder } from '@axe-core/playwright'

import { open } from './support/browser.mjs'
import { screenshots } from './support/house.mjs'
import * as people from './support/people.mjs'
import { test } from './support/report.mjs'
import * as service from './support/service.mjs'
import { unknownId } from './support/tables.mjs'

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
const widths = [1280, 320]

async function assertAccessible(page, name) {
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze()
  const told = violations.map(one => `${one.id}: ${one.nodes.map(node => node.html.slice(0, 150)).join(' | ')}`)
  assert.deepEqual(told, [], `axe on ${name}`)
}

async function assertNoOverflow(page) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  assert.ok(over <= 0, `${over} pixels stand out to the right`)
}

/** One page as it now stands: axe and a picture at each width, one h1, a title that names nobody. */
export async function inspect(page, name, { secrets = [] } = {}) {
  const problems = []
  await page.mouse.move(0, 0) /* nothing looks hovered over */
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 })
    try {
      await assertAccessible(page, `${name} at ${width}`)
      await assertNoOverflow(page)
    } catch (error) {
      problems.push(`${width}: ${error.message}`)
    }
    await page.screenshot({ path: join(screenshots, `${name}-${width}.png`), fullPage: true })
  }
  await page.setViewportSize({ width: widths[0], height: 900 })
  const title = await page.title()
  assert.match(title, / – ContactPoint$/)
  for (const secret of secrets)
    assert.ok(!title.includes(secret), `the title names ${secret}`)
  assert.equal(await page.locator('h1').count(), 1, 'one main heading')
  assert.equal(await page.locator('html[lang=en]').count(), 1)
  assert.deepEqual(problems, [])
}

/** Errors stand in a summary on top that links to their fields, and in the title. */
async function assertErrors(page, count) {
  assert.match(await page.title(), /^Error: /)
  const links = page.locator('.govuk-error-summary a')
  assert.ok(await links.count() >= count, 'the summary lists each error')
  for (const href of await links.evaluateAll(all => all.map(link => link.getAttribute('href'))))
    assert.equal(await page.locator(href).count(), 1, `${href} is on the page`)
}

export async function lookSignedOut(browser, account) {
  mkdirSync(screenshots, { recursive: true })
  const { context, watch, page } = await open(browser)
  const look = (name, work, options) => test(`page ${name}`, async () => {
    await work()
    await inspect(page, name, options)
  })
  await look('home', () => page.goto('/'))
  await look('sign-in', () => page.goto('/sign-in'))
  await look('sign-in-empty', async () => {
    await page.getByRole('button', { name: 'Continue' }).click()
    await assertErrors(page, 2)
  })
  await look('code', () => service.offerPassword(page, account))
  await look('code-empty', async () => {
    await page.getByRole('button', { name: 'Sign in' }).click()
    await assertErrors(page, 2)
  })
  await look('code-wrong', async () => {
    await service.offerPassword(page, account, 'not the password of anybody')
    await service.offerCode(page, account, '000000')
    await page.locator('.govuk-error-summary, h1').first().waitFor()
    assert.match(await page.locator('main').innerText(), /does not sign you in/)
  })
  await look('not-found', async () => {
    const answer = await page.goto('/nothing-here')
    assert.equal(answer.status(), 404)
  })
  await look('not-signed-in', async () => {
    await page.goto('/find')
    assert.equal(new URL(page.url()).pathname, '/sign-in')
  })
  await test('pages signed out: nothing from elsewhere, every asset there, no complaint', () => watch.assertClean())
  await context.close()
}

async function lookAtFind(page, look) {
  await look('find', () => page.goto('/find'))
  await look('find-filled', () => service.fillSearch(page, { ...people.shown, postcode: 'LS6 4QT' }))
  await look('find-empty', async () => {
    await page.goto('/find')
    await page.getByRole('button', { name: 'Search', exact: true }).click()
    await assertErrors(page, 2)
  })
  await look('find-errors', async () => {
    await page.goto('/find')
    await service.fillSearch(page, { family: 'Penhaligon', birth: '2013-02-31', age: 'ten', number: '9434765910',
      reason: 'Something else' })
    await page.getByRole('button', { name: 'Search', exact: true }).click()
    await assertErrors(page, 3)
    assert.equal(await page.getByLabel('Family name').inputValue(), 'Penhaligon', 'what was typed stays')
  })
}

async function lookAtResults(page, look) {
  const { several, tooMany, shown } = people
  await look('results-none', async () => {
    await service.search(page, { family: 'Nobodyatall', birth: '2012-05-04' })
    await page.getByRole('heading', { name: 'No child found' }).waitFor()
  })
  await look('results-too-many', async () => {
    await service.search(page, { family: tooMany.family, year: tooMany.year })
    await page.getByRole('heading', { name: 'More than 10 children match' }).waitFor()
    assert.equal(await service.results(page).count(), 0, 'over ten, none is shown')
  })
  await look('results-several', async () => {
    await service.search(page, { family: several.family, year: several.year })
    await page.getByRole('heading', { name: '2 children found' }).waitFor()
    assert.equal(await service.results(page).count(), 2)
  })
  await look('results-one', async () => {
    await service.search(page, shown)
    await page.getByRole('heading', { name: '1 child found' }).waitFor()
  }, { secrets: [shown.family] })
}

async function lookAtChild(page, look) {
  const { shown, several } = people
  const secrets = { secrets: [shown.family, shown.given, 'Harri'] }
  let contacts
  await look('contacts', async () => {
    await service.results(page).first().click()
    await page.waitForURL('**/children/*')
    contacts = page.url()
    assert.ok(await page.locator('.app-card').count() >= 6)
  }, secrets)
  await look('contacts-past-open', () => page.getByText('Past involvements').click(), secrets)
  await look('details', async () => {
    await page.getByRole('link', { name: 'Details' }).click()
    await page.waitForURL('**/details')
    await page.getByText('ap Rhys').first().waitFor()
  }, secrets)
  await look('involvement-new', async () => {
    await page.goto(`${contacts}/involvements/new`)
    for (const label of ['Name of your service', 'Your role', 'Telephone number at work'])
      assert.notEqual(await page.getByLabel(label).inputValue(), '', `${label} is known already`)
  }, secrets)
  await look('involvement-new-errors', async () => {
    for (const label of ['Name of your service', 'Your role', 'Telephone number at work'])
      await page.getByLabel(label).fill('')
    await service.fillDate(page, '2013-02-31')
    await page.getByRole('button', { name: 'Record', exact: true }).click()
    await assertErrors(page, 4)
  }, secrets)
  await look('contacts-own', async () => {
    await page.goto(`${contacts}/involvements/new`)
    await page.getByLabel('Kind of service').selectOption({ label: 'Family support' })
    await page.getByLabel('Name of your service').fill('Leeds Family Support')
    await page.getByLabel('Your role').fill('Family support worker')
    await page.getByLabel('Telephone number at work').fill('01632 960116')
    await service.fillDate(page, '2026-09-01')
    await page.getByRole('button', { name: 'Record', exact: true }).click()
    await page.waitForURL(contacts)
    await page.getByText('This is you').waitFor()
  }, secrets)
  await look('involvement', async () => {
    await page.getByRole('link', { name: 'End your involvement' }).click()
    await page.waitForURL('**/involvements/*')
  }, secrets)
  await look('involvement-errors', async () => {
    await service.fillDate(page, '2013-02-31')
    await page.getByRole('button', { name: 'End my involvement' }).click()
    await assertErrors(page, 1)
  }, secrets)
  await look('reason', async () => {
    await service.search(page, { family: several.family, year: several.year })
    await service.results(page).first().click()
    await page.waitForURL('**/children/*')
    await page.goBack()
    await service.results(page).last().click()
    await page.waitForURL('**/children/*')
    await page.getByText('Why are you opening this record?').waitFor()
    assert.equal(await page.locator('.app-identity').count(), 0, 'nothing of the second record is shown')
  }, { secrets: [several.family] })
  await look('reason-errors', async () => {
    await page.getByRole('button', { name: 'Continue' }).click()
    await assertErrors(page, 1)
  })
  await look('reason-other', async () => {
    await page.getByRole('radio', { name: 'Something else' }).check()
    await page.getByLabel('Say what').fill('x')
    await page.getByRole('button', { name: 'Continue' }).click()
    await assertErrors(page, 1)
  })
  await test('page reason: a reason that says something opens the record', async () => {
    await page.getByLabel('Say what').fill('Asked by the school to check the contact')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.locator('.app-identity').waitFor()
  })
}

async function lookAtUnusualNames(page, look) {
  for (const one of people.unusual) {
    const name = one.kind.replace(' ', '-').toLowerCase()
    await look(`contacts-${name}`, async () => {
      await service.search(page, { family: one.family, given: one.given, birth: one.birth })
      await service.results(page).first().click()
      await page.waitForURL('**/children/*')
      const heading = await page.getByRole('heading', { level: 1 }).innerText()
      assert.ok(heading.includes(one.family) && heading.includes(one.given), `shown as typed: ${heading}`)
    }, { secrets: [one.family] })
  }
}

/** Pages and states of a signed-in practitioner; the session stays. */
export async function lookSignedIn(session) {
  const { watch, page } = session
  const look = (name, work, options) => test(`page ${name}`, async () => {
    await work()
    await inspect(page, name, options)
  })
  await look('home-signed-in', () => page.goto('/'))
  await lookAtFind(page, look)
  await lookAtResults(page, look)
  await lookAtChild(page, look)
  await lookAtUnusualNames(page, look)
  await look('account', () => page.goto('/account'))
  await look('not-found-signed-in', async () => {
    await page.goto(`/children/${unknownId}`)
    await page.getByRole('radio', { name: service.working }).check()
    const answered = page.waitForResponse(response => response.status() === 404)
    await page.getByRole('button', { name: 'Continue' }).click()
    await answered
    await page.getByRole('heading', { name: 'Page not found' }).waitFor()
  })
  await look('forbidden', async () => {
    await page.goto('/find')
    await service.fillSearch(page, people.shown)
    await page.locator('main input[name=form_token]').evaluate(input => { input.value = 'stale' })
    const answered = page.waitForResponse(response => response.request().method() === 'POST')
    await page.getByRole('button', { name: 'Search', exact: true }).click()
    assert.equal((await answered).status(), 403)
  })
  await test('pages signed in: nothing from elsewhere, every asset there, no complaint, no name in an address', () =>
    watch.assertClean(['Penhaligon', 'Angharad', 'Twofold', 'Elevenfold', 'Thandolwethu', '2013-05', 'LS6']))
}

/** The picture of the README: a synthetic child's first four contacts. */
export async function drawPicture(session, path) {
  const { page } = session
  await page.setViewportSize({ width: 1100, height: 900 })
  await service.openChild(page, people.shown, people.shown.family)
  await page.mouse.move(0, 0)
  const last = await page.locator('.app-card').nth(3).boundingBox()
  await page.screenshot({ path, fullPage: true,
    clip: { x: 0, y: 0, width: 1100, height: Math.ceil(last.y + last.height) + 10 } })
  await page.setViewportSize({ width: widths[0], height: 900 })
}
