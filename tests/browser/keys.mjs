/* Binding secrets by two people, and security keys: Chromium's virtual authenticator stands for one of metal
 * (cases 6, 16, 17, 19). */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'

import { open } from './support/browser.mjs'
import { inspect } from './pages.mjs'
import { test } from './support/report.mjs'
import * as service from './support/service.mjs'

const password = 'wandering heron tin gate'
const pin = '860214'
const STEP_MS = 30_000

/** RFC 4648 §6 */
function bytesOfBase32(text) {
  const bits = [...text].map(c => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('')
  return Buffer.from(bits.match(/.{8}/g).map(byte => parseInt(byte, 2)))
}

/** RFC 6238, as the app on a telephone would. */
function codeOf(secret, at) {
  const step = Buffer.alloc(8)
  step.writeBigUInt64BE(BigInt(Math.floor(at / STEP_MS)))
  const digest = createHmac('sha1', bytesOfBase32(secret)).update(step).digest()
  const offset = digest[19] & 15
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/** What an authenticator is like unless said otherwise: a key on the USB port that asks for its own PIN. */
async function plugIn(session, options = {}) {
  session.cdp ??= await session.context.newCDPSession(session.page)
  await session.cdp.send('WebAuthn.enable')
  const { authenticatorId } = await session.cdp.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2',
    transport: 'usb', hasResidentKey: false, hasUserVerification: true, isUserVerified: true,
    automaticPresenceSimulation: true, ...options } })
  return { unplug: () => session.cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId }),
    verified: is => session.cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: is }),
    touched: is => session.cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: is }) }
}

async function askForCode(page, userName) {
  await page.goto('/sign-in')
  await page.getByRole('link', { name: 'set up how you sign in' }).click()
  await inspect(page, 'enrol')
  await page.getByLabel('User name').fill(userName)
  await page.getByRole('button', { name: 'Show my code' }).click()
  await page.waitForURL('**/enrol/status')
  await inspect(page, 'enrol-wait')
  return page.locator('.app-code').innerText()
}

async function openUser(page, name) {
  await page.goto('/manage/users')
  await page.getByRole('link', { name }).click()
  await page.waitForURL('**/manage/users/*')
  await page.getByText('Let this person set up what they sign in with').click()
}

async function approve(page, code) {
  await page.getByLabel('The code that they are shown').fill(code)
  await page.getByRole('button', { name: 'Let them go on' }).click()
}

async function choose(page) {
  const secret = await page.locator('.app-secret').innerText()
  await page.getByLabel('New password').fill(password)
  await page.getByLabel('The same password again').fill(password)
  await page.getByLabel('New PIN').fill(pin)
  await page.getByLabel('Code that the app shows now').fill(codeOf(secret, Date.now()))
  await page.getByRole('button', { name: 'Set up', exact: true }).click()
  return secret
}

async function registerKey(page) {
  await page.getByRole('button', { name: 'Register a security key' }).click()
  await page.getByRole('button', { name: 'Register this key' }).click()
}

async function signInWithKey(page, account) {
  await service.offerPassword(page, account)
  await page.getByRole('button', { name: 'Use a security key' }).click()
  await page.getByRole('heading', { name: 'Use your security key' }).waitFor()
  await page.getByRole('button', { name: 'Sign in with my security key' }).click()
}

/** One person of the user manager's organisation sets up anew how they sign in. */
async function setUp(holder, manager, account) {
  const { page } = holder
  let code
  let secret
  await test('enrolment: the holder is shown a code', async () => {
    code = await askForCode(page, account.user_name)
    assert.match(code, /^[0-9A-Z]{4}-[0-9A-Z]{4}$/)
  })
  await test('enrolment: before anybody approves, the code is all there is', async () => {
    await page.getByRole('button', { name: 'The code has been entered' }).click()
    assert.equal(await page.locator('.app-code').innerText(), code)
  })
  await test('case_19: the user manager enters the code and sees no secret', async () => {
    await openUser(manager.page, account.name)
    await approve(manager.page, 'XXXX-XXXX')
    assert.match(await manager.page.title(), /^Error: /)
    await approve(manager.page, code)
    await manager.page.waitForURL('**/manage/users/*')
    assert.doesNotMatch(await manager.page.title(), /^Error: /)
    assert.equal(await manager.page.locator('.app-secret, .app-qr').count(), 0)
  })
  await test('enrolment: the holder chooses password, PIN and token', async () => {
    await page.getByRole('button', { name: 'The code has been entered' }).click()
    await inspect(page, 'enrol-secrets')
    await page.getByLabel('New password').fill('password1234')
    await page.getByRole('button', { name: 'Set up', exact: true }).click()
    await inspect(page, 'enrol-secrets-errors')
    assert.match(await page.title(), /^Error: /)
    secret = await choose(page)
    await page.getByRole('heading', { name: 'You can sign in now' }).waitFor()
    await inspect(page, 'enrol-keys')
  })
  return secret
}

