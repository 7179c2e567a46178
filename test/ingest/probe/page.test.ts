import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeBody } from '../../../ingest/probe/charset.ts'
import { pageLimits, readPage } from '../../../ingest/probe/page.ts'
import { sitemapOf } from '../../../ingest/probe/sitemap.ts'
import { PageFacts } from '../../../schemas/probe.ts'
import { officePage } from './probing.ts'

const url = 'https://kpu-uji.go.id/berita/satu'
const read = (html: string, type = 'text/html') => {
  const page = readPage(html, type, url)
  if (page === undefined) throw new Error('no page')
  return page
}
const facts = (html: string) => read(html).facts

describe('what people see', () => {
  test('is title, text, links and what the page says of itself', () => {
    expect(facts(officePage)).toMatchObject({
      title: 'KPU Kabupaten Uji',
      description: 'Situs resmi',
      generator: 'WordPress 6.4',
      language: 'id',
      text: expect.stringMatching(/^Beranda Profil JDIH Selamat datang .* jam kerja\.$/),
      hidden_text: '',
      hidden_links: [],
      links: [
        { href: 'https://kpu-uji.go.id/', text: 'Beranda' },
        { href: 'https://kpu-uji.go.id/profil', text: 'Profil' },
        { href: 'https://jdih.kpu.go.id/', text: 'JDIH' },
      ],
      link_hosts: ['jdih.kpu.go.id'],
      script_hosts: [],
      refresh: '',
      canonical: '',
      script_text: '',
      look: [],
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
    })
  })

  test('has no characters that nobody sees, entities as what they are, and one space for many', () => {
    expect(facts('<p>s\u200bl\u00ado\u2060t &amp; g&aacute;c\u202eor&nbsp;\n\t  &#x1F3B0;</p>').text).toBe(
      'slot & gácor 🎰',
    )
  })

  test('is read as it is shown where styles turn letters round, or write them', () => {
    const style =
      '<style>.r{unicode-bidi:bidi-override;direction:rtl} [data-k]::before{content:attr(data-k)} .x::after{content:"bonus \\f101"} .y::after{content:"hadiah besar"}</style>'
    const html = `${style}<p class=r>ROCAG TOLS</p><bdo dir=rtl>legot</bdo><p><i data-k="pok"></i><i data-k="er"></i></p>`
    expect(facts(html)).toMatchObject({
      text: 'SLOT GACOR togel poker',
      hidden_text: expect.stringMatching(/hadiah besar/),
    })
  })

  test.each([
    ['<body bgcolor=black>x', ['black']],
    ['<style>html, body { background: #0a0a0a url(a.png) }</style>x', ['black']],
    ['<body style="background:#fff">x<audio autoplay src=a.mp3></audio>', ['sound']],
    ['<body oncontextmenu="return false">x', ['no menu']],
    ['<div style="background:#000">x</div><audio src=a.mp3></audio>', []],
  ])('looks as %s', (html, look) => {
    expect(facts(html).look).toEqual(look)
  })

  test('stays seen where only print, narrow screens or a rule taken back would hide it', () => {
    const style =
      '<style>@media print{.a{display:none}} @media (max-width:600px){.b{display:none}} .c{display:none} .c{display:block} .d:hover{display:none} .e .f .g{display:none}</style>'
    const html = `${style}<p class=a>satu</p><p class=b>dua</p><p class=c>tiga</p><p class=d>empat</p><p class="e f g">lima</p>`
    expect(facts(html)).toMatchObject({ text: 'satu dua tiga empat lima', hidden_text: '' })
  })

  test.each([
    'height:1px',
    'left:-50px;position:absolute',
    'opacity:0.5',
    'font-size:12px',
    'color:#fff',
    'color:#fff;background:#000',
    'overflow:hidden;height:40px',
    'text-indent:2em',
    'clip-path:circle(50%)',
    'transform:translateX(-50%)',
    'margin-top:-20px',
  ])('is not hidden by %s', (style) => {
    expect(facts(`<div style="${style}">terlihat</div>`).text).toBe('terlihat')
  })

  test('ends with its element, whatever is not closed in it', () => {
    expect(facts('<div hidden>a<p>b<span>c</div>d<ul><li style="display:none">e<li>f</ul>')).toMatchObject({
      text: 'd f',
      hidden_text: 'a bc e',
    })
    expect(facts('<p>a</b></div></p>b<div hidden>c')).toMatchObject({ text: 'a b', hidden_text: 'c' })
  })
})

