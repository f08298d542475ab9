/* The server under test, as `tests/browser/run` set it up. */
import { execFileSync } from 'node:child_process'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

function setting(name) {
  const value = process.env[name]
  if (!value)
    throw new Error(`${name} is not set: start with tests/browser/run`)
  return value
}

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..')
export const base = setting('BROWSER_TEST_BASE')
export const feeds = setting('BROWSER_TEST_FEEDS')
export const screenshots = resolve(root, 'build/screenshots')
const program = setting('BROWSER_TEST_PROGRAM')
const state = setting('BROWSER_TEST_STATE')

/** The demonstration's accounts, in the order in which they are printed: user_name, password, pin. */
export const accounts = JSON.parse(setting('BROWSER_TEST_ACCOUNTS'))

const STEP_MS = 30_000
const MARGIN_MS = 4_000
const used = new Map()

function sleep(ms) {
  return new Promise(resolve => setTimeout(resolve, ms))
}

/** The code that the account's token shows.  Each code works once, and late in its step it may be too late: then
 *  waits for the next. */
export async function token(account) {
  const left = STEP_MS - (Date.now() % STEP_MS)
  if (used.get(account) === Math.floor(Date.now() / STEP_MS) || left < MARGIN_MS)
    await sleep(left + 200)
  used.set(account, Math.floor(Date.now() / STEP_MS))
  const out = execFileSync(program, ['token', account.user_name, '--state', state], { encoding: 'utf8' })
  const code = /\b\d{6}\b/.exec(out)
  if (code === null)
    throw new Error('contactpoint token printed no code')
  return code[0]
}
