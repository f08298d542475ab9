/* node port.mjs free: prints a port that nobody listens on.  node port.mjs wait PORT: until a server answers there. */
import net from 'node:net'

const WAIT_MS = 30_000

function free() {
  const server = net.createServer()
  server.listen(0, 'localhost', () => {
    console.log(server.address().port)
    server.close()
  })
}

async function wait(port) {
  const end = Date.now() + WAIT_MS
  while (Date.now() < end) {
    const answered = await fetch(`http://localhost:${port}/`).then(answer => answer.ok, () => false)
    if (answered)
      return
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  console.error(`nothing answers on port ${port}`)
  process.exitCode = 1
}

const [what, port] = process.argv.slice(2)
await (what === 'wait' ? wait(port) : free())