describe('what people do not see', () => {
  const link = '<a href="https://slot.example/x">gacor</a>'
  test.each<[why: string, html: string]>([
    ['hidden', `<div hidden>${link}</div>`],
    ['display:none', `<div style="DISPLAY : none !important">${link}</div>`],
    ['visibility:hidden', `<p style="visibility:hidden">${link}</p>`],
    ['opacity:0', `<p style="opacity:0.0">${link}</p>`],
    ['font-size:0', `<p style="font-size:0px">${link}</p>`],
    ['font-size:0', `<p style="font-size:1px">${link}</p>`],
    ['left:off-screen', `<div style="position:absolute;left:-9999px">${link}</div>`],
    ['top:off-screen', `<div style="position:fixed;top:-5000px">${link}</div>`],
    ['text-indent:off-screen', `<div style="text-indent:-9999em">${link}</div>`],
    ['margin-left:off-screen', `<div style="margin-left:-3000px">${link}</div>`],
    ['height:0', `<div style="height:0;overflow:hidden">${link}</div>`],
    ['width:0', `<div style="overflow:hidden;width:1px">${link}</div>`],
    ['max-height:0', `<div style="max-height:0px;overflow:hidden">${link}</div>`],
    ['clip', `<div style="position:absolute;clip:rect(0,0,0,0)">${link}</div>`],
    ['clip', `<div style="clip:rect(1px 1px 1px 1px)">${link}</div>`],
    ['clip-path', `<div style="clip-path:inset(50%)">${link}</div>`],
    ['transform', `<div style="transform:scale(0)">${link}</div>`],
    ['transform', `<div style="transform:translateX(-9999px)">${link}</div>`],
    ['transform', `<div style="transform:translate3d(0, -9999px, 0)">${link}</div>`],
    ['color:transparent', `<div style="color:rgba(0,0,0,0)">${link}</div>`],
    ['color of the background', `<div style="color:#FFF;background-color:white">${link}</div>`],
    ['color of the background', `<body bgcolor="#ffffff"><font color="#fff">${link}</font>`],
    [
      'color of the background',
      `<div style="background:rgb(255, 255, 255)"><p style="color:#ffffff">${link}</p></div>`,
    ],
    ['marquee of no size', `<marquee height="1" width="1" scrollamount="9000">${link}</marquee>`],
    ['noscript', `<noscript>${link}</noscript>`],
    ['template', `<template>${link}</template>`],
    ['display:none', `<style>.x9{display:none}</style><div class="a x9">${link}</div>`],
    ['display:none', `<div class="late">${link}</div><style>p,.late{display:none}</style>`],
    ['left:off-screen', `<style>/* {} */ #gone { position:absolute; left:-5000px }</style><div id=gone>${link}</div>`],
    ['opacity:0', `<style>@media screen{div.y{opacity:0}}</style><div class=y>${link}</div>`],
    ['display:none', `<style>.box a{display:none}</style><div class=box><p>${link}</p></div>`],
    ['display:none', `<style>.box > .in{display:none}</style><div class=box><p class=in>${link}</p></div>`],
    ['font-size:0', '<a href="https://slot.example/x"><span style="font-size:0">gacor</span></a>'],
  ])('by %s: %s', (why, html) => {
    const found = facts(`<p>terlihat</p>${html}`)
    expect(found.hidden_links).toEqual([{ href: 'https://slot.example/x', text: 'gacor', why }])
    expect(found.hidden_text).toBe('gacor')
    expect(found.text).toBe('terlihat')
    expect(found.links).toEqual([])
    expect(found.link_hosts).toEqual(['slot.example'])
  })

  test('holds comments, without markup that was taken out and what is for old browsers', () => {
    expect(
      facts('<!-- pwned by x --><p>a</p><!--<a href="https://slot.example/">lama</a>--><!--[if IE]>tua<![endif]-->'),
    ).toMatchObject({
      text: 'a',
      hidden_text: 'pwned by x lama',
      link_hosts: [],
    })
  })

  test('holds frames, forms and areas too', () => {
    const { hidden_links, script_hosts } = facts(
      '<iframe src="//f.example/a" width="0"></iframe><div hidden><form action="https://g.example/"></form><map><area href="https://h.example/" alt="x"></map></div><iframe src="https://terlihat.example/" width=600></iframe>',
    )
    expect(hidden_links).toEqual([
      { href: 'https://f.example/a', text: '', why: 'iframe of no size' },
      { href: 'https://g.example/', text: '', why: 'hidden' },
      { href: 'https://h.example/', text: 'x', why: 'hidden' },
    ])
    expect(script_hosts).toEqual(['f.example', 'terlihat.example'])
  })

  test('holds what attributes, meta and JSON-LD say', () => {
    const { hidden_text, text, description } = facts(
      `<meta name=keywords content="slot, togel"><meta property="og:title" content="judi"><meta property="og:description" content="deskripsi og">
       <img src=a alt="gambar gacor"><a href=/ title="tautan maxwin">x</a>
       <script type="application/ld+json">{"name":"situs","offers":[{"description":"bonus new member"}]}</script>
       <script type="application/ld+json">{rusak: "rtp live"</script><script type="text/template"><p>templat</p></script>`,
    )
    for (const word of [
      'slot, togel',
      'judi',
      'deskripsi og',
      'gambar gacor',
      'tautan maxwin',
      'situs',
      'bonus new member',
      'rtp live',
      'templat',
    ])
      expect(hidden_text).toContain(word)
    expect(text).toBe('x')
    expect(description).toBe('deskripsi og')
  })

  test('names other hosts first where it is more than a record holds', () => {
    const menu = '<a href="/menu">menu</a>'.repeat(300)
    const { hidden_links, links } = facts(`<div hidden>${menu}<a href="https://slot.example/">x</a></div>${menu}`)
    expect(hidden_links).toHaveLength(pageLimits.hiddenLinks)
    expect(hidden_links[0]?.href).toBe('https://slot.example/')
    expect(links).toHaveLength(pageLimits.links)
  })
})

