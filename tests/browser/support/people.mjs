/* Children who are sent beside the generated population: names of many kinds, hostile ones among them.
 * Everybody is invented; telephone numbers are those that Ofcom keeps for drama. */

/** Text that must be shown as text, wherever it stands (case 26). */
export const hostileTexts = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'><svg/onload=alert(1)>",
  '" autofocus onfocus="alert(1)" x="',
  "' onmouseover='alert(1)",
  "{{constructor.constructor('alert(1)')()}}",
  '{{> layout}}{{/main}}{{{content}}}',
  '${alert(1)}#{alert(1)}<%= alert(1) %>',
  '</title></textarea></style></script><script>alert(1)</script>',
  'javascript:alert(1)//',
  '<a href="javascript:alert(1)">Ring me</a>',
  '<iframe srcdoc="<script>parent.alert(1)</script>"></iframe>',
  '<base href="//evil.example/"><meta http-equiv="refresh" content="0;url=//evil.example/">',
  '<style>*{display:none}</style><link rel=stylesheet href=//evil.example/a.css>',
  '<form action=//evil.example/><button>Search</button></form>',
  '<math><mtext></mtext><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=alert(1)&gt;">',
  '&lt;script&gt;alert(1)&lt;/script&gt;&#60;b&#62;&amp;amp;',
  '%3Cscript%3Ealert(1)%3C/script%3E\\u003cscript\\u003e\\x3cscript>',
  '＜script＞alert(1)＜/script＞',
  '<!-- ]]> <![CDATA[ --> <?xml version="1.0"?>',
  "Robert'); DROP TABLE child;--",
  '../../../../etc/passwd',
]

const hostileGiven = ['Ada', 'Beatrix', 'Cecily', 'Dorothea', 'Edmund', 'Florian', 'Gwendolen', 'Horatio',
  'Isolde', 'Jasper', 'Katharina', 'Leopold', 'Minerva', 'Nathaniel', 'Octavia', 'Peregrine', 'Quentin',
  'Rosalind', 'Sebastian', 'Theodora', 'Ursula', 'Valentine']

const school = { school_code: '900101', school_name: 'Hillside School', school_phone: '01632 960101',
  school_from: '2022-09-05' }
const practice = { gp_code: 'Z99001', gp_name: 'Riverside Surgery', gp_phone: '01632 960102',
  gp_from: '2016-02-01' }
const leeds = { address_1: '12 Meadow Lane', town: 'Leeds', authority: 'E08000035', address_from: '2021-03-01' }

function child(record, columns) {
  return { type: 'child', record, ...columns }
}

function involvement(record, id, columns) {
  return { type: 'involvement', record, involvement: id, ...columns }
}

/** Whose page the README shows: known by another name, six contacts, one more that has ended. */
export const shown = { family: 'Penhaligon', given: 'Angharad', birth: '2013-05-27' }

const shownRows = [
  child('B-SHOWN', { ...leeds, ...school, ...practice, family: shown.family, given: shown.given, other: 'Mair',
    known_as: 'Harri', former_family: 'ap Rhys', sex: 'F', birth_date: shown.birth, postcode: 'LS6 4QT',
    carer1_family: 'Penhaligon', carer1_given: 'Morwenna', carer1_relationship: 'mother',
    carer1_phone: '07700 900145', carer2_family: 'ap Rhys', carer2_given: 'Dafydd',
    carer2_relationship: 'father', carer2_phone: '07700 900146' }),
  involvement('B-SHOWN', 'B-SHOWN-1', { service_kind: 'social_work', service: 'Leeds Children in Need Team',
    practitioner: 'Ngozi Adeyemi', job: 'Social worker', phone: '01632 960111',
    email: 'ngozi@children.example', from: '2025-09-15', lead: 'yes', assessment: 'yes' }),
  involvement('B-SHOWN', 'B-SHOWN-2', { service_kind: 'speech_therapy', service: 'Leeds Speech and Language Therapy',
    practitioner: 'Siân Wyn Jones', job: 'Speech and language therapist', phone: '01632 960112',
    email: 'sian.jones@therapy.example', from: '2024-11-04' }),
  involvement('B-SHOWN', 'B-SHOWN-3', { service_kind: 'education_welfare', service: 'Leeds Education Welfare Service',
    practitioner: 'Tomasz Wójcik', job: 'Education welfare officer', phone: '01632 960113', from: '2026-02-02' }),
  involvement('B-SHOWN', 'B-SHOWN-4', { service_kind: 'youth_work', service: 'Meadow Lane Youth Club',
    practitioner: 'Priya Nair', job: 'Youth worker', phone: '01632 960114', email: 'priya@youth.example',
    from: '2025-01-13' }),
  involvement('B-SHOWN', 'B-SHOWN-5', { service_kind: 'health_visiting', service: 'Leeds Health Visiting Service',
    practitioner: 'Sarah Ward', job: 'Health visitor', phone: '01632 960115', from: '2013-06-10',
    to: '2026-05-29' }),
]