async function refuseOtherKeys(session) {
  const { page } = session
  await test('case_06: a key that does not verify its user is not used', async () => {
    const key = await plugIn(session, { isUserVerified: false })
    await registerKey(page)
    await page.getByText('The key was not used').waitFor()
    await inspect(page, 'enrol-key')
    await page.getByRole('link', { name: 'Go back without registering a key' }).click()
    await key.unplug()
  })
  await test('case_06: a passkey that can leave its device is refused', async () => {
    const key = await plugIn(session, { defaultBackupEligibility: true, defaultBackupState: true })
    await registerKey(page)
    await page.getByText('The security key was not accepted').waitFor()
    await key.unplug()
  })
}

async function signInBothWays(session, account, secret) {
  const { page } = session
  await test('a genuine passkey signs in', async () => {
    await signInWithKey(page, account)
    await page.waitForURL('**/terms')
    await inspect(page, 'terms')
    await service.readTerms(page)
    await page.goto('/account/security')
    const text = await page.locator('main').innerText()
    assert.match(text, /Password and security key/)
    assert.match(text, /Approved by/)
    await inspect(page, 'security')
    await service.signOut(page)
  })
  await test('case_16: stepping up from PIN and code makes the session another', async () => {
    const used = Math.floor(Date.now() / STEP_MS)
    await page.waitForTimeout((used + 1) * STEP_MS - Date.now() + 200)
    await service.offerPassword(page, account)
    await service.offerCode(page, account, codeOf(secret, Date.now()))
    await service.readTerms(page)
    const [before] = await session.context.cookies()
    await page.goto('/step-up')
    await inspect(page, 'step-up')
    await page.getByRole('button', { name: 'Continue with my security key' }).click()
    await page.getByRole('button', { name: 'Use my security key' }).click()
    await page.waitForURL('**/account/security')
    assert.match(await page.locator('main').innerText(), /Password and security key/)
    const [after] = await session.context.cookies()
    assert.notEqual(after.value, before.value)
  })
  await test('case_17: leaving everywhere', async () => {
    await page.getByRole('button', { name: 'Sign out everywhere' }).click()
    await page.waitForURL(url => url.pathname === '/')
    await page.goto('/account')
    assert.equal(new URL(page.url()).pathname, '/sign-in')
  })
}

/** A second key beside the first, each of which signs in until it is lost. */
async function addAnother(holder, manager, account, first) {
  const { page } = holder
  let second
  await test('a second key: whoever has one asks, and is shown a code', async () => {
    await signInWithKey(page, account)
    await page.waitForURL('**/find')
    await page.goto('/account/security')
    await page.getByRole('link', { name: 'Add a security key' }).click()
    await inspect(page, 'own-key')
    await page.getByRole('button', { name: 'Show my code' }).click()
    await page.locator('.app-code').waitFor()
    await inspect(page, 'own-key-wait')
  })
  await test('a second key: another person approves it', async () => {
    await openUser(manager.page, account.name)
    await approve(manager.page, await page.locator('.app-code').innerText())
    await manager.page.waitForURL('**/manage/users/*')
    assert.doesNotMatch(await manager.page.title(), /^Error: /)
    await page.getByRole('button', { name: 'The code has been entered' }).click()
    await page.getByRole('heading', { name: 'Add your security key' }).waitFor()
    await inspect(page, 'own-key-may')
  })
  await test('a second key is added, and the first is no second', async () => {
    await page.getByRole('button', { name: 'Add a security key' }).click()
    await page.getByRole('button', { name: 'Add this key' }).click()
    await page.getByText('The key was not used').waitFor()
    await inspect(page, 'own-key-new')
    await first.touched(false)
    second = await plugIn(holder)
    await page.getByRole('button', { name: 'Add this key' }).click()
    await page.getByRole('heading', { name: 'Your security key is added' }).waitFor()
    await inspect(page, 'own-key-added')
    await service.signOut(page)
  })
  await test('the second key signs in by itself, and one that is lost is removed', async () => {
    await signInWithKey(page, account)
    await page.waitForURL('**/find')
    await page.goto('/account/security')
    assert.match(await page.locator('main').innerText(), /a security key was added. Approved by/)
    await page.getByText('A security key is lost').click()
    await inspect(page, 'security-lost')
    await page.getByRole('button', { name: 'Remove this key' }).click()
    assert.match(await page.title(), /^Error: /)
    await inspect(page, 'security-lost-errors')
    await page.getByRole('radio').first().check() // the oldest stands first
    await page.getByRole('button', { name: 'Remove this key' }).click()
    await page.waitForURL(url => url.pathname === '/')
    await page.goto('/account')
    assert.equal(new URL(page.url()).pathname, '/sign-in')
  })
  await test('the lost key signs nobody in, the other does', async () => {
    await first.touched(true)
    await second.touched(false)
    await signInWithKey(page, account)
    await page.getByText('The key was not used').waitFor()
    await first.unplug()
    await second.touched(true)
    await signInWithKey(page, account)
    await page.waitForURL('**/find')
    await page.goto('/messages')
    assert.match(await page.locator('main').innerText(), /Your account was changed/)
    await inspect(page, 'messages-account')
  })
}