describe('what scripts write', () => {
  const script = (code: string) => facts(`<script>${code}</script>`)
  test.each([
    ['document.write("slot gacor")', 'slot gacor'],
    ["document.writeln('slot ' + 'gacor')", 'slot gacor'],
    ['x.innerHTML = "<b>slot</b> gacor"', 'slot gacor'],
    ['x.insertAdjacentHTML("beforeend", "slot gacor")', 'slot gacor'],
    ['$("body").append("slot gacor")', 'slot gacor'],
    ['eval(String.fromCharCode(115,108,0x6f,116))', 'slot'],
    ['var a = "\\x73\\x6c\\x6f\\x74"', 'slot'],
    ['var a = "\\u0073\\u006c\\u006f\\u0074"', 'slot'],
    ['var a = "tols".split("").reverse().join("")', 'slot'],
    ["a = 'tols' . split ('')", ''],
    [`a = atob('${btoa('situs togel')}')`, 'situs togel'],
    [`eval(atob("${btoa('document.write("togel dalam")')}"))`, 'togel dalam'],
    ['document.write(unescape("%73%6c%6f%74%u0020gacor"))', 'slot gacor'],
    ['document.write(decodeURIComponent("%3Cb%3Eslot%3C%2Fb%3E"))', 'slot'],
    ['decodeURIComponent("%zz%41")', '%zzA'],
    [
      `}('0 1',2,2,'${'slot|gacor|maxwin|togel|bonus|daftar|agen|situs|resmi|jackpot|hari|ini|main|menang|uang'}'.split('|'),0,{}))`,
      'slot gacor maxwin',
    ],
    ['// document.write("komentar")\n/* document.write("juga") */ var a = "biasa"', ''],
    ['var baris = ["Server ini sekarang milik kami."]', 'Server ini sekarang milik kami.'],
    ['var kelas = "btn-primary col-md-4", s = ".a .b > .c", j = "{a: 1, b: 2}"', ''],
    ['var teks = "biasa saja", lain = \'juga\'', ''],
    ['document.write("belum selesai', 'belum selesai'],
    [
      `var a=[${[...'slot gacor'].map((c) => c.charCodeAt(0))}];document.write(String.fromCharCode.apply(null,a))`,
      'slot gacor',
    ],
    [
      `var z='>a/<rocag tols>"/elpmaxe.tols//:sptth"=ferh a<'; e.innerHTML=z.split('').reverse().join('')`,
      'slot gacor',
    ],
    [`var s='${btoa('situs togel online')}'; document.write(atob(s))`, 'situs togel online'],
    ["var a = 'situs sl'+'ot gac'+'or resmi'", 'situs slot gacor resmi'],
    ["var a = ['sl','ot ga','cor'].join('')", 'slot gacor'],
    ["var a = 'slXXot gaXXcorXX XX'.replace(/XX/g, '')", 'slot gacor'],
    ["var h = '736c6f74206761636f72'; x = parseInt(h.substr(i, 2), 16)", 'slot gacor'],
    ["var r = 'fvghf fybg tnpbe'; r.replace(/[a-z]/g, c => f(c.charCodeAt(0) + 13))", 'situs slot gacor'],
  ])('%s', (code, text) => {
    const found = script(code).script_text
    if (text === '') expect(found).toBe('')
    else expect(found).toContain(text)
  })

  test('also where it stands in an attribute', () => {
    const page = btoa('<h1>situs togel</h1>')
    expect(facts(`<body onload="document.write('slot gacor')">`).script_text).toBe('slot gacor')
    expect(facts('<a href="javascript:document.write(&quot;slot gacor&quot;)">x</a>').script_text).toBe('slot gacor')
    expect(facts('<iframe srcdoc="<b>slot</b> gacor"></iframe>').script_text).toBe('slot gacor')
    expect(facts(`<iframe src="data:text/html;base64,${page}"></iframe>`).script_text).toBe('situs togel')
  })

  test('leads where a variable says', () => {
    expect(
      facts("<script>var u='https://slot.example/';setTimeout(function(){location.href=u},9)</script>").refresh,
    ).toBe('https://slot.example/')
    expect(facts(`<script>location.href=atob('${btoa('https://slot.example/')}')</script>`).refresh).toBe(
      'https://slot.example/',
    )
    expect(facts("<script>location.href='https://'+'slot.'+'example/'</script>").refresh).toBe('https://slot.example/')
    expect(facts("<script>var a=document.createElement('a');a.href='https://slot.example/'</script>").links).toEqual([
      { href: 'https://slot.example/', text: '' },
    ])
  })

  test('is HTML whose links count, hidden or not', () => {
    const found = script(`document.write('<div style="display:none"><a href="https://slot.example/">gacor</a></div>')`)
    expect(found.hidden_links).toEqual([{ href: 'https://slot.example/', text: 'gacor', why: 'display:none' }])
    expect(found.script_text).toBe('gacor https://slot.example/')
    expect(found.text).toBe('')
  })

  test.each([
    [
      '<meta http-equiv="Refresh" content="0; URL=\'https://slot.example/a\'">',
      'https://slot.example/a',
      ['slot.example'],
    ],
    ['<meta http-equiv=refresh content="300">', '', []],
    ['<script>window.location.href = "https://slot.example/"</script>', 'https://slot.example/', ['slot.example']],
    [
      '<script>if (mobile()) { location.replace("//slot.example/m") }</script>',
      'https://slot.example/m',
      ['slot.example'],
    ],
    ['<script>location="/beranda"</script>', 'https://kpu-uji.go.id/beranda', []],
    ['<script>function masuk() { location.href = "/masuk" }</script>', '', []],
    ['<script>var mylocation = "https://peta.example/"</script>', '', []],
    ['<script>x.dislocation = "https://peta.example/"</script>', '', []],
  ])('leads somewhere: %s', (html, refresh, hosts) => {
    expect(facts(html)).toMatchObject({ refresh, script_hosts: hosts })
  })
})

