/* What must not get in: cases 2, 18 and 30, over raw connections and from a page of another site. */
import assert from 'node:assert/strict'
import http from 'node:http'

import { checkCommonHeaders, checkPageHeaders } from './support/browser.mjs'
import { base } from './support/house.mjs'
import * as raw from './support/raw.mjs'
import { test } from './support/report.mjs'
import { formOf, unknownId, webOperations } from './support/tables.mjs'

export async function refuseStrangers() {
  const operations = webOperations().filter(one => one.strength !== 'PUBLIC')
  assert.ok(operations.length >= 12)
  for (const { name, method, path } of operations)
    for (const cookie of [undefined, `__Host-session=${unknownId}`])
      await test(`case_02 ${name} ${cookie ? 'with an unknown session' : 'without a session'}`, async () => {
        const form = method === 'POST' ? formOf(name) : undefined
        const answer = await raw.request(method, path, { headers: { ...raw.sameSite, Cookie: cookie }, form })
        if (method === 'GET') {
          assert.equal(answer.status, 303)
          assert.equal(answer.headers.location, '/sign-in')
        } else {
          assert.ok([401, 403].includes(answer.status), `status ${answer.status}`)
        }
        checkPageHeaders(answer.headers)
        assert.doesNotMatch(answer.body, /Smith/)
      })
}

async function sessionOf(session) {
  const cookies = await session.context.cookies()
  const header = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  await session.page.goto('/find')
  return { header, token: await session.page.locator('main input[name=form_token]').inputValue() }
}

export async function refuseForgeries(session) {
  const { header, token } = await sessionOf(session)
  const post = (path, form, headers = {}) => raw.request('POST', path,
    { headers: { Cookie: header, ...raw.sameSite, ...headers }, form })
  const search = formOf('child_find')
  await test('case_18: the same form with its token and from our site is taken', async () => {
    assert.equal((await post('/find', { ...search, form_token: token })).status, 303)
  })
  for (const { name, path } of webOperations().filter(one => one.method === 'POST' && one.strength !== 'PUBLIC')) {
    const wrongs = {
      'no token': [{}, {}],
      'an empty token': [{ form_token: '' }, {}],
      'a changed token': [{ form_token: token.slice(0, -1) + (token.endsWith('0') ? '1' : '0') }, {}],
      'another site as origin': [{ form_token: token }, { Origin: 'http://evil.example' }],
      'our name at another port as origin': [{ form_token: token }, { Origin: 'http://localhost:1' }],
      'origin null': [{ form_token: token }, { Origin: 'null' }],
      'a cross-site fetch': [{ form_token: token }, { 'Sec-Fetch-Site': 'cross-site' }],
      'a same-site fetch from another port': [{ form_token: token }, { 'Sec-Fetch-Site': 'same-site' }],
      'neither origin nor fetch metadata': [{ form_token: token }, { Origin: undefined, 'Sec-Fetch-Site': undefined }],
    }
    for (const [what, [fields, headers]] of Object.entries(wrongs))
      await test(`case_18 ${name} with ${what}`, async () => {
        const answer = await post(path, { ...formOf(name), ...fields }, headers)
        assert.equal(answer.status, 403)
        checkPageHeaders(answer.headers)
      })
  }
  await test('case_18: still signed in after all of them', async () => {
    const answer = await raw.request('GET', '/find', { headers: { Cookie: header } })
    assert.equal(answer.status, 200)
  })
}