/** Names that go wrong in careless systems. */
export const unusual = [
  { kind: 'Arabic', family: 'الحدّاد', given: 'ليلى', birth: '2014-07-19', postcode: 'LS8 2AB' },
  { kind: 'Polish', family: 'Wiśniewska-Gżegżółka', given: 'Źdźisława', birth: '2012-10-23', postcode: 'LS9 7TD' },
  { kind: 'Welsh', family: 'ap Llŷr', given: 'Siôn Eurwyn', birth: '2015-12-02', postcode: 'LS11 5QQ' },
  { kind: 'one name', family: 'Thandolwethu', given: '', birth: '2016-08-14', postcode: 'LS12 3BE' },
  { kind: 'very long', family: 'Featherstonehaugh-Cholmondeley-Wriothesley-Marjoribanks-Beauchamp-Mainwaring',
    given: 'Wolfeschlegelsteinhausenbergerdorffvoralternwarengewissenhaftschaferswessenschafe',
    birth: '2011-04-06', postcode: 'LS13 1JG' },
]

const unusualRows = unusual.map((one, i) => child(`B-UNUSUAL-${i}`, { ...leeds, ...practice, family: one.family,
  given: one.given, birth_date: one.birth, postcode: one.postcode, carer1_family: one.family,
  carer1_relationship: 'mother', carer1_phone: '07700 900150' }))

/** Two whom one search finds, and eleven whom one search finds: one more than may be shown. */
export const several = { family: 'Twofold', year: '2017', postcode: 'LS14' }
export const tooMany = { family: 'Elevenfold', year: '2014' }

const severalRows = ['Marigold', 'Barnaby'].map((given, i) => child(`B-SEVERAL-${i}`, { ...leeds,
  family: several.family, given, sex: i === 0 ? 'F' : 'M', birth_date: `${several.year}-0${i + 3}-1${i + 4}`,
  postcode: `LS14 ${i + 1}AB` }))
const tooManyRows = ['Aidan', 'Briony', 'Callum', 'Delia', 'Elfed', 'Fern', 'Gareth', 'Hafsa', 'Imogen', 'Jakub',
  'Keziah'].map((given, i) => child(`B-MANY-${i}`, { ...leeds, address_1: `${i + 20} Station Road`,
  family: tooMany.family, given, birth_date: `${tooMany.year}-${twoDigits(i + 1)}-${i + 10}`,
  postcode: `LS${i + 15} ${i % 9 + 1}XY` }))

function twoDigits(number) {
  return String(number).padStart(2, '0')
}

export const hostile = hostileTexts.map((text, i) => ({ text, given: hostileGiven[i],
  birth: `${2008 + i % 7}-${twoDigits(i % 9 + 1)}-${twoDigits(i + 5)}` }))

const hostileRows = hostile.flatMap((one, i) => [
  child(`B-HOSTILE-${i}`, { family: one.text, given: one.given, other: one.text, known_as: one.text,
    former_family: one.text, former_given: one.text, birth_date: one.birth, address_1: one.text,
    address_2: one.text, town: one.text.slice(0, 100), postcode: `LS${i + 1} 6ZZ`, authority: 'E08000035',
    carer1_family: one.text, carer1_given: one.text, carer1_relationship: one.text.slice(0, 60),
    carer1_phone: `07700 900${160 + i}`, school_code: '900102', school_name: one.text, school_phone: '01632 960120',
    gp_code: 'Z99002', gp_name: one.text, gp_phone: '01632 960121' }),
  involvement(`B-HOSTILE-${i}`, `B-HOSTILE-I-${i}`, { service_kind: 'youth_work', service: one.text,
    practitioner: one.text, job: one.text, phone: '01632 960122', from: '2025-01-01' }),
])

export const rows = [...shownRows, ...unusualRows, ...severalRows, ...tooManyRows, ...hostileRows]

/** One of the generated children whom at least two sources know alike and with whom a service works: whom to
 *  look for.  `tables` are the rows of each source's feed, `truth` those of truth.csv. */
export function findable(tables, truth) {
  const records = new Map()
  for (const [source, table] of Object.entries(tables))
    for (const row of table)
      if (row.type === 'child')
        records.set(`${source} ${row.record}`, row)
  const byChild = new Map()
  for (const row of truth) {
    const known = byChild.get(row.child) ?? []
    known.push({ ...row, sent: records.get(`${row.source} ${row.record}`) })
    byChild.set(row.child, known)
  }
  for (const known of byChild.values()) {
    const health = known.find(row => row.source === 'health')?.sent
    const education = known.find(row => row.source === 'education')?.sent
    if (known.some(row => row.errors !== '' || row.twin !== '' || !row.sent) || !health || !education)
      continue
    if (!/^[A-Z][a-z]{5,9}$/.test(health.family) || !/^[A-Z][a-z]{3,8}$/.test(health.given))
      continue
    if (!/^\d+$/.test(education.school_code) || !/^[A-Z]\d+$/.test(health.gp_code) ||
      !/^\d{4}-\d\d-(?!01)\d\d$/.test(health.birth_date))
      continue
    const services = known.flatMap(({ source, record }) => tables[source].filter(row =>
      row.type === 'involvement' && row.record === record && row.to === ''))
    const same = ['family', 'given', 'birth_date', 'postcode', 'carer1_family', 'carer1_given']
    if (services.length > 0 && same.every(column => health[column] === education[column]))
      return { health, education, services, everybody: known.map(row => row.sent) }
  }
  return undefined
}
