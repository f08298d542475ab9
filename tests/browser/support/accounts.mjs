/* node accounts.mjs <TEXT: the accounts that `contactpoint demonstration` prints, as JSON. */
import { readFileSync } from 'node:fs'

const text = readFileSync(0, 'utf8')
const account = /^ *user name +(\S+)\n *password +(.+)\n *PIN +(\S+)$/gm
const accounts = [...text.matchAll(account)].map(([, user_name, password, pin]) => ({ user_name, password, pin }))
if (accounts.length === 0)
  throw new Error('the demonstration printed no account')
console.log(JSON.stringify(accounts))
