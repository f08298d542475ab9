/* All browser tests, in an order that signs in as seldom as possible: each code of a token works once in 30 s. */
import { join } from 'node:path'

import { raiseAlarm } from './alarms.mjs'
import { lookAtAssets } from './assets.mjs'
import { meetHostileSignIn, meetHostileText } from './hostile.mjs'
import { travel } from './journey.mjs'
import { goByKeyboard } from './keyboard.mjs'
import { useKeys } from './keys.mjs'
import { drawPicture, lookSignedIn, lookSignedOut } from './pages.mjs'
import { refuseForgeries, refuseOtherSites, refuseStrangers, refuseWanderers } from './refusals.mjs'
import { leave } from './session.mjs'
import { askForAContact } from './sensitive.mjs'
import { shield } from './shields.mjs'
import { manageStaff } from './staff.mjs'
import { launch, open } from './support/browser.mjs'
import { readTable } from './support/feed.mjs'
import { accounts, feeds, root } from './support/house.mjs'
import { findable } from './support/people.mjs'
import { finish, test } from './support/report.mjs'
import { signIn } from './support/service.mjs'
import { workTogether } from './together.mjs'

const sources = ['child_benefit', 'health', 'education', 'social_care', 'youth_justice']

function chooseChild() {
  const tables = Object.fromEntries(sources.map(source => [source, readTable(join(feeds, `${source}.csv`))]))
  const found = findable(tables, readTable(join(feeds, 'truth.csv')))
  if (found === undefined)
    throw new Error('the generated population has no child to look for')
  return found
}

/* The first two travel, the third stays signed in for the rest. */
const [first, second, third] = accounts

async function all() {
  const found = chooseChild()
  const browser = await launch()

  await refuseStrangers()
  await refuseWanderers()
  await lookAtAssets(browser)
  await lookSignedOut(browser, third)
  await meetHostileSignIn(browser)
  await travel(browser, first, found, { script: true })
  await travel(browser, second, found, { script: false })

  const session = await open(browser)
  await test('signs in once more, for all the rest', () => signIn(session.page, third))
  await lookSignedIn(session)
  await goByKeyboard(session)
  await meetHostileText(session)
  await refuseForgeries(session)
  await refuseOtherSites(session)
  if (process.argv.includes('--picture'))
    await drawPicture(session, join(root, 'docs/picture.png'))
  await leave(session)
  await manageStaff(browser, accounts)
  const named = name => accounts.find(account => account.user_name === name)
  await workTogether(browser, {
    looking: named('health-visitor'), colleague: named('community-nurse'), manager: named('user-manager') })
  await useKeys(browser, accounts) // gives the community nurse other secrets
  await shield(browser, { teacher: named('teacher'), duty: named('duty-worker'), officer: named('shielding-officer'),
    second: named('shielding-second') })
  await askForAContact(browser, accounts)
  await raiseAlarm(browser, { guessing: named('health-visitor'), reviewer: named('audit-reviewer') })
  await browser.close()
}

/* What stands between the tests may fail too. */
await all().catch(error => test('the run', () => {
  throw error
}))
finish()
process.exit()
