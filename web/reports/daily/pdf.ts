// How is a daily report put on paper? A4 by pdfkit with its built-in Helvetica: head, figures, children, matters, page numbers.
import PDFDocument from 'pdfkit'
import {
  detailOf,
  type FigureSpec,
  figureNames,
  figureSpecs,
  groupWords,
  labelWords,
  matterKinds,
  matterWords,
  toldOf,
} from '../../../schemas/daily.ts'
import type { DailyMatter, DailyReport } from '../../../schemas/daily-api.ts'
import type { Language } from '../../../schemas/language.ts'
import { type TimeZone, zoneOffsetHours } from '../../../schemas/place.ts'
import { incidentWords } from '../../../schemas/report-words.ts'

const MARGIN = 48
const ROW = 15
const INK = '#1d2329'
const SOFT = '#5b6570'
const EDGE = '#c9c5be'
const ACCENT = '#8a1c22'
/** Rows of one kind of matter on paper; the page has them all. */
const MATTERS = 40

type Doc = InstanceType<typeof PDFDocument>

interface Column {
  readonly width: number
  readonly right?: boolean
}

/** The report as the bytes of a PDF file. */
export async function dailyPdf(report: DailyReport, language: Language): Promise<Buffer> {
  const t = (id: string, en: string): string => (language === 'en' ? en : id)
  const doc = new PDFDocument({
    size: 'A4',
    margins: { top: MARGIN, bottom: MARGIN + 18, left: MARGIN, right: MARGIN },
    bufferPages: true,
    lang: language,
    info: { Title: `${t('Laporan harian', 'Daily report')} ${report.room_name} ${report.day}`, Creator: 'Siaga' },
  })
  const chunks: Buffer[] = []
  doc.on('data', (chunk: Buffer) => chunks.push(chunk))
  const done = new Promise<void>((resolve, reject) => {
    doc.once('end', () => resolve())
    doc.once('error', reject)
  })
  head(doc, report, language)
  for (const group of ['activity', 'alerts', 'reports', 'blind'] as const) figures(doc, report, group, language)
  children(doc, report, language)
  for (const kind of matterKinds) matters(doc, report, kind, language)
  blind(doc, report, language)
  note(doc, language)
  feet(doc, report, language)
  doc.end()
  await done
  return Buffer.concat(chunks)
}

/** Built-in Helvetica knows the letters of Western Europe; what else stands in a title becomes a question mark. */
const plain = (text: string): string => text.replace(/[^\n\x20-\x7e\xa0-\xff–—‘’“”•…]/g, '?')

const locale = (language: Language): string => (language === 'en' ? 'en-GB' : 'id-ID')
const number = (value: number, language: Language): string =>
  new Intl.NumberFormat(locale(language), { maximumFractionDigits: 1 }).format(value)

function local(ms: number, zone: TimeZone): string {
  const text = new Date(ms + zoneOffsetHours[zone] * 3_600_000).toISOString()
  return `${text.slice(8, 10)}-${text.slice(5, 7)}-${text.slice(0, 4)} ${text.slice(11, 16).replace(':', '.')} ${zone}`
}

function longDay(day: string, language: Language): string {
  return new Intl.DateTimeFormat(locale(language), { dateStyle: 'full', timeZone: 'UTC' }).format(
    Date.parse(`${day}T00:00:00Z`),
  )
}

function head(doc: Doc, report: DailyReport, language: Language): void {
  const t = (id: string, en: string): string => (language === 'en' ? en : id)
  doc.font('Helvetica-Bold').fontSize(9).fillColor(ACCENT).text('SIAGA', { characterSpacing: 1.5 })
  doc.fontSize(18).fillColor(INK).text(t('Laporan harian', 'Daily report'))
  doc.fontSize(12).text(plain(`${report.room_name} · ${report.region_name}`))
  doc.font('Helvetica').fontSize(10).text(longDay(report.day, language)).moveDown(0.4)
  doc.fontSize(9).fillColor(SOFT)
  for (const { zone, begins, ends, landed_before, made_at } of report.periods)
    doc.text(
      `${t('Masa', 'Period')} ${local(begins, zone)} – ${local(ends, zone)}; ${t('tersimpan sebelum', 'stored before')} ${local(landed_before, zone)}; ${t('dibuat', 'made')} ${local(made_at, zone)}`,
    )
  if (report.waits_for.length > 0)
    doc
      .fillColor(ACCENT)
      .text(`${t('Belum lengkap, menunggu', 'Not complete, waits for')} ${report.waits_for.join(', ')}`)
  const phases = report.phases.map(
    ({ election, phase, regions }) =>
      `${election}: ${phase.replaceAll('_', ' ')} (${number(regions, language)} ${t('wilayah', 'regions')})`,
  )
  doc
    .fillColor(SOFT)
    .text(
      plain(
        `${t('Tahapan', 'Phase')}: ${phases.length === 0 ? t('di luar masa pemilihan', 'outside of elections') : phases.join('; ')}`,
      ),
    )
  doc.fillColor(INK)
}

