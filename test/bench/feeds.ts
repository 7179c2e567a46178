// What does a large feed cost? A list of one million values: time and memory of reading it, of its draft, and of handing it over.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { readCopy } from '../../ingest/feeds/copy.ts'
import { makeDraftApart } from '../../ingest/feeds/draft-worker.ts'
import { feedFiles } from '../../ingest/feeds/folders.ts'
import { parseList } from '../../ingest/feeds/list.ts'
import { loadWarningLists } from '../../ingest/feeds/warning-lists.ts'
import { Feed } from '../../schemas/feed.ts'

/** Half addresses, a quarter domains, the rest URLs and hashes: all different. */
function largeList(values: number): Buffer {
  const lines: string[] = []
  for (let n = 0; n < values; n++) {
    const hex = ((n * 2654435761) % 4294967296).toString(16).padStart(8, '0')
    const kind = n % 8
    if (kind < 4) lines.push(`${45 + (n >> 22)}.${(n >> 14) & 255}.${(n >> 6) & 255}.${(n & 63) * 4 + kind}`)
    else if (kind < 6) lines.push(`x${hex}-${n}.example.com`)
    else if (kind === 6) lines.push(`hxxp://h${hex}-${n}[.]example[.]net/a/${hex}?q=${n}`)
    else lines.push(hex.repeat(7) + n.toString(16).padStart(8, '0'))
  }
  return Buffer.from(lines.join('\n'))
}

const mb = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MB`
const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`

export async function feeds(values: number, say: (line: string) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'siaga-bench-feeds-'))
  try {
    const bytes = largeList(values)
    writeFileSync(join(folder, 'list.txt'), bytes)
    const feed = Feed.parse({ id: 'bench', format: 'list', url: 'list.txt', hold: false })
    const now = Date.now()
    const before = process.memoryUsage().heapUsed
    let began = performance.now()
    const cpu = process.cpuUsage()
    const parsed = parseList(bytes, feed, now)
    const took = performance.now() - began
    const spent = process.cpuUsage(cpu).user / 1000
    say(
      `feeds: a list of ${values} lines (${mb(bytes.length)}) read in ${seconds(took)} (${seconds(spent)} of CPU, ${Math.round((spent * 1e6) / values)} ns a line), ` +
        `${parsed.indicators.length} indicators, ${mb(process.memoryUsage().heapUsed - before)} of heap with what is not collected yet`,
    )

    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    began = performance.now()
    const cpuBefore = process.cpuUsage()
    await makeDraftApart(
      { feed, dataDir: folder, baseDir: folder, env: {}, warningLists: loadWarningLists([], folder), now },
      new AbortController().signal,
    )
    const drafted = performance.now() - began
    delay.disable()
    const { draft } = feedFiles(folder, feed.id)
    say(
      `feeds: its draft made in a thread in ${seconds(drafted)} (${seconds(process.cpuUsage(cpuBefore).user / 1000)} of CPU), ${mb(statSync(draft).size)} on disk; ` +
        `this thread stood still for at most ${Math.round(delay.max / 1e6)} ms`,
    )

    delay.reset()
    delay.enable()
    began = performance.now()
    const copy = await readCopy(draft)
    delay.disable()
    say(
      `feeds: the copy read back in ${seconds(performance.now() - began)} (${copy?.indicators.length ?? 0} indicators); ` +
        `this thread stood still for at most ${Math.round(delay.max / 1e6)} ms`,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
