/* Feed files (docs/feeds.md): reads what `contactpoint generate` wrote, writes a batch of one's own. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** The rows of RFC 4180 text, each a list of fields. */
export function parseCsv(text) {
  const rows = []
  let row = []
  let field = ''
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const c = text[i]
    if (quoted && c === '"' && text[i + 1] === '"') {
      field += text[++i]
    } else if (c === '"') {
      quoted = !quoted
    } else if (!quoted && (c === ',' || c === '\n')) {
      row.push(field)
      field = ''
      if (c === '\n') {
        rows.push(row)
        row = []
      }
    } else if (quoted || c !== '\r') {
      field += c
    }
  }
  return rows
}

/** A table as objects by column name.  A feed's header line is passed over. */
export function readTable(path) {
  const text = readFileSync(path, 'utf8').replace(/^#contactpoint-feed.*\n/, '')
  const [columns, ...rows] = parseCsv(text)
  return rows.map(row => Object.fromEntries(columns.map((column, i) => [column, row[i]])))
}

function quote(field) {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}

/** A whole batch as bytes: `rows` are objects by column name. */
export function writeFeed({ source, sequence, asOf, columns, rows }) {
  const lines = [columns, ...rows.map(row => columns.map(column => quote(row[column] ?? '')))]
  const body = Buffer.from(lines.map(line => line.join(',') + '\n').join(''))
  const digest = createHash('sha256').update(body).digest('hex')
  const header = `#contactpoint-feed,version=1,source=${source},sequence=${sequence},mode=delta,` +
    `as-of=${asOf},rows=${rows.length},removals=0,sha256=${digest}\n`
  return Buffer.concat([Buffer.from(header), body])
}
