/* HTTP as no browser would send it: bytes out, the whole answer back. */
import net from 'node:net'

import { base } from './house.mjs'

const { hostname, port, host } = new URL(base)

export { host }

/** Sends bytes on a connection of its own and reads until the server closes or 5 s have passed. */
export function send(bytes) {
  return new Promise((resolve, reject) => {
    const chunks = []
    const socket = net.connect({ host: hostname, port: Number(port) }, () => socket.write(bytes))
    socket.setTimeout(5000, () => socket.destroy())
    socket.on('data', chunk => {
      chunks.push(chunk)
      if (isWhole(Buffer.concat(chunks)))
        socket.destroy()
    })
    socket.on('error', error => (error.code === 'ECONNRESET' ? undefined : reject(error)))
    socket.on('close', () => resolve(parse(Buffer.concat(chunks))))
  })
}

function isWhole(bytes) {
  const end = bytes.indexOf('\r\n\r\n')
  const length = /^content-length: *(\d+)/im.exec(bytes.subarray(0, Math.max(end, 0)).toString('latin1'))
  return end >= 0 && length !== null && bytes.length >= end + 4 + Number(length[1])
}

function parse(bytes) {
  const text = bytes.toString('utf8')
  const [head, ...rest] = text.split('\r\n\r\n')
  const [line, ...fields] = head.split('\r\n')
  const headers = {}
  for (const field of fields) {
    const at = field.indexOf(':')
    const name = field.slice(0, at).toLowerCase()
    headers[name] = headers[name] === undefined ? field.slice(at + 1).trim()
      : `${headers[name]}\n${field.slice(at + 1).trim()}`
  }
  return { status: Number(line.split(' ')[1]), headers, body: rest.join('\r\n\r\n') }
}

/** One request, its target written as given. */
export function request(method, target, { headers = {}, form } = {}) {
  const body = form === undefined ? '' : new URLSearchParams(form).toString()
  const all = { Host: host, Connection: 'close', ...headers }
  if (form !== undefined) {
    all['Content-Type'] = 'application/x-www-form-urlencoded'
    all['Content-Length'] = String(Buffer.byteLength(body))
  }
  const lines = Object.entries(all).filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}\r\n`)
  return send(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
}

/** What a browser adds to a form of one of our own pages. */
export const sameSite = { Origin: base, 'Sec-Fetch-Site': 'same-origin' }
