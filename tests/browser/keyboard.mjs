/* The journey by keyboard alone, and narrow screens. */
import assert from 'node:assert/strict'

import * as people from './support/people.mjs'
import { test } from './support/report.mjs'
import * as service from './support/service.mjs'

/** Where the focus is, as people would name it, and whether it can be seen once the page has scrolled there. */
function focus(page) {
  return page.evaluate(async () => {
    for (let frames = 0; frames < 2; frames++)
      await new Promise(requestAnimationFrame)
    const element = document.activeElement
    const style = getComputedStyle(element)
    const shown = element.type === 'radio' || element.type === 'checkbox'
      ? getComputedStyle(element.nextElementSibling, '::before') : style
    const box = element.getBoundingClientRect()
    return {
      name: element.id || element.textContent.trim().replace(/\s+/g, ' '),
      tag: element.tagName,
      visible: box.width > 0 && box.height > 0 && box.top >= 0 && box.bottom <= innerHeight + 1 &&
        (shown.boxShadow !== 'none' || (shown.outlineStyle !== 'none' && shown.outlineWidth !== '0px')),
    }
  })
}

async function tabTo(page, name, limit = 40) {
  for (let i = 0; i < limit; i++) {
    await page.keyboard.press('Tab')
    const now = await focus(page)
    if (now.tag !== 'BODY')
      assert.ok(now.visible, `the focus on ${now.name} can be seen`)
    if (now.name === name)
      return
  }
  assert.fail(`${name} cannot be reached by Tab`)
}

export async function goByKeyboard(session) {
  const { page } = session
  await test('keyboard: the skip link comes first and leads to the main content', async () => {
    await page.goto('/find')
    await page.keyboard.press('Tab')
    assert.equal((await focus(page)).name, 'Skip to main content')
    assert.ok((await focus(page)).visible)
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    assert.equal((await focus(page)).name, 'reason')
  })
  await test('keyboard: the search form goes from the reason to the button in the order of the eye', async () => {
    await page.goto('/find')
    const wanted = ['reason', 'family', 'given', 'birth_day', 'birth_month', 'birth_year', 'age', 'postcode',
      'authority', 'similar', 'number', 'Tips for searching', 'Search']
    await tabTo(page, 'reason')
    const seen = ['reason']
    while (seen.at(-1) !== 'Search' && seen.length < 30) {
      await page.keyboard.press('Tab')
      const now = await focus(page)
      assert.ok(now.visible, `the focus on ${now.name} can be seen`)
      seen.push(now.name)
    }
    assert.deepEqual(seen, wanted)
  })
  await test('keyboard: find, open and read without a mouse', async () => {
    await page.goto('/find')
    await tabTo(page, 'reason')
    await page.keyboard.press('Space')
    await tabTo(page, 'family')
    await page.keyboard.type(people.shown.family)
    await tabTo(page, 'birth_day')
    for (const part of people.shown.birth.split('-').reverse()) {
      await page.keyboard.type(String(Number(part)))
      await page.keyboard.press('Tab')
    }
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/find\/[0-9a-z]{26}$/)
    const name = (await service.results(page).first().innerText()).trim()
    await tabTo(page, name)
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/children\/[0-9a-z]{26}$/)
    await tabTo(page, 'Past involvements')
    await page.keyboard.press('Enter')
    assert.ok(await page.getByText('Leeds Health Visiting Service').isVisible())
  })
  await test('keyboard: a link of the error summary moves the focus to its field', async () => {
    await page.goto('/find')
    await page.getByRole('button', { name: 'Search', exact: true }).click()
    await page.locator('.govuk-error-summary').waitFor()
    await page.locator('.govuk-error-summary a').first().press('Enter')
    assert.equal((await focus(page)).name, 'reason')
  })
}