describe('addresses', () => {
  test('are those of the page or its base, of the web alone', () => {
    const found = facts(
      '<base href="https://cdn.example/dir/"><link rel="canonical" href="/resmi"><script src="app.js"></script><a href="x">x</a><a href="mailto:a@b.example">m</a><a href="javascript:void(0)">j</a><a href="http://[">rusak</a><a>tanpa</a>',
    )
    expect(found).toMatchObject({
      canonical: 'https://cdn.example/resmi',
      script_hosts: ['cdn.example'],
      link_hosts: ['cdn.example'],
      links: [
        { href: 'https://cdn.example/dir/x', text: 'x' },
        { href: 'mailto:a@b.example', text: 'm' },
        { href: 'javascript:void(0)', text: 'j' },
        { href: 'http://[', text: 'rusak' },
      ],
    })
  })
})

describe('other bodies', () => {
  test.each([
    [
      'application/rss+xml',
      '<rss><channel><title>Berita</title><item><title><![CDATA[Slot <b>]]></title></item></channel></rss>',
      'Berita Slot <b>',
    ],
    [
      'text/xml',
      '<?xml version="1.0"?><urlset><url><loc>https://a.example/slot</loc></url></urlset>',
      'https://a.example/slot',
    ],
    ['application/json', '{"judul":"Pemilu","isi":["satu",{"dua":"tiga"}],"n":1}', 'Pemilu satu tiga'],
    ['application/json', '{"judul":', '{"judul":'],
    ['text/plain', 'Hacked by x\n\n  <b>bukan tag</b>', 'Hacked by x <b>bukan tag</b>'],
    ['', '<h1>Tanpa jenis</h1>', 'Tanpa jenis'],
    ['application/octet-stream', 'hanya teks', 'hanya teks'],
    ['application/octet-stream', '<?xml version="1.0"?><a>x</a>', 'x'],
  ])('%s gives text', (type, body, text) => {
    expect(read(body, type).facts.text).toBe(text)
  })

  test.each([
    ['image/png', '\u0089PNG'],
    ['application/pdf', '%PDF-1.7'],
    ['application/octet-stream', '\u0000\u0001\u0002'],
  ])('%s gives none', (type, body) => {
    expect(readPage(body, type, url)).toBeUndefined()
  })

  test('a sitemap gives how many addresses, and some from its beginning to its end', () => {
    const entries = Array.from({ length: 1000 }, (_, n) => `<url><loc> https://kpu-uji.go.id/${n} </loc></url>`)
    const { urls, sample } = sitemapOf(`<?xml version="1.0"?><urlset>${entries.join('')}</urlset>`)
    expect(urls).toBe(1000)
    expect(sample).toHaveLength(30)
    expect(sample[0]).toBe('https://kpu-uji.go.id/0')
    expect(sample.at(-1)).toBe('https://kpu-uji.go.id/999')
    expect(sitemapOf('<html><p>404')).toEqual({ urls: 0, sample: [] })
    expect(sitemapOf('<urlset><loc>https://a.example/1</loc><loc>')).toEqual({
      urls: 1,
      sample: ['https://a.example/1'],
    })
  })
})

