// The status page: asks for the figures every two seconds and writes them as text (never as markup: log lines are hostile).
const number = new Intl.NumberFormat('id-ID')
const time = new Intl.DateTimeFormat('id-ID', { timeZone: 'Asia/Jakarta', dateStyle: 'short', timeStyle: 'medium' })
const byId = (id) => document.getElementById(id)

const show = (id, text) => {
  const element = byId(id)
  if (element.textContent !== text) element.textContent = text
}

const rows = (id, list, empty) => {
  const body = byId(id)
  const filled = list.length > 0 ? list : [[{ text: empty, span: 5 }]]
  body.replaceChildren(
    ...filled.map((cells) => {
      const row = document.createElement('tr')
      for (const cell of cells) {
        const element = document.createElement('td')
        element.textContent = cell.text
        if (cell.span) element.colSpan = cell.span
        if (cell.className) element.className = cell.className
        row.append(element)
      }
      return row
    }),
  )
}

const when = (milliseconds) => (milliseconds > 0 ? `${time.format(milliseconds)} WIB` : '–')

async function refresh() {
  const state = byId('state')
  try {
    const response = await fetch('/v1/status', { signal: AbortSignal.timeout(8000) })
    if (!response.ok) throw new Error(`HTTP ${response.status}`)
    const status = await response.json()
    state.className = status.reasons.length === 0 ? 'ready' : 'trouble'
    state.textContent =
      status.reasons.length === 0 ? '● Siap / Ready' : `▲ Belum siap / Not ready: ${status.reasons.join('; ')}`
    show('rate', number.format(Math.round(status.perMinute / 6) / 10))
    show('total', number.format(status.perHour))
    show('lag', number.format(status.waiting))
    show('high', number.format(status.highScores))
    rows(
      'sources',
      status.sources.map((source) => [
        {
          text: source.perHour === 0 ? `${source.id} · diam / silent` : source.id,
          className: source.perHour === 0 ? 'quiet' : '',
        },
        { text: number.format(source.perMinute) },
        { text: number.format(source.perHour) },
        { text: when(source.lastTimestamp) },
        { text: source.lagP95 > 0 ? `≤ ${number.format(source.lagP95)} ms` : '–' },
      ]),
      'Belum ada sumber / No sources yet',
    )
    rows(
      'top',
      status.top.map((event) => [
        { text: String(event.score) },
        { text: when(event.timestamp) },
        { text: event.source },
        { text: event.address || '–' },
        { text: event.message, className: 'line' },
      ]),
      'Belum ada kejadian / No events yet',
    )
  } catch (error) {
    state.className = 'trouble'
    state.textContent = `▲ Tidak terhubung / Not connected (${error.message})`
  }
  setTimeout(refresh, 2000)
}
refresh()