function title(doc: Doc, text: string): void {
  room(doc, 3 * ROW + 12)
  doc.x = MARGIN
  doc.moveDown(0.9).font('Helvetica-Bold').fontSize(11.5).fillColor(ACCENT).text(text).fillColor(INK).moveDown(0.25)
}

/** A new page where less than `height` is left. */
function room(doc: Doc, height: number): boolean {
  if (doc.y + height <= doc.page.height - doc.page.margins.bottom) return false
  doc.addPage()
  return true
}

function table(
  doc: Doc,
  columns: readonly Column[],
  header: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const line = (cells: readonly string[], bold: boolean): void => {
    doc.font(bold ? 'Helvetica-Bold' : 'Helvetica').fontSize(bold ? 7.5 : 8.5)
    const texts = cells.map(plain)
    const heights = texts.map((text, n) => doc.heightOfString(text, { width: (columns[n]?.width ?? 50) - 6 }))
    const height = Math.max(ROW - 4, ...heights) + 4
    if (room(doc, height) && !bold) {
      line(header, true)
      doc.font('Helvetica').fontSize(8.5)
    }
    const { y } = doc
    let x = MARGIN
    for (const [n, text] of texts.entries()) {
      const { width, right = false } = columns[n] ?? { width: 50 }
      doc.fillColor(bold ? SOFT : INK).text(text, x, y + 2, { width: width - 6, align: right ? 'right' : 'left' })
      x += width
    }
    doc
      .moveTo(MARGIN, y + height)
      .lineTo(x, y + height)
      .lineWidth(0.5)
      .strokeColor(EDGE)
      .stroke()
    doc.x = MARGIN
    doc.y = y + height
  }
  line(header, true)
  for (const row of rows) line(row, false)
}

function figures(doc: Doc, report: DailyReport, group: FigureSpec['group'], language: Language): void {
  const t = (id: string, en: string): string => (language === 'en' ? en : id)
  const [id, en] = groupWords[group]
  title(doc, t(id, en))
  const rows = report.figures
    .filter(({ figure }) => figureNames.some((name) => name === figure && figureSpecs[name].group === group))
    .map(({ figure, label, own, beneath, total }) => [
      nameOf(figure, label, language),
      number(toldOf(figure, own), language),
      number(toldOf(figure, beneath), language),
      number(toldOf(figure, total), language),
    ])
  const header = ['', t('wilayah sendiri', 'own region'), t('di bawahnya', 'beneath'), t('jumlah', 'total')]
  table(
    doc,
    [{ width: 259 }, { width: 80, right: true }, { width: 80, right: true }, { width: 80, right: true }],
    header,
    rows,
  )
}

/** A figure in words; with its label, where it has one. */
function nameOf(figure: string, label: string, language: Language): string {
  const name = figureNames.find((one) => one === figure)
  const [id, en] = name === undefined ? [figure, figure] : figureSpecs[name].words
  const words = labelWords[label]
  const whole = language === 'en' ? en : id
  if (label === '') return whole
  const said = words === undefined ? label : words[language === 'en' ? 1 : 0]
  return `   ${whole}: ${said}`
}

function children(doc: Doc, report: DailyReport, language: Language): void {
  if (report.children.length === 0) return
  const t = (id: string, en: string): string => (language === 'en' ? en : id)
  title(doc, t('Wilayah di bawahnya', 'Regions beneath'))
  const beside = figureNames.filter((name) => 'beside' in figureSpecs[name])
  const columns = [{ width: 103 }, ...beside.map(() => ({ width: 44, right: true }))]
  const header = ['', ...beside.map((name) => short[name]?.[language === 'en' ? 1 : 0] ?? name)]
  table(
    doc,
    columns,
    header,
    report.children.map(({ region, name, values }) => [
      `${region} ${name}`,
      ...beside.map((figure) => number(values[figure] ?? 0, language)),
    ]),
  )
}

