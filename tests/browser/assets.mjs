/* What is served beside the pages: all there, cacheable, and free of what only gov.uk may use (service.md §3). */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'

import { checkCommonHeaders, open } from './support/browser.mjs'
import * as raw from './support/raw.mjs'
import { test } from './support/report.mjs'

const BRAND_BLUE = /#1d70b8|rgb\(29, 112, 184\)/i

/** Every address of an asset that a text names. */
function assetsIn(text) {
  return [...text.matchAll(/\/assets\/[A-Za-z0-9._/-]+/g)].map(([target]) => target)
}

async function collect() {
  const found = new Map()
  const queue = assetsIn((await raw.request('GET', '/')).body)
  while (queue.length > 0) {
    const target = queue.pop()
    if (found.has(target))
      continue
    const answer = await raw.request('GET', target)
    found.set(target, answer)
    queue.push(...assetsIn(answer.body))
  }
  return found
}

export async function lookAtAssets(browser) {
  const assets = await collect()
  await test('assets: each that a page or a style sheet names is there, with its headers', () => {
    assert.ok(assets.size >= 5, [...assets.keys()].join(' '))
    for (const [target, answer] of assets) {
      assert.equal(answer.status, 200, target)
      checkCommonHeaders(answer.headers)
      assert.match(answer.headers['cache-control'], /immutable/, target)
      assert.match(answer.headers['content-type'], /^(text\/(css|javascript)|image\/svg\+xml)/, target)
    }
  })
  await test('assets: no GDS Transport, crown, crest or font', () => {
    for (const [target, { body }] of assets) {
      assert.doesNotMatch(body, /GDS Transport|gds-transport|\.woff|@font-face/i, target)
      if (!target.endsWith('.js'))
        assert.doesNotMatch(body, /crown|crest|\bgovuk-logo/i, target)
    }
  })
  await test('assets: no brand blue in header, icon or theme colour', async () => {
    const { context, page } = await open(browser)
    await page.goto('/')
    const theme = await page.locator('meta[name=theme-color]').getAttribute('content')
    assert.doesNotMatch(theme, BRAND_BLUE)
    const colours = await page.locator('header, header *').evaluateAll(all => all.flatMap(element => {
      const style = getComputedStyle(element)
      return [style.backgroundColor, style.borderTopColor, style.borderBottomColor, style.fill]
    }))
    assert.ok(colours.length > 0)
    assert.ok(!colours.some(colour => BRAND_BLUE.test(colour)), 'brand blue in the header')
    for (const [target, { body }] of assets)
      if (target.endsWith('.svg'))
        assert.doesNotMatch(body, BRAND_BLUE, target)
    const fonts = await page.locator('body *').evaluateAll(all => all.map(one => getComputedStyle(one).fontFamily))
    assert.ok(fonts.every(font => !/transport/i.test(font)), 'GDS Transport is asked for')
    await context.close()
  })
  await test('assets: the one inline script is govuk-frontend\'s, by the hash that its makers publish', async () => {
    const { body, headers } = await raw.request('GET', '/')
    const inline = [...body.matchAll(/<script>([^]*?)<\/script>/g)]
    assert.equal(inline.length, 1)
    const hash = createHash('sha256').update(inline[0][1]).digest('base64')
    assert.equal(hash, 'GUQ5ad8JK5KmEWmROf3LZd9ge94daqNvd8xy9YS1iDw=')
    assert.ok(headers['content-security-policy'].includes(`'sha256-${hash}'`))
    assert.doesNotMatch(headers['content-security-policy'], /unsafe|\*|data:|http/)
  })
}
