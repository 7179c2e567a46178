// Which texts in a web request are attacks or probes? Each rule with its patterns, and what a text must hold for a pattern to be tried.
import type { Severity } from '../../schemas/detection.ts'
import { has, type WordStarts } from './text.ts'

/** What to look for in a decoded text (see `decode`: small letters, single spaces, `\xff` between parameters). */
export interface Pattern {
  /** Bits of `has`: tried where one of them is in the text, or one of the words below starts there. */
  readonly needs?: number
  readonly starts?: WordStarts
  /** Bits that must all be there as well. */
  readonly and?: number
  /** Linear in the length of the text: repetitions are bounded and not nested. */
  readonly regex: RegExp
}

export interface WebRule {
  readonly id: string
  readonly title: string
  readonly severity: Severity
  readonly technique: string
  readonly patterns: readonly Pattern[]
  /** Only where the server's answer is of this kind. */
  readonly answer?: 'refused' | 'served'
  /** Only in URLs; other rules on content are tried on Referer and User-Agent too. */
  readonly urlOnly?: boolean
  /** Line ends are read as spaces. */
  readonly flat?: boolean
  /** Matches by disguised dots, slashes or line ends alone. */
  readonly disguised?: boolean
}

const any = (...parts: string[]): RegExp => new RegExp(parts.join('|'))