/** Names of narrow columns. */
const short: Readonly<Record<string, readonly [string, string]>> = {
  events: ['kejadian', 'events'],
  failed_logins: ['gagal masuk', 'failed log-ins'],
  web_errors: ['galat situs', 'web errors'],
  alerts_opened: ['peri-ngatan baru', 'alerts opened'],
  alerts_open: ['terbuka', 'alerts open'],
  reports_incident: ['insiden', 'incidents'],
  reports_missed: ['tak melapor', 'missed reports'],
  sources_silent: ['sumber diam', 'silent sources'],
  regions_blind: ['tak ter-pantau', 'not watched'],
}

function matters(doc: Doc, report: DailyReport, kind: DailyMatter['kind'], language: Language): void {
  const all = report.matters.filter((matter) => matter.kind === kind)
  if (all.length === 0) return
  const t = (id: string, en: string): string => (language === 'en' ? en : id)
  const [id, en] = matterWords[kind]
  title(doc, `${t(id, en)} (${number(all.length, language)})`)
  const header = [t('wilayah', 'region'), t('apa', 'what'), t('sejak', 'since'), t('tenggat, keadaan', 'due, state')]
  const when = (ms: number): string => (ms <= 0 ? t('belum pernah', 'never') : local(ms, report.zone))
  table(
    doc,
    [{ width: 100 }, { width: 199 }, { width: 100 }, { width: 100 }],
    header,
    all.slice(0, MATTERS).map(({ region_name, title: said, ref, severity, since, due, detail }) => {
      const what = kind === 'clock' ? categoryOf(said, language) : said
      const level = labelWords[severity]?.[language === 'en' ? 1 : 0]
      return [
        region_name,
        `${level === undefined ? '' : `[${level}] `}${what}${what === ref ? '' : `\n${ref}`}`,
        when(since),
        [
          due === null || kind === 'missed_report' ? '' : local(due, report.zone),
          detailOf(detail)[language === 'en' ? 1 : 0],
        ]
          .filter((text) => text !== '')
          .join('\n'),
      ]
    }),
  )
  if (all.length > MATTERS)
    doc
      .fontSize(8.5)
      .fillColor(SOFT)
      .text(t('Selebihnya ada di halaman Siaga.', 'The rest is on the page.'), MARGIN)
      .fillColor(INK)
}

function categoryOf(category: string, language: Language): string {
  const words = Object.entries(incidentWords).find(([name]) => name === category)?.[1]
  return words === undefined ? category : words[language === 'en' ? 1 : 0]
}

function blind(doc: Doc, report: DailyReport, language: Language): void {
  if (report.blind_regions.length === 0) return
  const t = (id: string, en: string): string => (language === 'en' ? en : id)
  title(
    doc,
    `${t('Wilayah tidak terpantau', 'Regions not monitored')} (${number(report.blind_regions.length, language)})`,
  )
  doc
    .font('Helvetica')
    .fontSize(8.5)
    .text(plain(report.blind_regions.map(({ region, name }) => `${region} ${name}`).join(', ')), MARGIN)
}

function note(doc: Doc, language: Language): void {
  const t = (id: string, en: string): string => (language === 'en' ? en : id)
  room(doc, 4 * ROW)
  doc.moveDown(1).font('Helvetica').fontSize(8).fillColor(SOFT)
  doc.text(
    t(
      'Angka dihitung sekali saat laporan dibuat dan tidak berubah lagi. Kejadian yang tiba sesudahnya masuk laporan berikutnya sebagai kejadian hari-hari lalu. Wilayah tidak terpantau bukan wilayah aman.',
      'Figures were counted once when the report was made and never change. Events that came afterwards are told in the next report as events of earlier days. A region that is not monitored is not a safe one.',
    ),
    MARGIN,
  )
}

/** Page numbers, when it is known how many there are. */
function feet(doc: Doc, report: DailyReport, language: Language): void {
  const { start, count } = doc.bufferedPageRange()
  for (let page = 0; page < count; page += 1) {
    doc.switchToPage(start + page)
    const { bottom } = doc.page.margins
    // Otherwise what stands in the margin begins a page of its own.
    doc.page.margins.bottom = 0
    const of = language === 'en' ? `page ${page + 1} of ${count}` : `halaman ${page + 1} dari ${count}`
    doc.font('Helvetica').fontSize(8).fillColor(SOFT)
    doc.text(
      plain(`Siaga · ${report.room_name} · ${report.day} ${report.zone} · ${of}`),
      MARGIN,
      doc.page.height - MARGIN,
      {
        width: doc.page.width - 2 * MARGIN,
        align: 'center',
        lineBreak: false,
      },
    )
    doc.page.margins.bottom = bottom
  }
}