/** A page of another site that sends our forms. */
export async function refuseOtherSites(session) {
  const targets = webOperations().filter(one => one.method === 'POST')
  const server = http.createServer((request, response) => {
    const target = targets.find(one => request.url === `/to/${one.name}`)
    const fields = Object.entries({ ...formOf(target?.name), form_token: '0' })
      .map(([name, value]) => `<input name="${name}" value="${value}">`)
    response.setHeader('Content-Type', 'text/html; charset=utf-8')
    response.end(`<!DOCTYPE html><title>Elsewhere</title><form method="post" action="${base}${target?.path}">
      ${fields.join('')}<button>Win a prize</button></form>`)
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  const elsewhere = `http://127.0.0.1:${server.address().port}`
  try {
    for (const { name, path } of targets)
      await test(`case_18 ${name} from a page of another site`, async () => {
        const page = await session.context.newPage()
        await page.goto(`${elsewhere}/to/${name}`)
        const answered = page.waitForResponse(`${base}${path}`)
        await page.getByRole('button').click()
        const answer = await answered
        assert.ok([401, 403].includes(answer.status()), `status ${answer.status()}`)
        assert.equal((await answer.request().allHeaders()).cookie, undefined, 'the cookie stays at home')
        await page.close()
      })
    await test('case_18: the session survived the other site', async () => {
      await session.page.goto('/find')
      assert.equal(new URL(session.page.url()).pathname, '/find')
    })
  } finally {
    server.close()
  }
  /* What the other site asked for is no fault of ours. */
  session.watch.problems = session.watch.problems.filter(problem => !problem.includes(elsewhere))
}

const traversals = ['/../etc/passwd', '/assets/../../etc/passwd', '/assets/..%2f..%2fetc/passwd', '/assets/%2e%2e/x',
  '/assets/%2e%2e%2f%2e%2e%2fetc%2fpasswd', '/assets/..%5c..%5cetc%5cpasswd', '/assets/..\\..\\etc\\passwd',
  '/assets/....//....//etc/passwd', '/assets/%252e%252e/etc/passwd', '/assets/%c0%ae%c0%ae/etc/passwd',
  '/./assets/icon.svg', '/assets/./icon.svg', '/assets//icon.svg', '//etc/passwd', '/assets/', '/assets',
  '/assets/icon.svg%00.html', '/find%00', '/%', '/%zz', '/assets/contactpoint.css/', '/contactpoint.db', '/vault.key',
  '/children/../account', '/children/%2e%2e/account', `/children/${unknownId}%2fdetails`, `/children/${unknownId}/`,
  '/find/..',
  '/.git/config', '/children/..;/account']

const methods = [
  ['TRACE', '/', [405]], ['OPTIONS', '/find', [405]], ['PUT', '/find', [405]], ['PATCH', '/account', [405]],
  ['DELETE', `/children/${unknownId}`, [405]], ['GET', '/sign-out', [405]], ['POST', '/account', [405]],
  ['POST', '/assets/icon.svg', [404, 405]], ['CONNECT', 'evil.example:443', [400, 404, 405]],
  ['GET', 'http://evil.example/', [400, 404, 421]], ['GET', `${base}/find`, [400, 404]],
]

export async function refuseWanderers() {
  for (const target of traversals)
    await test(`case_30 ${target}`, async () => {
      const answer = await raw.request('GET', target)
      assert.ok([400, 404].includes(answer.status), `status ${answer.status}`)
      checkPageHeaders(answer.headers)
      assert.doesNotMatch(answer.body, /root:|passwd|govuk-template \{/)
    })
  for (const [method, target, statuses] of methods)
    await test(`case_30 ${method} ${target}`, async () => {
      const answer = await raw.request(method, target)
      assert.ok(statuses.includes(answer.status), `status ${answer.status}`)
      checkCommonHeaders(answer.headers)
      assert.doesNotMatch(answer.body, /evil\.example/)
    })
  await test('case_30 TRACE echoes nothing', async () => {
    const answer = await raw.request('TRACE', '/', { headers: { Cookie: '__Host-session=secret' } })
    assert.doesNotMatch(answer.body, /secret/)
  })
  await test('case_30 another host name is refused', async () => {
    assert.equal((await raw.request('GET', '/', { headers: { Host: 'evil.example' } })).status, 421)
  })
}
