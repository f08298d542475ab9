/* case_21 in the browser that people have: with its back/forward cache on, Back after signing out shows nothing. */
import assert from 'node:assert/strict'

import { launch, open } from './support/browser.mjs'
import * as people from './support/people.mjs'
import { test } from './support/report.mjs'
import * as service from './support/service.mjs'
import { seeNothingBack } from './journey.mjs'

export async function leave(session) {
  const cookies = await session.context.cookies()
  const browser = await launch({ ignoreDefaultArgs: ['--disable-back-forward-cache'] })
  const { context, watch, page } = await open(browser)
  await context.addCookies(cookies)
  const second = await context.newPage()
  await test('case_21: cookies are bound to this host, to its pages and to nobody\'s script', () => {
    assert.ok(cookies.length > 0)
    for (const cookie of cookies) {
      assert.match(cookie.name, /^__Host-/)
      assert.ok(cookie.secure && cookie.httpOnly && cookie.sameSite === 'Strict' && cookie.path === '/')
      assert.equal(cookie.expires, -1, 'gone with the browser')
    }
  })
  await test('case_21: after signing out, Back shows nothing, even from the cache of whole pages', async () => {
    await service.openChild(page, people.shown, people.shown.family)
    await page.getByRole('link', { name: 'Details' }).click()
    await page.waitForURL('**/details')
    await page.goto('/account')
    await service.signOut(page)
    await seeNothingBack(page, [people.shown.family, people.shown.given])
  })
  await test('case_21: another window of the same browser is signed out too', async () => {
    await second.goto('/find')
    assert.equal(new URL(second.url()).pathname, '/sign-in')
  })
  await test('case_21: the session is over on the server, whoever still holds the cookie', async () => {
    await context.addCookies(cookies)
    await page.goto('/find')
    assert.equal(new URL(page.url()).pathname, '/sign-in')
  })
  await test('case_21: nothing is kept: no storage, no service worker', async () => {
    await page.goto('/')
    const kept = await page.evaluate(async () => ({ local: localStorage.length, session: sessionStorage.length,
      caches: (await caches.keys()).length, workers: (await navigator.serviceWorker.getRegistrations()).length }))
    assert.deepEqual(kept, { local: 0, session: 0, caches: 0, workers: 0 })
    await watch.assertClean()
  })
  await browser.close()
}
