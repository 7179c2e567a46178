// What do attackers write where people will read it? Strings that must reach a page as text and nothing else.

/** Set by whatever manages to run. */
export const FLAG = 'siagaHacked'
/** An attribute that is in the page only if a string became markup. */
export const MARK = 'data-siaga-hostile'
/** Where what runs would call; never looked up, and any request to it fails the test. */
const ELSEWHERE = 'hostile.example'

const run = `window.${FLAG}=1`
const rightToLeft = '\u202E'
const zeroWidth = '\u200B\u200C\u200D\uFEFF'

/** By kind, one line each, no line break inside: most go into log lines. */
export const hostile = {
  script: `<script ${MARK}>${run}</script>`,
  image: `<img ${MARK} src="//${ELSEWHERE}/x.png" onerror="${run}">`,
  attribute: `" autofocus onfocus="${run}" ${MARK}="`,
  single: `' onmouseover='${run}' ${MARK}='`,
  vector: `</title></textarea><svg ${MARK} onload=${run}>`,
  frame: `<iframe ${MARK} srcdoc="<script>parent.${FLAG}=1</script>"></iframe>`,
  style: `<style ${MARK}>*{background:url(//${ELSEWHERE}/s)}</style>`,
  details: `<details ${MARK} open ontoggle=${run}>`,
  url: `javascript:${run}//`,
  data: `data:text/html,<script>opener.${FLAG}=1</script>`,
  template: `{{constructor.constructor('${run}')()}}\${${run}}<%= ${run} %>#{${run}}`,
  encoded: `%3Cscript%3E${encodeURIComponent(run)}%3C/script%3E&lt;script&gt;${run}&lt;/script&gt;`,
  sql: `'; DROP TABLE siaga.events; -- ") OR 1=1 /*`,
  csv: `=HYPERLINK("http://${ELSEWHERE}/","klik")`,
  ansi: `\u001b[31mmerah\u001b[0m\u001b]0;judul\u0007`,
  reversed: `berkas${rightToLeft}gpj.exe`,
  invisible: `ad${zeroWidth}min`,
  combining: `Z${'\u0351\u0327\u0489'.repeat(40)}algo`,
  prototype: '__proto__',
  long: `panjang${'A'.repeat(10_000)}`,
} as const

export type Kind = keyof typeof hostile
export const kinds = Object.keys(hostile).filter((kind): kind is Kind => Object.hasOwn(hostile, kind))

/** What a JSON string, a quoted field of nginx or a syslog message can carry without being another line. */
export function inLogField(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

/** A path as a browser would never send it and curl would. */
export function inPath(text: string): string {
  return text.replaceAll(' ', '%20').replaceAll('"', '%22')
}
