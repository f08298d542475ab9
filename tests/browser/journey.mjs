/* The main job from end to end, with script and without: sign in, find, see who works with the child, record one's
 * own involvement, find it again, end it, sign out. */
import assert from 'node:assert/strict'

import { open } from './support/browser.mjs'
import * as service from './support/service.mjs'
import { test } from './support/report.mjs'

/* service.md §4: how fast people type, and how long each decision takes them. */
const KEY_MS = 280
const DECISION_MS = 1350
const TARGET_MS = 20_000

/* What each of the two records; the name of the service tells their cards apart. */
const involvements = {
  script: { service: 'Meadow Lane Family Centre', job: 'Family support worker', phone: '01632 960188',
    email: 'family.centre@support.example' },
  plain: { service: 'Canal Road Play Project', job: 'Play worker', phone: '01632 960189',
    email: 'play@support.example' },
}

/** Counts what a practitioner commits to: a reason chosen, a page submitted, a link followed. */
class Commits {
  made = []

  async make(what, action) {
    this.made.push(what)
    await action()
  }
}

/** A name as somebody writes it who has only heard it: one letter is lost. */
export function misspell(name) {
  const at = Math.floor(name.length / 2)
  return name.slice(0, at) + name.slice(at + 1)
}

function secretsOf({ health, education, everybody }, own) {
  const day = health.birth_date
  const numbers = ['nhs_number', 'upn', 'uln', 'child_benefit', 'youth_justice', 'social_care']
  return [health.family, misspell(health.family), health.given, day, day.slice(0, 7), health.postcode,
    health.postcode.replace(' ', ''), education.school_name, own.service, own.phone,
    ...everybody.flatMap(row => numbers.map(number => row[number]))].filter(secret => secret !== '')
}

async function type(page, label, text) {
  await page.getByLabel(label, { exact: true }).pressSequentially(text, { delay: KEY_MS })
}

/** Three pages, three commits; returns the milliseconds that a practical typist needs. */
async function findByName(page, watch, child, decide) {
  const [year, month, day] = child.birth_date.split('-')
  const commits = new Commits()
  const before = watch.documents.length
  const start = performance.now()
  await decide()
  await commits.make('reason', () => page.getByRole('radio', { name: service.working }).check())
  await type(page, 'Family name', misspell(child.family))
  await type(page, 'Given names', child.given)
  await type(page, 'Day', String(Number(day)))
  await type(page, 'Month', String(Number(month)))
  await type(page, 'Year', year)
  await page.getByLabel('Include similar names').check()
  await commits.make('search', () => page.getByRole('button', { name: 'Search', exact: true }).click())
  await page.waitForURL(/\/find\/[0-9a-z]{26}$/)
  await decide()
  const row = page.locator('.app-results tbody tr').filter({ hasText: child.family }).filter({ hasText: child.given })
    .filter({ hasText: service.words(child.birth_date) })
  await decide()
  await commits.make('open', () => row.first().getByRole('link').click())
  await page.waitForURL(/\/children\/[0-9a-z]{26}$/)
  await decide()
  assert.ok(await page.locator('.app-card a[href^="tel:"]').first().isVisible())
  const took = performance.now() - start
  const pages = ['find', ...watch.documents.slice(before)]
  assert.equal(pages.length, 3, `pages: ${pages.join(' ')}`)
  assert.ok(commits.made.length <= 3, commits.made.join(' '))
  return took
}

async function seeContacts(page, found) {
  const heading = page.getByRole('heading', { level: 1 })
  assert.ok((await heading.innerText()).includes(found.health.family))
  const school = service.card(page, 'Education')
  assert.ok((await school.innerText()).includes(found.education.school_name), 'the school is shown')
  const practice = service.card(page, 'GP practice')
  assert.ok((await practice.innerText()).includes(found.health.gp_name), 'the GP practice is shown')
  const cards = await page.locator('.app-cards').first().innerText()
  for (const row of found.services)
    assert.ok(cards.includes(row.service) && cards.includes(row.practitioner) && cards.includes(row.phone),
      `${row.service_kind} is shown with whom to ring`)
}

/** Two pages: a number that fits one child opens it at once. */
async function findByNumber(page, watch, number) {
  await page.goto('/find')
  const before = watch.documents.length
  await service.fillSearch(page, { number })
  await page.getByRole('button', { name: 'Search', exact: true }).click()
  await page.waitForURL(/\/children\/[0-9a-z]{26}$/)
  assert.equal(['find', ...watch.documents.slice(before)].length, 2)
}

function today() {
  return new Date().toISOString().slice(0, 10)
}