/** What is lost and its holder cannot remove: whoever manages them revokes it, and then what is left. */
async function revoke(holder, manager, account) {
  const row = name => manager.page.locator('#keys + table tbody tr', { hasText: name })
  const ask = async name => {
    await row(name).getByRole('link', { name: 'Revoke' }).click()
    await manager.page.getByRole('heading', { level: 1, name: 'Revoke' }).waitFor()
  }
  const isOut = async () => {
    await holder.page.goto('/account')
    assert.equal(new URL(holder.page.url()).pathname, '/sign-in')
  }
  await test('revoking: the page of a user lists what they sign in with', async () => {
    await openUser(manager.page, account.name)
    assert.match(await row('Security key 1').innerText(), /In use/)
    assert.match(await row('Authenticator app').innerText(), /In use/)
    await inspect(manager.page, 'user-keys')
  })
  await test('revoking: nothing happens before it is confirmed', async () => {
    await ask('Security key 1')
    assert.match(await manager.page.locator('main').innerText(), /What else this person signs in with goes on working/)
    await inspect(manager.page, 'user-key')
    await manager.page.getByRole('link', { name: 'Go back without revoking it' }).click()
    assert.equal(await row('Security key 1').count(), 1)
    await holder.page.goto('/account')
    assert.equal(new URL(holder.page.url()).pathname, '/account')
  })
  await test('revoking: a key ends, and the session with it', async () => {
    await ask('Security key 1')
    await manager.page.getByRole('button', { name: 'Revoke this key' }).click()
    await manager.page.waitForURL(url => !url.pathname.includes('/keys/'))
    assert.equal(await row('Security key').count(), 0)
    await isOut()
    await signInWithKey(holder.page, account)
    await holder.page.getByText('The key was not used').waitFor()
  })
  await test('revoking: who has nothing left is said before, and shown after', async () => {
    await ask('Authenticator app')
    assert.match(await manager.page.locator('.govuk-warning-text').innerText(), /Nothing else is left/)
    await inspect(manager.page, 'user-key-last')
    await manager.page.getByRole('button', { name: 'Revoke this app' }).click()
    await manager.page.waitForURL(url => !url.pathname.includes('/keys/'))
    assert.match(await manager.page.locator('main').innerText(), /Nothing left to sign in with/)
    assert.equal(await manager.page.locator('#keys').count(), 0)
    await inspect(manager.page, 'user-keys-none')
  })
}

export async function useKeys(browser, accounts) {
  const of = name => accounts.find(account => account.user_name === name)
  const manager = await open(browser)
  const holder = await open(browser)
  const account = { user_name: 'community-nurse', name: 'Ewa Nowak', password, pin }
  await test('enrolment: the user manager signs in', () => service.signIn(manager.page, of('user-manager')))
  const secret = await setUp(holder, manager, account)
  await refuseOtherKeys(holder)
  const key = await plugIn(holder)
  await test('a security key is registered', async () => {
    await registerKey(holder.page)
    await holder.page.getByText('One security key is registered').waitFor()
    await holder.page.getByRole('button', { name: 'Go to sign in' }).click()
  })
  await signInBothWays(holder, account, secret)
  await test('case_06: a key that does not verify its user signs nobody in', async () => {
    await key.verified(false)
    await signInWithKey(holder.page, account)
    await holder.page.getByText('The key was not used').waitFor()
    await key.verified(true)
  })
  await addAnother(holder, manager, account, key)
  await revoke(holder, manager, account)
  await test('keys: nothing from elsewhere, no complaint, no secret in an address', async () => {
    await holder.watch.assertClean([password, pin, secret, account.user_name])
    await manager.watch.assertClean()
  })
  await holder.context.close()
  await manager.context.close()
}
