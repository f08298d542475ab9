/* Runs tests one after the other and counts them.  A failure does not stop the rest. */
const LIMIT_MS = 120_000

const counts = { passed: 0, failed: 0, skipped: 0 }

/** Thrown by skip(): what a test lacks is told, and counted. */
class Skipped extends Error {}

export function skip(why) {
  throw new Skipped(why)
}

/** What `work` gives, or after `ms` milliseconds what `late` gives. */
export async function within(ms, work, late) {
  let timer
  const over = new Promise((resolve, reject) => {
    timer = setTimeout(() => {
      try {
        resolve(late())
      } catch (error) {
        reject(error)
      }
    }, ms)
  })
  try {
    return await Promise.race([work, over])
  } finally {
    clearTimeout(timer)
  }
}

function tooLong() {
  throw new Error(`took longer than ${LIMIT_MS / 1000} s`)
}

export async function test(name, work) {
  const start = performance.now()
  try {
    await within(LIMIT_MS, (async () => work())(), tooLong)
    counts.passed++
    console.log(`ok       ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`)
  } catch (error) {
    if (error instanceof Skipped) {
      counts.skipped++
      console.log(`skipped: ${name}: ${error.message}`)
      return
    }
    counts.failed++
    console.log(`FAILED   ${name}\n${indent(error.stack ?? String(error))}`)
  }
}

function indent(text) {
  return text.split('\n').map(line => `         ${line}`).join('\n')
}

/** The line that tools/run-tests reads; the exit status says whether all went well. */
export function finish() {
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
  process.exitCode = counts.failed > 0 ? 1 : 0
}