async function recordInvolvement(page, own) {
  await page.getByRole('button', { name: 'Record that I work with this child' }).click()
  await page.waitForURL('**/involvements/new')
  await page.getByLabel('Kind of service').selectOption({ label: 'Family support' })
  await page.getByLabel('Name of your service').fill(own.service)
  await page.getByLabel('Your role').fill(own.job)
  await page.getByLabel('Telephone number at work').fill(own.phone)
  await page.getByLabel('Email address at work (optional)').fill(own.email)
  await service.fillDate(page, today())
  await page.getByRole('button', { name: 'Record', exact: true }).click()
  await page.waitForURL(/\/children\/[0-9a-z]{26}$/)
}

function ownCard(page, own) {
  return page.locator('.app-card').filter({ hasText: own.service })
}

async function endInvolvement(page, own) {
  await ownCard(page, own).getByRole('link', { name: 'End your involvement' }).click()
  await page.waitForURL(/\/involvements\/[0-9a-z]{26}$/)
  await service.fillDate(page, today())
  await page.getByRole('button', { name: 'End my involvement' }).click()
  await page.waitForURL(/\/children\/[0-9a-z]{26}$/)
}

async function seeOwnLooks(page) {
  await page.getByRole('link', { name: 'My account' }).click()
  await page.waitForURL('**/account')
  const looks = page.locator('.app-looks tbody tr')
  assert.ok(await looks.count() >= 4, 'each look is listed')
  assert.ok((await looks.first().innerText()).includes(service.working))
}

/** The journey of one account in one context. */
export async function travel(browser, account, found, { script }) {
  const { context, watch, page } = await open(browser, { javaScriptEnabled: script })
  const decide = () => page.waitForTimeout(script ? DECISION_MS : 0)
  const name = script ? 'with script' : 'without script'
  const child = found.health
  const own = involvements[script ? 'script' : 'plain']
  let number
  await test(`journey ${name}: signs in on two pages`, async () => {
    await service.signIn(page, account)
    assert.equal(new URL(page.url()).pathname, '/find')
    const paths = watch.documents.map(url => new URL(url).pathname)
    assert.deepEqual(paths, ['/sign-in', '/sign-in/code', '/terms', '/find'], 'the yearly reminder among them')
  })
  await test(`journey ${name}: three pages from a misspelt name to a telephone number`, async () => {
    const took = await findByName(page, watch, child, decide)
    console.log(`journey.${script ? 'script' : 'plain'} ${Math.round(took)} ms`)
    assert.ok(took <= TARGET_MS, `${took} ms`)
    await seeContacts(page, found)
    number = (await page.locator('.app-identity__number').innerText()).trim()
    assert.match(number, /^CP-[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z*]$/)
  })
  await test(`journey ${name}: two pages by number`, async () => {
    await findByNumber(page, watch, number)
    await seeContacts(page, found)
  })
  await test(`journey ${name}: records an involvement and finds it again`, async () => {
    await recordInvolvement(page, own)
    await service.openChild(page, { family: child.family, birth: child.birth_date }, child.given)
    const text = await ownCard(page, own).innerText()
    for (const said of [own.job, own.phone, own.email, service.words(today())])
      assert.ok(text.includes(said), `${said} is shown`)
  })
  await test(`journey ${name}: ends the involvement`, async () => {
    await endInvolvement(page, own)
    assert.equal(await ownCard(page, own).getByRole('link', { name: 'End your involvement' }).count(), 0)
    await page.getByText('Past involvements').click()
    assert.ok((await ownCard(page, own).innerText()).includes('Until'))
  })
  await test(`journey ${name}: sees its own looks`, () => seeOwnLooks(page))
  await test(`journey ${name}: after signing out, Back shows nothing`, async () => {
    await service.openChild(page, { family: child.family, birth: child.birth_date }, child.given)
    await service.signOut(page)
    assert.deepEqual(await context.cookies(), [])
    await seeNothingBack(page, [child.family, child.given])
  })
  await test(`journey ${name}: no name, date or number in any address, nothing from elsewhere, no complaint`, () =>
    watch.assertClean([...secretsOf(found, own), number]))
  await context.close()
}

/** Back, page by page, leads to signing in and never to anything about a child. */
export async function seeNothingBack(page, secrets) {
  for (let i = 0; i < 4; i++) {
    await page.goBack()
    const text = await page.locator('body').innerText()
    const html = await page.content()
    for (const secret of secrets)
      assert.ok(!text.includes(secret) && !html.includes(secret), `Back shows ${secret} at ${page.url()}`)
    assert.equal(await page.locator('.app-identity, .app-results, .app-looks').count(), 0)
  }
}
