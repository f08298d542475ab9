/* node write-feed.mjs SCHEMA OUT: the batch of the browser tests' own children, sent after the generated ones. */
import { writeFileSync } from 'node:fs'

import { readTable, writeFeed } from './feed.mjs'
import { rows } from './people.mjs'

const [schema, out] = process.argv.slice(2)
const columns = readTable(schema).map(row => row.column)
for (const row of rows)
  for (const column of Object.keys(row))
    if (!columns.includes(column))
      throw new Error(`${schema} has no column ${column}`)
writeFileSync(out, writeFeed({ source: 'health', sequence: 2, asOf: '2026-11-01', columns, rows }))