/** Holds for every page there is: the schema, and the bounds of each part. */
function bounded(html: string, type = 'text/html'): void {
  const page = readPage(html, type, url)
  if (page === undefined) return
  const found = PageFacts.parse(page.facts)
  expect(found.title.length).toBeLessThanOrEqual(pageLimits.title)
  expect(found.text.length).toBeLessThanOrEqual(pageLimits.text)
  expect(found.hidden_text.length).toBeLessThanOrEqual(pageLimits.hiddenText)
  expect(found.script_text.length).toBeLessThanOrEqual(pageLimits.scriptText)
  expect(found.links.length).toBeLessThanOrEqual(pageLimits.links)
  expect(found.hidden_links.length).toBeLessThanOrEqual(pageLimits.hiddenLinks)
  expect(found.link_hosts.length).toBeLessThanOrEqual(pageLimits.hosts)
  expect(found.script_hosts.length).toBeLessThanOrEqual(pageLimits.hosts)
  for (const { href, text } of [...found.links, ...found.hidden_links]) {
    expect(href.length).toBeLessThanOrEqual(pageLimits.href)
    expect(text.length).toBeLessThanOrEqual(pageLimits.linkText)
  }
  expect(JSON.stringify(found).isWellFormed()).toBe(true)
}

describe('any page at all', () => {
  const tags = [
    '<div',
    '<a href="https://x.example/',
    '<script>',
    '</script>',
    '<style>.a{',
    'display:none}',
    '</style>',
    '<!--',
    '-->',
    '<p style="',
    'left:-999px',
    '">',
    '"',
    "'",
    '>',
    '</',
    '<iframe src=',
    '<meta charset=',
    '<title>',
    '&#x',
    '&amp',
    'document.write("',
    'fromCharCode(',
    '\\x7',
    'atob("',
    '<marquee',
    '<svg><title>',
    '\ud83c',
    '\u0000',
    '\u200b',
    ' hidden ',
    'class=a ',
    '<noscript>',
    '<template>',
    '<base href="',
    '@media print{',
    '{',
    '}',
    '/*',
    '*/',
    'location="',
  ]
  test('is read without a throw and within its bounds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...tags), fc.string({ unit: 'binary', maxLength: 20 })), { maxLength: 80 }),
        fc.constantFrom('text/html', 'text/xml', 'application/json', 'text/plain', '', 'application/octet-stream'),
        (parts, type) => bounded(parts.join(''), type),
      ),
      { numRuns: 800 },
    )
  })

  test('cut anywhere and changed anywhere is read too', () => {
    const page = `${officePage}<style>.h{display:none}</style><div class=h><a href="https://slot.example/">x</a></div><script>document.write("<p>a" + "b"); location.href='https://r.example'</script>`
    fc.assert(
      fc.property(
        fc.nat(page.length),
        fc.nat(page.length),
        fc.constantFrom('', '<', '>', '"', "'", '&', '\u0000', '</', '<!--', '\ud800'),
        (from, to, put) => {
          bounded(page.slice(0, from))
          bounded(page.slice(0, from) + put + page.slice(to))
        },
      ),
      { numRuns: 400 },
    )
  })

  test('of any bytes and any charset is decoded', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string({ unit: 'binary', maxLength: 40 }), (bytes, label) => {
        const { text, charset } = decodeBody(Buffer.from(bytes), `text/html; charset=${label}`)
        expect(charset).not.toBe('')
        bounded(text)
      }),
      { numRuns: 300 },
    )
  })

  // Texts that made other parsers slow: with a square of their length each would take minutes, and the test its time out.
  test.each<[name: string, html: string]>([
    ['elements in elements', '<div>'.repeat(80_000)],
    ['ends of nothing', `${'<b>'.repeat(50_000)}${'</i>'.repeat(80_000)}`],
    ['links in links', `${'<a href=x>'.repeat(50_000)}${'</b>'.repeat(50_000)}`],
    ['style blocks', '<style>'.repeat(50_000)],
    ['rules and elements', `<style>${'.b .c{opacity:0}'.repeat(50_000)}</style>${'<p class=c>'.repeat(50_000)}`],
    ['a quote that does not end', `<script>${'"'.repeat(400_000)}`],
    ['character codes', `<script>${'fromCharCode('.repeat(50_000)}`],
    ['an attribute', `<a href="${'x'.repeat(400_000)}`],
    ['attributes', `<p ${'a=b '.repeat(80_000)}>`],
    ['ampersands', '&'.repeat(400_000)],
    ['comments', '<!--'.repeat(80_000)],
    ['writes', `<script>${'document.write("<div>");'.repeat(40_000)}`],
    ['declarations', `<p style="${';'.repeat(400_000)}">`],
    ['blocks in blocks', `<style>${'@media x{'.repeat(50_000)}`],
    ['selectors', `<style>${'a,'.repeat(200_000)}{display:none}`],
    ['charsets', '<meta charset'.repeat(80_000)],
    ['spaces', `<p>${' \n'.repeat(200_000)}x`],
    ['nothing seen', '\u200b'.repeat(400_000)],
    ['words', 'a b '.repeat(150_000)],
  ])('of %s is read in time and within its bounds', (_name, html) => {
    bounded(html)
    bounded(decodeBody(Buffer.from(html), '').text)
  })
})
