/* The tables of src/policy/, so that what is tested follows from what is declared. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { root } from './house.mjs'

function read(name) {
  return readFileSync(join(root, 'src/policy', name), 'utf8')
}

/** An id of the right form that nothing has. */
export const unknownId = '0123456789abcdefghjkmnpqrs'

/** The web's operations: name, method, path with an id in place, strength. */
export function webOperations() {
  const row = /^OPERATION\(\s*(\w+),\s*WEB,\s*(GET|POST),\s*"([^"]+)",\s*\w+,\s*\w+,\s*\w+,\s*(\w+),/gm
  return [...read('operations.def').matchAll(row)].map(([, name, method, path, strength]) => ({ name, method,
    path: path.replace(/:\w+/g, unknownId), strength }))
}

const likely = { reason: 'working', family: 'Smith', birth_year: '2012', service: 'Somewhere', kind: 'youth_work',
  job: 'Somebody', phone: '01632 960188', from_day: '2', from_month: '3', from_year: '2025', to_day: '2',
  to_month: '3', to_year: '2026' }

/** A form that this operation would take: declared fields alone. */
export function formOf(operation) {
  const row = /^INPUT\(\s*(\w+),\s*(\w+),/gm
  const fields = [...read('forms.def').matchAll(row)].filter(([, of]) => of === operation).map(([, , field]) => field)
  return Object.fromEntries(fields.filter(field => likely[field]).map(field => [field, likely[field]]))
}
