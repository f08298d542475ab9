/* Debian's Chromium, watched: whatever a page asks for, logs or answers is kept, and the rules that hold for all
 * of them are checked at the end of each test. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'

import { chromium } from 'playwright-core'

import { base } from './house.mjs'
import { within } from './report.mjs'

/* The browser does not tell all of every answer when the page has moved on meanwhile. */
const TOLD_MS = 5_000

const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync']

export const chromiumPath = '/usr/bin/chromium'

export function launch(options = {}) {
  return chromium.launch({ executablePath: chromiumPath, args, ...options })
}

/* Chromium tells of every answer of 400 and more; the status itself is looked at below. */
function isStatusReport(text) {
  return text.startsWith('Failed to load resource: the server responded with a status of 4')
}

/* We offer no RSA to security keys, on purpose, and Chromium advises against that. */
function isAdvice(text) {
  return text.startsWith('publicKey.pubKeyCredParams is missing at least one of the default algorithm identifiers')
}

/** What went over the wire and wrong in one context. */
export class Watch {
  constructor(context) {
    this.urls = []
    this.documents = []
    this.problems = []
    this.loading = []
    context.on('request', request => this.asked(request))
    context.on('response', response => this.loading.push(this.answered(response)))
    context.on('console', message => {
      if ((message.type() === 'error' || message.type() === 'warning') &&
          !isStatusReport(message.text()) && !isAdvice(message.text()))
        this.problems.push(`console: ${message.text()}`)
    })
    context.on('weberror', error => this.problems.push(`script: ${error.error().message}`))
    context.on('dialog', dialog => {
      this.problems.push(`dialog: ${dialog.message()}`)
      dialog.dismiss().catch(() => {})
    })
  }

  asked(request) {
    const url = request.url()
    this.urls.push(url)
    if (!url.startsWith(`${base}/`) && url !== 'about:blank')
      this.problems.push(`asked elsewhere: ${url}`)
    if (request.isNavigationRequest() && request.method() === 'GET')
      this.documents.push(url)
  }

  async answered(response) {
    const request = response.request()
    try {
      if (request.resourceType() !== 'document') {
        if (response.status() !== 200)
          this.problems.push(`${response.status()} for ${response.url()}`)
        return
      }
      const headers = await within(TOLD_MS, response.allHeaders(), () => response.headers())
      checkPageHeaders(headers)
      if (response.status() >= 300 && response.status() < 400)
        return
      const html = await within(TOLD_MS, response.text(), () => '')
      checkInlineScripts(html, headers['content-security-policy'])
    } catch (error) {
      if (!/Target page, context or browser has been closed|No resource with given|No data found/.test(error.message))
        this.problems.push(`${response.url()}: ${error.message}`)
    }
  }

  /** Nothing went wrong, and nothing of `secrets` stands in any address that was asked for. */
  async assertClean(secrets = []) {
    await Promise.all(this.loading)
    assert.deepEqual(this.problems, [])
    for (const url of this.urls)
      for (const secret of secrets)
        assert.ok(!decodeURIComponent(url).toLowerCase().includes(secret.toLowerCase()),
          `an address holds what was typed: ${url}`)
  }
}

const policy = new RegExp("^default-src 'none'; script-src 'self' 'sha256-[A-Za-z0-9+/]{43}='; style-src 'self'; " +
  "img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$")

export function checkCommonHeaders(headers) {
  assert.equal(headers['strict-transport-security'], 'max-age=31536000')
  assert.equal(headers['x-content-type-options'], 'nosniff')
  assert.equal(headers['cross-origin-opener-policy'], 'same-origin')
  assert.equal(headers['cross-origin-resource-policy'], 'same-origin')
  assert.equal(headers['referrer-policy'], 'same-origin')
  assert.match(headers['content-security-policy'], policy)
  assert.match(headers['permissions-policy'], /camera=\(\).*geolocation=\(\)/)
  assert.equal(headers.server, undefined)
}

export function checkPageHeaders(headers) {
  checkCommonHeaders(headers)
  assert.equal(headers['cache-control'], 'no-store')
  assert.equal(headers['content-type'], 'text/html; charset=utf-8')
}

/** Every inline script of the page hashes to the one that the policy allows. */
export function checkInlineScripts(html, allowed) {
  for (const [, attributes, content] of html.matchAll(/<script([^>]*)>([^]*?)<\/script>/g)) {
    if (/\bsrc=/.test(attributes))
      continue
    const hash = createHash('sha256').update(content).digest('base64')
    assert.ok(allowed.includes(`'sha256-${hash}'`), 'an inline script is not the one whose hash is allowed')
  }
  assert.doesNotMatch(html.replace(/"[^"]*"/g, '""'), /<[a-z][^>]*\s(style|on[a-z]+)=/i)
}

/** A context that is watched. */
export async function open(browser, options = {}) {
  const context = await browser.newContext({ baseURL: base, locale: 'en-GB', viewport: { width: 1280, height: 900 },
    ...options })
  context.setDefaultTimeout(10_000)
  return { context, watch: new Watch(context), page: await context.newPage() }
}