/** Rules on what clients put into URLs, referrers and agents. */
export const contentRules: readonly WebRule[] = [
  {
    id: 'siaga.builtin.jndi_lookup',
    title: 'Log4Shell: JNDI lookup in a request',
    severity: 'critical',
    technique: 'T1190',
    patterns: [
      {
        needs: has.dollar,
        and: has.brace,
        regex:
          /\$\{(?:jndi:|(?:lower|upper|env|sys|java|date|main|ctx|base64|bundle|k8s|docker|spring)?:[^}]{0,80}|[^${}]{0,40}\$\{(?:lower|upper|env|sys|date|:))/,
      },
    ],
  },
  {
    id: 'siaga.builtin.shellshock',
    title: 'Shellshock: function definition in a request',
    severity: 'high',
    technique: 'T1190',
    patterns: [{ needs: has.paren, and: has.brace, regex: /\(\) ?\{/ }],
  },
  {
    id: 'siaga.builtin.sql_injection',
    title: 'SQL injection in a request',
    severity: 'high',
    technique: 'T1190',
    flat: true,
    patterns: [
      {
        // Needs no more than spaces.
        needs: has.space | has.star | has.paren | has.control,
        regex: any(
          String.raw`\bunion ?(?:all |distinct )?[( ]{0,3}select\b[^\xff]{0,80}?(?:[,(*'"]|\bnull\b|\bfrom\b|--|#|\d$)|\bunion (?:all |distinct )?select ?(?:$|\xff)`,
          String.raw`\bselect (?:all |distinct |top \d+ )?(?:\*|@@?\w|\w{1,40}\(|\d+ ?,|null\b|'|"|[\w.]{1,40} ?, ?[\w.]{1,40})[^\xff]{0,120}?\bfrom\b`,
          String.raw`\b\d+\)? ?(?:or|and|xor|\|\||&&|div|having) ?[('" ]{0,4}(?:not )?['"]?[\w@.]{1,32}['"]? ?(?:=|<|>|!=)`,
          String.raw`\b\d+\)? ?(?:or|and|xor|\|\||&&) ?(?:not |!)?\(? ?(?:exists|select|sleep|benchmark|ascii|substr(?:ing)?|length|if|char) ?\(`,
          String.raw`\bwaitfor delay\b|\binto (?:out|dump)file\b|\bload data (?:local )?infile\b|\bprocedure analyse\b|\border by \d{1,4} ?(?:--|#)`,
          String.raw`\binsert into \w{1,40} ?(?:\(|values|select)|\bdelete from \w{1,40} (?:where|;|--)|\bupdate \w{1,40} set \w{1,40} ?=|\bdrop table \w{1,40} ?(?:;|--)`,
          String.raw`\bexec(?:ute)? (?:immediate|xp_|sp_|master)|\bcase when\b[^\xff]{1,60}?\bthen\b`,
        ),
      },
      {
        needs: has.quote | has.paren | has.semicolon | has.pipe | has.backtick,
        regex: any(
          String.raw`[('";] ?\(? ?select\b[^\xff]{1,120}?\b(?:from|case|sleep|char|concat|version|database)\b`,
          // Always true or always false.
          String.raw`['"\x60)] ?(?:or|and|xor|\|\||&&|div|having) ?[('" ]{0,4}(?:not )?['"]?[\w@.]{1,32}['"]? ?(?:=|<|>|!=|(?:like|rlike|regexp|in|is|between|sounds)\b)`,
          String.raw`['"\x60)] ?(?:or|and|xor|\|\||&&) ?(?:not |!)?\(? ?(?:(?:exists|select|sleep|benchmark|ascii|substr(?:ing)?|length|if|char) ?\(|(?:true|false|null|1)(?: ?(?:--|#|=|<|>|\)|;)|$|\xff))`,
          String.raw`['"] ?(?:=|<|>|\|\||&&|\^|\*|\+|-) ?['"(]`,
          // Breaking out and commenting away the rest.
          String.raw`['")] ?;? ?(?:--(?:[ +-]|$|\xff)|#(?:$|\xff)|/\*$)|\d ?;? ?--[ -]?(?:$|\xff)`,
          String.raw`['")] ?\)? ?(?:order|group) by \d{1,3}\b`,
          // Further statements.
          String.raw`['";)] ?(?:insert into|update \w{1,40} set|delete from|drop (?:table|database|schema|view)|alter table|create (?:table|user|function)|truncate table|exec(?:ute)? |declare @?\w|shutdown\b|replace ?\(?into)`,
          // Functions that only databases have.
          String.raw`\b(?:sleep|benchmark) ?\( ?[\d'"(@-]|\b(?:sleep|benchmark)\((?:$|\xff|\w{1,10}\()|\bselect (?:sleep|benchmark|version|user|database|count|char|concat) ?\(|\b(?:pg_sleep|extractvalue|updatexml|load_file|group_concat|concat_ws|randomblob|xp_cmdshell|xp_dirtree|sp_executesql|sp_oacreate|dbms_\w{1,30}\.\w{1,30}|utl_http\.request|utl_inaddr\.get_host_\w{4,7}|pg_read_file|lo_import|sqlite_version|gtid_subset|json_keys|json_extract|st_latfromgeohash|make_set|generate_series|current_setting|unhex|load_extension) ?\(`,
          String.raw`\bif ?\([^\xff]{1,60}?, ?sleep|\b(?:cast|convert) ?\([^\xff]{1,60}? as (?:int|char|varchar|numeric|decimal)`,
        ),
      },
      {
        needs: has.colon | has.quote,
        regex:
          /\w\)?::(?:jsonb?|int|integer|bigint|text|varchar|numeric|regclass|bool)\b|\b(?:or|and) '[^'\xff]{0,60}' ?(?:=|<|>|::|->|\?|@>|<@|like )/,
      },
      {
        needs: has.space | has.quote | has.paren | has.semicolon | has.underscores,
        starts: {
          parameter: '@@ information_schema pg_catalog sysobjects mysql.user sqlite_master all_tables xp_cmdshell',
        },
        regex:
          /\binformation_schema\b|\bpg_catalog\b|\bsys(?:objects|columns|databases|users|tables)\b|\bmysql\.(?:user|db)\b|\bsqlite_master\b|\ball_tables\b|\bmsysaccessobjects\b|@@(?:version|datadir|hostname|servername|basedir|global|identity)\b|\bxp_cmdshell\b/,
      },
    ],
  },
  {
    id: 'siaga.builtin.nosql_injection',
    title: 'NoSQL operator in a request',
    severity: 'high',
    technique: 'T1190',
    patterns: [
      {
        needs: has.dollar,
        regex:
          /[[{"'] ?\$(?:ne|eq|gt|gte|lt|lte|in|nin|not|and|or|nor|exists|regex|where|expr|elemmatch|size|type)["'\]]? ?[\]:=]/,
      },
    ],
  },
  {
    id: 'siaga.builtin.cross_site_scripting',
    title: 'Cross-site scripting in a request',
    severity: 'medium',
    technique: 'T1059.007',
    flat: true,
    patterns: [
      {
        needs: has.angle,
        regex: any(
          String.raw`<[ /]?(?:script|iframe|svg|embed|object|applet|math|marquee|frameset|frame|isindex|details|xss|x|layer|bgsound|base|meta|link|style|form|keygen|template|noscript|portal|xml|import|animate|set|dialog)(?:[\s/>:]|$)`,
          String.raw`<[a-z!?][^<>]{0,120}[\s/"'\x60]on[a-z]{3,24} ?=`,
          String.raw`<(?:img|video|audio|input|body|a|div|source|image|textarea|button)\s[^<>]{0,120}(?:src|href|style|action|background|formaction|poster|data) ?=`,
          String.raw`<!--# ?(?:exec|include|echo|printenv)|<[?]import\b`,
          String.raw`<(?:br|input|table|body|img|div|font|center|title|textarea|video|audio|source|ul|li|td|tr|h[1-6]|p|a)(?:[ />]|$|\xff)`,
        ),
      },
      {
        needs: has.quote | has.backtick | has.angle,
        regex:
          /["'`/> ]on(?:error|load|click|mouse\w{2,6}|focus\w{0,3}|blur|key\w{2,5}|toggle|pointer\w{2,12}|animation\w{3,10}|transition\w{3,6}|begin|start|wheel|copy|paste|cut|submit|input|change|beforeunload|hashchange|message|unload|resize|scroll|show|invalid|ended|canplay|play)\s?=|\bstyle ?= ?["'][^"']{0,80}(?:expression ?\(|behavior ?:|-moz-binding)|\bsrcdoc ?=/,
      },
      { needs: has.colon, regex: /\b(?:java|vb|live)script ?:|\bdata:text\/(?:html|javascript)|\bdata:image\/svg/ },
      {
        needs: has.paren | has.backtick | has.bracket | has.quote,
        regex:
          /\bdocument ?(?:\.|\[) ?["']?(?:cookie|write|location|domain|body|createelement|documentelement)|\bwindow ?(?:\.|\[) ?["']?(?:location|name|alert|eval|open|onerror|top)\b|\b(?:self|top|parent|this|globalthis|frames) ?\[ ?["']|\b(?:alert|confirm|prompt|eval|atob|btoa|settimeout|setinterval|importscripts)(?:\.\w{1,10})?[(`]|\bstring\.fromcharcode\b|\bconsole\.\w{1,12}(?:\.\w{1,10})? ?\(|\[\]\[["(]/,
      },
    ],
  },
  {
    id: 'siaga.builtin.path_traversal',
    title: 'Path traversal or system file in a request',
    severity: 'high',
    technique: 'T1190',
    disguised: true,
    patterns: [
      {
        needs: has.dots | has.backslash,
        regex:
          /(?:\.{2,4};?[\\/]+){2}|[\\/]\.\.;?[\\/]+(?:etc|proc|var|usr|home|root|boot|windows|winnt|web-inf|wp-config|conf|config|admin|manager|\.env)\b|[\\/]\.\.;[\\/]|c:[\\/]+(?:windows|winnt|boot)/,
      },
      {
        needs: has.dots | has.backslash,
        starts: { slash: 'etc proc sys/ var root windows winnt web-inf meta-inf usr boot.ini win.ini', dot: 'ini' },
        regex:
          /\/etc\/(?:passwd|shadow|group|hosts|issue|sudoers|crontab|fstab|resolv\.conf|ssh\/|apache2?\/|httpd\/|nginx\/|mysql\/|php|my\.cnf|os-release|redhat-release|motd|profile|environment)|\/sys\/(?:class|kernel|devices)\b|\/proc\/(?:self|version|cmdline|cpuinfo|net|\d{1,7})\b|\bboot\.ini\b|\bwin\.ini\b|\bsystem\.ini\b|[\\/](?:windows|winnt)[\\/]+(?:system|win)|\/var\/(?:log|lib|mail|spool|run)\/|\/root\/\.|\b(?:web|meta)-inf[\\/]|\/usr\/local\/(?:apache|etc)/,
      },
    ],
  },
  {
    id: 'siaga.builtin.remote_file_inclusion',
    title: 'Remote file, stream wrapper or internal address in a request',
    severity: 'high',
    technique: 'T1190',
    urlOnly: true,
    patterns: [
      {
        needs: has.colon,
        regex: any(
          String.raw`\b(?:php|phar|zip|zlib|bzip2|expect|glob|ogg|rar|ssh2(?:\.\w{3,6})?|compress\.\w{2,8}|gopher|dict|netdoc|jar|tftp|ldaps?|rmi|file|view-source|sftp|smb)://`,
          String.raw`\bdata:[\w/+.-]{0,40};base64,`,
          String.raw`=["' ]?(?:https?|ftps?):/{1,3}(?:\d{1,3}(?:\.\d{1,3}){1,3}|0x[0-9a-f]{2,8}|\d{8,10}|\[)`,
          String.raw`=["' ]?(?:https?|ftps?)://[^\xff =]{1,120}(?:\.(?:txt|dat|sh|pl|py)(?:\?|\xff|$)|\?+(?:\xff|$))`,
          String.raw`169\.254\.169\.254|metadata\.google\.internal|\[::(?:1\]|ffff:)`,
        ),
      },
    ],
  },
  {
    id: 'siaga.builtin.command_injection',
    title: 'Operating-system command in a request',
    severity: 'high',
    technique: 'T1059',
    patterns: [
      {
        // A command after something that ends the one before it.
        needs: has.semicolon | has.pipe | has.backtick | has.control | has.encodedAmpersand | has.dollar,
        regex: any(
          String.raw`(?:[;\x60\n\r]|&&?|\|\||\$\() ?["'\\]{0,2}(?:/(?:usr/)?(?:local/)?s?bin/)?(?:cat|whoami|uname|wget|curl|ncat|bash|zsh|ksh|csh|python\d?|perl|ruby|ping6?|nslookup|ifconfig|ipconfig|netstat|powershell|certutil|busybox|tftp|telnet|chmod|chown|lwp-request|systeminfo|tasklist|getent|printenv|traceroute|tracert|sleep|echo|dig|php|gcc|ssh|grep|awk|sed|xargs|mkdir|crontab|base64|printf|passwd|sudo|lynx|socat|tac|xxd)(?:\.exe)?(?:[ <>;|&$\x60)\n\r"'\\]|$|\xff)`,
          String.raw`(?:[\x60\n\r]|&&|\|\||\$\() ?(?:id|ls|ps|pwd|w|who|sh|nc|rm|cp|mv|env|set|net|dir|ver|del|type|date|hostname|tail|head|find|more|less|od|df|du|touch|kill|su|ftp|tar|last|mount)(?:[ <>;|&$\x60)\n\r"'\\]|$|\xff)`,
          String.raw`[;|&] ?(?:id|ls|ps|pwd|w|who|sh|nc|rm|cp|mv|env|dir|hostname|nl|od)(?:[;|&)\x60\n\r]| ?[-/$<>]|$)`,
          String.raw`\| ?(?:/(?:usr/)?s?bin/)?(?:whoami|uname|ifconfig|ipconfig|netstat|systeminfo|tasklist|passwd|nslookup|powershell|(?:cat|wget|curl|bash|python\d?|perl|ping|echo|base64|sh|nc|tee|xargs) [-/$\w"'.<>])`,
          String.raw`\x60[a-z/][^\x60\xff]{1,80}\x60|\$\{ifs[^}]{0,12}\}|\$ifs\b|\$\{\w{1,12}(?::\d+:\d+|%%?|##?)|\$\{?path\b`,
        ),
      },
      {
        needs: has.space | has.brace,
        regex:
          /\b(?:wget|curl|lynx|fetch) (?:-\S{1,20} ){0,4}["']?(?:https?|ftp):\/\/|\b(?:bash|sh|zsh|ksh) -[ci]\b|\bnc(?:\.exe|at)? -\w{0,4}[elp]|\bchmod (?:\+x|[0-7]{3,4})\b|\brm -[rf]{1,2}\b|\bmkfifo\b|\bcmd(?:\.exe)? ?\/[ck]\b|\bpowershell(?:\.exe)? -\w|\bcertutil(?:\.exe)? -|\bpython\d? -c\b|\bperl -e\b|\bphp -r\b|\bping -[nc] ?\d|\bnet (?:user|localgroup) |\{(?:cat|ls|id|curl|wget|ping|echo|nc|bash|sh),/,
      },
      {
        starts: { slash: 'bin usr dev sbin', parameter: 'cmd= exec command shell run= ping=' },
        regex:
          /\/bin\/(?:sh|bash|dash|zsh|ksh|csh|cat|ls|id|nc|ps|ping|echo|uname|rm|cp|mv|chmod|kill|mail|su|login|env|true|false|mknod)\b|\/usr\/(?:local\/)?s?bin\/\w{2,16}|\/dev\/(?:tcp|udp)\/|\/s?bin\/(?:ifconfig|ip|route)\b|[?\xff](?:cmd|exec|execute|command|shell|run|ping)=(?:id|whoami|uname|ls|dir|pwd|cat|ps|ifconfig|ipconfig|net|netstat|wget|curl|hostname|set|env|ver)(?:[ \xff/;-]|$)/,
      },
    ],
  },
  {
    id: 'siaga.builtin.code_injection',
    title: 'Program code in a request',
    severity: 'high',
    technique: 'T1059',
    patterns: [
      {
        needs: has.angle | has.dollar,
        regex: /<\?(?:php|=|\s)|\$_(?:get|post|request|server|cookie|files|session|env)\b|\$globals\b/,
      },
      {
        needs: has.paren,
        regex: any(
          String.raw`\b(?:system|exec|assert|md5|chr|symlink|popen|fopen)\([^\xff]{0,80}\)`,
          String.raw`\b(?:passthru|shell_exec|proc_open|base64_decode|call_user_func(?:_array)?|file_put_contents|file_get_contents|phpinfo|preg_replace|create_function|gzinflate|gzuncompress|str_rot13|pcntl_exec|array_map|usort|move_uploaded_file|fwrite|fputs|readfile|show_source|highlight_file|var_dump|print_r|unserialize|ini_set|putenv|escapeshellcmd) ?\([^\xff]{0,80}\)`,
          String.raw`\bgetruntime ?\(|\brequire ?\( ?['"\x60]|\bnew function ?\(|\bimport os\b|\bos\.(?:system|popen) ?\(`,
        ),
      },
      {
        needs: has.paren | has.underscores | has.quote | has.bracket,
        starts: { parameter: 'class.module allow_url auto_prepend constructor.' },
        regex:
          /\bjava\.(?:lang|io|net|util)\.\w|\bprocessbuilder\b|\bclass\.module\.classloader|#_memberaccess|@java\.|\bognl\b|\bscriptenginemanager\b|\bfreemarker\.|\bchild_process\b|\bprocess\.(?:env|mainmodule|binding|exit|spawn)\b|__proto__|\bconstructor(?:\.|\[) ?["']?(?:prototype|constructor)|\bthis\.constructor\b|_\$\$nd_func|__import__|__class__|__globals__|__subclasses__|__builtins__|\bsubprocess\.\w|\ballow_url_include\b|\bauto_prepend_file\b|\bsuhosin\./,
      },
      { needs: has.colon, and: has.brace, regex: /\b[oa]:\d{1,4}:(?:"\w{1,80}":\d{1,4}:)?\{[isao]:\d/ },
    ],
  },
  {
    id: 'siaga.builtin.template_injection',
    title: 'Template or expression language in a request',
    severity: 'high',
    technique: 'T1190',
    patterns: [
      {
        needs: has.brace,
        regex:
          /\{\{ ?[^{}]{0,80}(?:\d ?[*+] ?'?\d|\(|\bconfig\b|\bself\b|\brequest\b|__|\|)|[$#*@]\{ ?[^{}]{0,80}(?:\d ?[*+] ?\d|\w\(|@|#|\bt\()|%\{ ?[(#]|\{%/,
      },
      { needs: has.angle, regex: /<%[=@#]?/ },
    ],
  },
  {
    id: 'siaga.builtin.header_injection',
    title: 'Line end and header in a request',
    severity: 'medium',
    technique: 'T1190',
    urlOnly: true,
    patterns: [
      {
        needs: has.control,
        regex:
          /[\r\n] ?(?:(?:set-cookie|location|content-(?:type|length|disposition|encoding)|transfer-encoding|host|refresh|x-[a-z-]{2,30}|bcc|cc|to|from|subject|rcpt to|mail from) ?:|http\/\d|get \/|post \/)/,
      },
    ],
  },
  {
    id: 'siaga.builtin.ldap_xml_injection',
    title: 'LDAP filter or XML entity in a request',
    severity: 'medium',
    technique: 'T1190',
    urlOnly: true,
    patterns: [
      {
        needs: has.paren | has.angle,
        regex: /\)\([|&!]|\*\)\(\w{1,30}=|\([|&]\(\w{1,30}=|<!(?:doctype|entity|\[cdata)/,
      },
    ],
  },
]

const probe = { severity: 'low', answer: 'refused', technique: 'T1595.003' } as const

/** Rules on which page or file is asked for. */
export const pathRules: readonly WebRule[] = [
  {
    id: 'siaga.builtin.webshell',
    title: 'Web shell or script in an upload folder',
    severity: 'high',
    technique: 'T1505.003',
    patterns: [
      {
        starts: {
          slash:
            'c99 r57 b374k wso alfa indo mari 0byt gel4 leaf priv8 k2ll webs cmd shell c100 mini bypass simp back weev anti mads angel sym',
        },
        and: has.script,
        regex:
          /\/(?:c99|r57|b374k|wso\d{0,3}|alfa(?:shell|new\d?|_?data)?|indoxploit|marijuana|0byt3m1n1|gel4y|leafmailer|priv8|k2ll33d|webshell|cmd|shell\d?|c100|mini_?shell|bypass|simple-?backdoor|backdoor|weevely|antichat|madspot|angel|symlink|sym403)\.(?:php\d?|phtml|phar|aspx?|jspx?|cgi)\b/,
      },
      {
        starts: {
          slash:
            'upload uploads file files image images img media cache tmp temp assets attachment attachments .well alfa_',
        },
        and: has.script,
        regex:
          /\/(?:uploads?|files?|images?|img|media|cache|tmp|temp|assets\/images|attachments?|\.well-known)\/[^?\xff/]{0,80}(?:\/[^?\xff/]{0,80}){0,5}\.(?:php[3-8]?|phtml|phar|aspx?|jspx?)(?:$|[?/.;])|\/alfa_data\/|\/alfacgiapi\b/,
      },
    ],
  },
  {
    id: 'siaga.builtin.sensitive_file',
    title: 'File asked for that should not be public',
    severity: 'medium',
    technique: 'T1595.003',
    patterns: [
      {
        starts: {
          slash:
            '.env .git .svn .hg .bzr .ds_ .hta .htp .aws .ssh .doc .npm .net .pgp .my. .vsc .ide .bas .zsh .mys .s3 .ftp .rem .cir .tra .kub .azu .con .cvs .claude .codex .aider .cursor',
        },
        regex:
          /\/\.(?:env(?:[.~_-]\w{0,20})?(?=$|[/?;\xff])|git(?:\/|config|ignore|-credentials)|svn\/|hg\/|bzr\/|ds_store|ht(?:passwd|access|pass)|aws\/|ssh\/|docker(?:cfg|\/|env)|npmrc|netrc|pgpass|my\.cnf|vscode\/|idea\/|bash_(?:history|profile)|bashrc|zsh_history|mysql_history|s3cfg|ftpconfig|remote-sync|circleci\/|travis|gitlab-ci|kube\/|azure\/|config\/(?:gcloud|sftp)|config\.ya?ml|cvs|claude\/|codex\/|aider|cursor\/)/,
      },
      {
        starts: {
          slash:
            'wp-config web.con app.con server.con configuration. config. settings. database. db. conn. connection. secret credential parameters. local. application.',
        },
        regex:
          /\/wp-config[^/?\xff]{0,24}(?:$|\?)|\/(?:web|app|server)\.config(?:$|[?.~])|\/configuration\.php[~.-]|\/(?:config|settings|database|db|conn|connection|secrets?|credentials?|parameters|local|application)\.(?:ya?ml|inc|ini|cfg|conf|properties|bak|old|php[~.]\w{0,8})(?:$|\?)/,
      },
      {
        starts: {
          dot: 'sql zip tar tgz gz rar 7z. bz2 bak dump old orig save swp swo tmp copy dist backup mdb sqlite php~ php_ html~',
          dash: 'bak',
        },
        regex: any(
          String.raw`/(?:backups?|dump|db|database|sql|sites?|www|htdocs|html|public_html|public|data|mysql|web|wwwroot|old|1|full|latest|home)(?:[-_.]\w{1,20})?\.(?:sql|zip|tar|tgz|gz|rar|7z|bz2|bak|dump)\b`,
          String.raw`\.(?:php\d?|inc|conf|config|ini|ya?ml|jsp|aspx?|html?|xml|json|sql|py|rb)(?:\.(?:bak|old|orig|save|swp|swo|tmp|copy|dist|backup|\d)|~|_bak|_old)(?:$|\?)|\.(?:sql|sqlite3?|mdb|dump)(?:\.(?:gz|zip|bz2|xz|tar))?(?:$|\?)`,
        ),
      },
      {
        starts: {
          slash:
            'phpinfo php_info info.php test_info pinfo server-s laravel debug error access storage docker dockerfile elmah trace telescope _prof id_rsa id_dsa id_e sftp ftp composer netrc firebase aws.y serviceacc actuator manage/ jolokia',
        },
        regex:
          /\/(?:phpinfo|info|php_info|test_info|pinfo)\.php|\/server-(?:status|info)(?:$|\?)|\/(?:laravel|debug|error|errors|access)\.log\b|\/(?:error|debug|access)_log(?:$|\?)|\/storage\/logs\/|\/docker-compose[\w.-]{0,16}\.ya?ml|\/dockerfile(?:$|\?)|\/(?:elmah|trace)\.axd|\/telescope\/requests|\/_profiler\/|\/debug\/(?:pprof|default\/view)|\/id_(?:rsa|dsa|ecdsa|ed25519)\b|\/s?ftp(?:-config)?\.json|\/composer\.(?:json|lock)(?:$|\?)|\/netrc|\/firebase\.json|\/aws\.ya?ml|\/serviceaccount\w{0,8}\.json|\/(?:actuator|manage)\/(?:env|heapdump|jolokia|threaddump|mappings|configprops|trace|logfile)|\/jolokia\//,
      },
    ],
  },
  {
    id: 'siaga.builtin.exploit_path',
    title: 'Request of a known exploit',
    severity: 'high',
    technique: 'T1190',
    patterns: [
      {
        // Web applications: Laravel, PHPUnit, ThinkPHP, Confluence, Java servers, Spring.
        starts: {
          slash:
            '_ignition vendor phpunit eval-stdin laravel thinkphp think\\ actuator setup pages rest/ template secure json/s invoker wls- _async solr scripttext druid nacos',
          parameter: 's=/ s=i function bootstrap',
        },
        regex: any(
          String.raw`/_ignition/(?:execute-solution|share-report|update-config)|/vendor/phpunit/|/phpunit/(?:src/)?util/php/|/eval-stdin\.php|/laravel-filemanager/upload`,
          String.raw`\binvokefunction\b|[?\xff]s=/?index/\\?think|/thinkphp/|\bthink\\\w`,
          String.raw`/actuator/(?:gateway/routes/|shutdown)|/setup/setup(?:administrator|-?dbchoose|license)[\w-]{0,20}\.action|bootstrapstatusprovider|/pages/(?:doenterpagevariables|createpage-entervariables)\.action|/rest/tinymce/1/macro/preview|/template/aui/text-inline\.vm|/secure/contactadministrators\.jspa|/json/setup-restore`,
          String.raw`/invoker/(?:jmx|ejb)\w{0,10}servlet|/wls-wsat/|/_async/asyncresponseservice|/solr/\w{1,30}/(?:config|dataimport|debug/dump)|/scripttext(?:$|\?)|/nacos/v1/auth/users`,
        ),
      },
      {
        // Gateways, mail servers and devices.
        starts: {
          slash:
            'autodiscover owa/auth ecp/ remote/fgt +cscot tmui mgmt vpn analytics sdk/ goanywhere moveit human.aspx cgi-bin hnap gponform setup.cgi shell? ctrlt ud/act picsdesc wanipcn device.rsp',
          parameter: 'xdebug =php -d',
        },
        regex: any(
          String.raw`/autodiscover/autodiscover\.json\?[^\xff]{0,80}@|/ecp/(?:ddi/|y\.js|program)|/remote/fgt_lang\?|/\+cscot\+/(?:translation-table|oem)|/tmui/[^?]{0,80}\.\.;|/mgmt/(?:tm/util/bash|shared/authn)|/vpns?/\.\./|/analytics/telemetry/ph/|/goanywhere/(?:images/\.\.;|lic/accept)|/moveitisapi/moveitisapi\.dll`,
          String.raw`/hnap1/?(?:$|\?)|/gponform/diag_form|/setup\.cgi\?next_file|/shell\?(?:cd|cat|wget|\w{1,12}=)|/cgi-bin/[^?]{1,40}\?[^\xff]{0,40}(?:;|\x60|\$\()|/cgi-bin/(?:luci/;|nas_sharing|viewcert|kerbynet|account_mgr)|/ctrlt/deviceupgrade|/picsdesc\.xml|/wanipcn\.xml|/ud/act\?|/device\.rsp\?`,
          String.raw`[?\xff]-d(?: |%|allow)|[?\xff]xdebug_session_start|\?=php[0-9a-f]{8}`,
        ),
      },
      {
        // Upload holes of plug-ins and editors.
        starts: {
          slash:
            'wp-content wp-admin components elfinder connector kcfinder filemanager fckeditor ckfinder uploadify plugins/ editor server/php jquery',
        },
        and: has.script,
        regex: any(
          String.raw`/wp-content/plugins/(?:wp-file-manager|revslider|duplicator|wp-automatic)/[^?\xff]{0,80}\.php|/wp-admin/admin-ajax\.php\?action=(?:revslider|duplicator|wpshop|uploadify|wp_?file)|/components/com_\w{1,30}/[^?\xff]{0,60}upload[^?\xff]{0,20}\.php`,
          String.raw`/connector\.minimal\.php|/kcfinder/(?:upload|browse)\.php|/filemanager/(?:upload|dialog|connectors/\w{1,8}/upload)\.php|/fckeditor/editor/filemanager/|/ckfinder/core/connector/|/jquery[-.]?file[-.]?upload/[^?\xff]{0,40}\.php|/uploadify\.php`,
        ),
      },
    ],
  },
  {
    ...probe,
    id: 'siaga.builtin.cms_probe',
    title: 'Probe for a content management or database system that is not there',
    patterns: [
      {
        starts: {
          slash:
            'wp- xmlrpc wlw administrator joomla phpmyadmin pma myadmin mysqladmin mysql-admin sqladmin adminer dbadmin phppgadmin pgadmin magento drupal typo3 moodle bitrix user/register sites/def core/inst cpanel whm plesk webmin roundcube horde',
        },
        regex:
          /\/(?:wp-(?:login|cron|signup|trackback|mail|links-opml)\.php|xmlrpc\.php|wp-(?:admin|includes|content|json)\/|wlwmanifest\.xml|administrator\/(?:index\.php|manifests|components|$)|joomla\b|phpmyadmin\d?|pma\d?\b|myadmin|mysqladmin|mysql-admin|sqladmin|adminer(?:[-.][\w.-]{1,20})?\b|dbadmin|phppgadmin|pgadmin|magento|drupal|typo3|moodle|bitrix|user\/register|sites\/default|core\/install\.php|cpanel|whm|plesk|webmin|roundcube|horde)/,
      },
    ],
  },
  {
    ...probe,
    id: 'siaga.builtin.service_probe',
    title: 'Probe for a gateway, server console or device that is not there',
    patterns: [
      {
        starts: {
          slash:
            'manager host-manager jmx- web-con admin-con jolokia solr hudson jenkins druid nacos axis2 owa ecp remote dana +csco tmui global-p ssl-vpn vpn ui/vrop sdk geoserver boaform goform onvif tr064 dologin console hystrix login.rsp',
        },
        regex:
          /\/(?:host-)?manager\/(?:html|text|status)|\/(?:jmx|web|admin)-console|\/jolokia|\/solr\/|\/hudson|\/jenkins|\/druid\/|\/nacos\/|\/axis2|\/owa\/|\/ecp\/|\/remote\/(?:login|logincheck|hostcheck)|\/dana(?:-na)?\/|\/\+csco[et]\+\/|\/tmui\/|\/global-protect\/|\/ssl-vpn\/|\/vpns?\/|\/ui\/vropspluginui|\/sdk\/(?:vim|weblanguage)|\/geoserver\/|\/boaform\/|\/goform\/|\/onvif\/|\/tr064|\/dologin\.cgi|\/console\/login|\/hystrix\.stream|\/login\.rsp/,
      },
    ],
  },
  {
    id: 'siaga.builtin.user_enumeration',
    title: 'Listing of the users of a content management system',
    severity: 'low',
    technique: 'T1589',
    patterns: [
      {
        starts: { slash: 'wp-json', parameter: 'author= rest_route=' },
        regex: /\/\?author=\d{1,5}(?:\xff|$)|\/wp-json\/wp\/v2\/users|\?rest_route=\/wp\/v2\/users/,
      },
    ],
  },
  {
    id: 'siaga.builtin.gambling_content',
    title: 'Gambling content served by the site',
    severity: 'medium',
    technique: 'T1491.002',
    answer: 'served',
    patterns: [
      {
        starts: {
          slash: 'slot situs agen bandar link togel gacor maxwin scatter rtp pragmatic mahjong toto',
          dash: 'slot situs agen bandar link togel gacor maxwin scatter rtp pragmatic mahjong toto',
          parameter: 'slot',
        },
        regex:
          /[/?=_-](?:slot[-_]?(?:gacor|88|777|maxwin|thailand|dana|pulsa|qris)|(?:situs|agen|bandar|link)[-_](?:slot|togel|toto|gacor)|togel[-_]?(?:online|hongkong|singapore|sgp|hk|macau)|gacor\b|maxwin\b|scatter[-_]hitam|rtp[-_](?:live|slot)|pragmatic[-_]?play|mahjong[-_]?ways|toto[-_]?(?:macau|slot|togel))/,
      },
    ],
  },
]

/** Attack and audit tools by their User-Agent, small letters. */
export const attackAgents =
  /sqlmap|nikto|nuclei|masscan|wpscan|acunetix|nessus|openvas|gobuster|dirbuster|feroxbuster|fuzz faster u fool|wfuzz|arachni|netsparker|joomscan|commix|havij|w3af|jaeles|dirsearch|whatweb|zmeu|morfeus|paros\/|webinspect|skipfish|jorgee|nmap scripting|thc-hydra|burpcollaborator|zaproxy|owasp zap|l9explore|blackwidow|sqlninja|bsqlbf|detectify|qualys|hello, world|\bmozi\b/
