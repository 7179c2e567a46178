// Which texts in a web request are attacks or probes? Each rule with its pattern, and what a text must hold for the pattern to be tried.
import type { Severity } from '../../schemas/detection.ts'
import { has, type WordStarts } from './text.ts'

/** A rule on the decoded text of a request: small letters, single spaces, `\xff` between parameters (see `decode`). */
export interface WebRule {
  readonly id: string
  readonly title: string
  readonly severity: Severity
  readonly technique: string
  /** Bits of `has`: the pattern is tried only where one of them is in the text. */
  readonly needs: number
  /** Bits that must all be there as well. */
  readonly and?: number
  /** Linear in the length of the text: no nested or adjacent open repetition. */
  readonly pattern: RegExp
  /** Words that set `has.word`, for patterns that need no special character. */
  readonly starts?: WordStarts
  /** Only where the server's answer is of this kind. */
  readonly answer?: 'refused' | 'served'
  /** Matches by disguise alone, whatever the pattern says. */
  readonly disguised?: boolean
}

/** Rules on what clients put into URLs, referrers and agents. */
export const injectionRules: readonly WebRule[] = [
  {
    id: 'siaga.builtin.jndi_lookup',
    title: 'Log4Shell: JNDI lookup in a request',
    severity: 'critical',
    technique: 'T1190',
    needs: has.dollar,
    and: has.brace,
    pattern:
      /\$\{(?:jndi:|(?:lower|upper|env|sys|java|date|main|ctx|base64|bundle|k8s|docker|spring)?:[^}]{0,80}|[^${}]{0,40}\$\{(?:lower|upper|env|sys|date|::-|:))/,
  },
  {
    id: 'siaga.builtin.shellshock',
    title: 'Shellshock: function definition in a request',
    severity: 'high',
    technique: 'T1190',
    needs: has.paren,
    and: has.brace,
    pattern: /\(\) ?\{/,
  },
  {
    id: 'siaga.builtin.sql_injection',
    title: 'SQL injection in a request',
    severity: 'high',
    technique: 'T1190',
    needs: has.space | has.quote | has.paren | has.semicolon | has.star | has.pipe | has.control,
    pattern: new RegExp(
      [
        // Joined and nested queries.
        String.raw`\bunion ?(?:all |distinct )?[( ]{0,3}select\b[^\xff]{0,80}?(?:[,(*'"]|\bnull\b|\bfrom\b|--|#|\d$)`,
        String.raw`\bselect (?:all |distinct |top \d+ )?(?:\*|@@?\w|\w{1,40} ?\(|\d+ ?,|null\b|'|"|[\w.]{1,40} ?, ?[\w.]{1,40})[^\xff]{0,160}?\bfrom\b`,
        String.raw`[('";=] ?\(? ?select\b[^\xff]{1,160}?\b(?:from|case|sleep|char|concat|version|database)\b`,
        // Always true or always false.
        String.raw`(?:['"\x60)]|\b\d+) ?(?:or|and|xor|\|\||&&|div|having) ?[('" ]{0,4}(?:not )?['"]?[\w@.]{1,32}['"]? ?(?:=|<|>|!=|(?:like|rlike|regexp|in|is|between|sounds)\b)`,
        String.raw`(?:['"\x60)]|\b\d+) ?(?:or|and|xor|\|\||&&) ?(?:not |!)?\(? ?(?:exists|select|sleep|benchmark|ascii|substr|length|if|char|true|false|null|1)\b`,
        String.raw`['"] ?(?:=|<|>|\|\||&&|\^|\*|\+|-) ?['"(]`,
        // Breaking out and commenting away the rest.
        String.raw`['")\d] ?;? ?(?:--(?:[ +-]|$)|#$|/\*$)`,
        String.raw`['")\d] ?\)? ?(?:order|group) by \d{1,3}\b`,
        // Further statements.
        String.raw`; ?(?:select|insert into|update \w{1,40} set|delete from|drop (?:table|database|schema|view)|alter table|create (?:table|user|function)|truncate|exec(?:ute)? |declare @?\w|shutdown|waitfor delay)`,
        String.raw`\b(?:drop|truncate|alter) (?:table|database|schema) ?[\w\x60"[]`,
        String.raw`\binsert into \w{1,40} ?(?:\(|values|select)|\bdelete from \w{1,40} (?:where|;|--)|\bupdate \w{1,40} set \w{1,40} ?=`,
        // Functions, objects and places that only databases have.
        String.raw`\b(?:sleep|benchmark|pg_sleep|extractvalue|updatexml|load_file|group_concat|concat_ws|randomblob|xp_cmdshell|xp_dirtree|sp_executesql|sp_oacreate|sp_password|dbms_pipe\.receive_message|dbms_\w{1,30}\.\w{1,30}|utl_http\.request|utl_inaddr\.get_host_(?:name|address)|pg_read_file|lo_import|sqlite_version|gtid_subset|json_keys|st_latfromgeohash|make_set|generate_series|current_setting|unhex|load_extension) ?\(`,
        String.raw`\bwaitfor delay\b|\binto (?:out|dump)file\b|\bload data (?:local )?infile\b|\binformation_schema\b|\bpg_catalog\b|\bsys(?:objects|columns|databases|users|tables)\b|\bmysql\.(?:user|db)\b|\bsqlite_master\b|\ball_tables\b|\bmsysaccessobjects\b|\bprocedure analyse\b`,
        String.raw`@@(?:version|datadir|hostname|servername|basedir|global|identity)\b`,
        String.raw`\bcase when\b[^\xff]{1,80}?\bthen\b|\bif ?\([^\xff]{1,60}?, ?sleep|\b(?:cast|convert) ?\([^\xff]{1,60}? as (?:int|char|varchar|numeric|decimal)`,
      ].join('|'),
    ),
  },
  {
    id: 'siaga.builtin.nosql_injection',
    title: 'NoSQL operator in a request',
    severity: 'high',
    technique: 'T1190',
    needs: has.dollar,
    pattern:
      /[[{"'] ?\$(?:ne|eq|gt|gte|lt|lte|in|nin|not|and|or|nor|exists|regex|where|expr|elemmatch|size|type)["'\]]? ?[\]:=]/,
  },
  {
    id: 'siaga.builtin.cross_site_scripting',
    title: 'Cross-site scripting in a request',
    severity: 'medium',
    technique: 'T1059.007',
    needs: has.angle | has.quote | has.paren | has.colon | has.backtick | has.space,
    pattern: new RegExp(
      [
        String.raw`<[ /]?(?:script|iframe|svg|embed|object|applet|math|marquee|frameset|frame|isindex|details|xss|x|layer|bgsound|base|meta|link|style|form|keygen|template|noscript|portal|xml|import|animate|set|dialog)(?:[\s/>:]|$)`,
        String.raw`<[a-z!?][^<>]{0,120}[\s/"'\x60]on[a-z]{3,24} ?=`,
        String.raw`["'\x60 /]on(?:error|load|click|mouse\w{2,6}|focus\w{0,3}|blur|key\w{2,5}|toggle|pointer\w{2,12}|animation\w{3,10}|transition\w{3,6}|begin|start|wheel|copy|paste|cut|submit|input|change|beforeunload|hashchange|message|unload|resize|scroll|show|invalid|ended|canplay|play)\s?=`,
        String.raw`<(?:img|video|audio|input|body|a|div|source|image|textarea|button)\s[^<>]{0,120}(?:src|href|style|action|background|formaction|poster|data) ?=`,
        String.raw`\b(?:java|vb|live)script ?:|\bdata:text/(?:html|javascript)|\bdata:image/svg`,
        String.raw`\bdocument ?(?:\.|\[) ?["']?(?:cookie|write|location|domain|body|createelement|documentelement)|\bwindow ?(?:\.|\[) ?["']?(?:location|name|alert|eval|open|onerror|top)\b|\b(?:self|top|parent|this|globalthis|frames) ?\[ ?["']`,
        String.raw`\b(?:alert|confirm|prompt|eval|atob|settimeout|setinterval|importscripts)(?:\.\w{1,10})? ?[(\x60]|\bstring\.fromcharcode\b|\bconsole\.\w{1,12}(?:\.\w{1,10})? ?\(|\[\]\[["(]`,
        String.raw`<!--# ?(?:exec|include|echo|printenv)|\bstyle ?= ?["'][^"']{0,80}(?:expression ?\(|behavior ?:|-moz-binding)|\bsrcdoc ?=|@import\b`,
      ].join('|'),
    ),
  },
  {
    id: 'siaga.builtin.path_traversal',
    title: 'Path traversal or system file in a request',
    severity: 'high',
    technique: 'T1190',
    needs: has.dots | has.backslash | has.word | has.percent,
    pattern: new RegExp(
      [
        String.raw`(?:\.{2,3};?[\\/]+){2}`,
        String.raw`[\\/]\.\.;?[\\/]+(?:etc|proc|var|usr|home|root|boot|windows|winnt|web-inf|wp-config|conf|config|admin|manager|\.env)\b`,
        String.raw`[\\/]\.\.;[\\/]`,
        String.raw`/etc/(?:passwd|shadow|group|hosts|issue|sudoers|crontab|fstab|resolv\.conf|ssh/|apache2?/|httpd/|nginx/|mysql/|php|my\.cnf|os-release|redhat-release|motd|profile|environment)`,
        String.raw`/proc/(?:self|version|cmdline|cpuinfo|net|\d{1,7})\b|\bboot\.ini\b|\bwin\.ini\b|\bsystem\.ini\b|[\\/](?:windows|winnt)[\\/]+(?:system|win)|/var/(?:log|lib|mail|spool|run)/|/root/\.|\bweb-inf[\\/]|\bmeta-inf[\\/]|/usr/local/(?:apache|etc)`,
      ].join('|'),
    ),
    starts: {
      slash: 'etc proc var root windows winnt web-inf meta-inf usr boot.ini win.ini',
      dot: 'ini',
      parameter: '',
    },
    disguised: true,
  },
  {
    id: 'siaga.builtin.remote_file_inclusion',
    title: 'Remote file, stream wrapper or internal address in a request',
    severity: 'high',
    technique: 'T1190',
    needs: has.colon,
    pattern: new RegExp(
      [
        String.raw`\b(?:php|phar|zip|zlib|bzip2|expect|glob|ogg|rar|ssh2|compress\.\w{2,8}|gopher|dict|netdoc|jar|tftp|ldaps?|rmi|file|view-source|sftp|smb)://`,
        String.raw`\bdata:[\w/+.-]{0,40};base64,`,
        String.raw`=["' ]?(?:https?|ftps?):/{1,3}(?:\d{1,3}(?:\.\d{1,3}){1,3}|0x[0-9a-f]{2,8}|\d{8,10}|\[|localhost)\b`,
        String.raw`=["' ]?(?:https?|ftps?)://[^\xff ]{1,200}(?:\.(?:txt|php\d?|phtml|gif|jpe?g|png|dat|log|sh|pl|py)(?:\?|\xff|$)|\?+(?:\xff|$))`,
        String.raw`169\.254\.169\.254|metadata\.google\.internal|\[::(?:1|ffff:)`,
      ].join('|'),
    ),
  },
  {
    id: 'siaga.builtin.command_injection',
    title: 'Operating-system command in a request',
    severity: 'high',
    technique: 'T1059',
    needs:
      has.semicolon |
      has.pipe |
      has.dollar |
      has.backtick |
      has.control |
      has.space |
      has.word |
      has.paren |
      has.percent,
    pattern: new RegExp(
      [
        // A command after something that ends the one before it.
        String.raw`(?:[;\x60\n\r]|&&?|\|\|?|\$\() ?["'\\]{0,2}(?:/(?:usr/)?(?:local/)?s?bin/)?(?:cat|whoami|uname|wget|curl|ncat|bash|zsh|ksh|csh|python\d?|perl|ruby|ping6?|nslookup|ifconfig|ipconfig|netstat|powershell|certutil|busybox|tftp|telnet|chmod|chown|lwp-request|systeminfo|tasklist|getent|hostname|printenv|phpinfo|traceroute|tracert|sleep|echo|type|nc|rm|cp|mv|dig|php|gcc|ssh|ftp|kill|tail|head|find|grep|awk|sed|xargs|tee|touch|mkdir|crontab|base64|timeout|printf|passwd|sudo|su|lynx|socat|id|ls|ps|pwd|w|sh|env|set|net|dir|ver|del|copy|tar|zip|more|less|nl|tac|od|xxd|who|last|df|du|mount)(?:\.exe)?(?:[ <>;|&$\x60)\n\r"'\\/]|$)`,
        String.raw`\x60[^\x60\xff]{1,80}\x60|\$\{ifs[^}]{0,12}\}|\$ifs\b|\$\{\w{1,12}(?::\d+:\d+|%%?|##?)|\$\{?path\b|\{(?:cat|ls|id|curl|wget|ping|echo|nc|bash|sh),`,
        // Programs by their path, and what only a shell says.
        String.raw`/bin/(?:sh|bash|dash|zsh|ksh|csh|cat|ls|id|nc|ps|ping|echo|uname|rm|cp|mv|chmod|kill|mail|su|login|env|true|false|mknod)\b|/usr/(?:local/)?s?bin/\w{2,16}|/dev/(?:tcp|udp)/|/s?bin/(?:ifconfig|ip|route)\b`,
        String.raw`\b(?:wget|curl|lynx|fetch) (?:-\S{1,20} ){0,4}["']?(?:https?|ftp)://|\b(?:bash|sh|zsh|ksh) -[ci]\b|\bnc(?:\.exe|at)? -\w{0,4}[elp]|\bchmod (?:\+x|[0-7]{3,4})\b|\brm -[rf]{1,2}\b|\bmkfifo\b|\bcmd(?:\.exe)? ?/[ck]\b|\bpowershell(?:\.exe)? -\w|\bcertutil(?:\.exe)? -|\bpython\d? -c\b|\bperl -e\b|\bphp -r\b|\bping -[nc] ?\d|\bnet (?:user|localgroup)\b|\bsystem32\b`,
        String.raw`[?\xff](?:cmd|exec|execute|command|shell|run|ping)=(?:id|whoami|uname|ls|dir|pwd|cat|ps|ifconfig|ipconfig|net|netstat|wget|curl|hostname|set|env|ver)(?:[ \xff/;-]|$)`,
      ].join('|'),
    ),
    starts: { slash: 'bin usr dev sbin', parameter: 'cmd= exec command shell run= ping=' },
  },
  {
    id: 'siaga.builtin.code_injection',
    title: 'Program code in a request',
    severity: 'high',
    technique: 'T1059',
    needs: has.paren | has.angle | has.dollar | has.bracket | has.word | has.colon,
    pattern: new RegExp(
      [
        String.raw`<\?(?:php|=|\s)|\$_(?:get|post|request|server|cookie|files|session|env)\b|\$globals\b`,
        String.raw`\b(?:system|passthru|shell_exec|proc_open|popen|exec|assert|base64_decode|call_user_func(?:_array)?|file_put_contents|file_get_contents|phpinfo|preg_replace|create_function|gzinflate|gzuncompress|str_rot13|pcntl_exec|array_map|usort|move_uploaded_file|fopen|fwrite|fputs|readfile|show_source|highlight_file|var_dump|print_r|unserialize|ini_set|putenv|symlink|escapeshellcmd|md5|chr) ?\([^\xff]{0,200}\)`,
        String.raw`\bjava\.(?:lang|io|net|util)\.\w|\bgetruntime ?\(|\bprocessbuilder\b|\bclass\.module\.classloader|#_memberaccess|@java\.|\bognl\b|\bscriptenginemanager\b|\bclassloader\b|\bfreemarker\.`,
        String.raw`\brequire ?\( ?['"\x60]|\bchild_process\b|\bprocess\.(?:env|mainmodule|binding|exit)\b|__proto__|\bconstructor ?(?:\.|\[) ?["']?(?:prototype|constructor)|\bthis\.constructor\b|\bnew function ?\(|_\$\$nd_func`,
        String.raw`__import__|__class__|__globals__|__subclasses__|__builtins__|\bos\.(?:system|popen)\b|\bsubprocess\.\w|\bimport os\b`,
        String.raw`\ballow_url_include\b|\bauto_prepend_file\b|\bdisable_functions ?=|\bsuhosin\.`,
        String.raw`\bo:\d{1,4}:"\w{1,80}":\d{1,4}:\{|\ba:\d{1,4}:\{[is]:\d|\brO0AB`,
      ].join('|'),
    ),
    starts: { parameter: 'allow_url auto_pre class.mod __proto__' },
  },
  {
    id: 'siaga.builtin.template_injection',
    title: 'Template or expression language in a request',
    severity: 'high',
    technique: 'T1190',
    needs: has.brace | has.angle | has.percent,
    pattern:
      /\{\{ ?[^{}]{0,80}(?:\d ?[*+] ?'?\d|\(|\bconfig\b|\bself\b|\brequest\b|__|\|)|[$#*@]\{ ?[^{}]{0,80}(?:\d ?[*+] ?\d|\w\(|@|#|\bt\()|<%[=@#]?|%\{ ?[(#]|\{%|#set ?\(/,
  },
  {
    id: 'siaga.builtin.header_injection',
    title: 'Line end and header in a request',
    severity: 'medium',
    technique: 'T1190',
    needs: has.control,
    pattern:
      /[\r\n] ?(?:set-cookie|location|content-(?:type|length|disposition|encoding)|transfer-encoding|host|refresh|x-[a-z-]{2,30}|http\/\d|get |post |(?:bcc|cc|to|from|subject)) ?:?/,
  },
  {
    id: 'siaga.builtin.xml_injection',
    title: 'LDAP filter or XML entity in a request',
    severity: 'medium',
    technique: 'T1190',
    needs: has.paren | has.angle,
    pattern: /\)\([|&!]|\*\)\(\w{1,30}=|\([|&]\(\w{1,30}=|<!(?:doctype|entity)\b/,
  },
]

/** Rules on which page or file is asked for. */
export const pathRules: readonly WebRule[] = [
  {
    id: 'siaga.builtin.webshell',
    title: 'Web shell or script in an upload folder',
    severity: 'high',
    technique: 'T1505.003',
    needs: has.word,
    pattern:
      /\/(?:c99|r57|b374k|wso\d{0,3}|alfa(?:shell|new\d?|_?data)?|indoxploit|marijuana|0byt3m1n1|gel4y|leafmailer|priv8|k2ll33d|webshell|cmd|shell\d?|c100|mini_?shell|bypass|simple-?backdoor|backdoor|weevely|antichat|madspot|angel|symlink|sym403)\.(?:php\d?|phtml|phar|aspx?|jspx?|cgi|pl)\b|\/alfa_data\/|\/alfacgiapi\b|\/(?:uploads?|files?|images?|img|media|cache|tmp|temp|assets\/images|attachments?|\.well-known)\/[^?\xff]{0,120}\.(?:php[3-8]?|phtml|phar|aspx?|jspx?)(?:$|[?/.;])/,
    starts: {
      slash:
        'c99 r57 b374k wso alfa indo mari 0byt gel4 leaf priv8 k2ll webs cmd shell c100 mini bypass simp back weev anti mads angel sym uploads upload file image img media cache tmp temp assets attach .well',
    },
  },
  {
    id: 'siaga.builtin.sensitive_file',
    title: 'File asked for that should not be public',
    severity: 'medium',
    technique: 'T1595.003',
    needs: has.word,
    pattern: new RegExp(
      [
        String.raw`/\.(?:env(?:[.~_-]\w{0,20})?|git(?:/|config|ignore|-credentials)|svn/|hg/|bzr/|ds_store|ht(?:passwd|access|pass)|aws/|ssh/|docker(?:cfg|/|env)|npmrc|netrc|pgpass|my\.cnf|vscode/|idea/|bash_(?:history|profile)|bashrc|zsh_history|mysql_history|s3cfg|ftpconfig|remote-sync|circleci/|travis|gitlab-ci|kube/|azure/|config/(?:gcloud|sftp)|config\.ya?ml)`,
        String.raw`/wp-config[^/?\xff]{0,24}(?:$|\?)|/(?:web|app|server)\.config(?:$|[?.~])|/configuration\.php[~.-]|/(?:config|settings|database|db|conn|connection|secrets?|credentials?|parameters|local|application)\.(?:ya?ml|inc|ini|cfg|conf|properties|bak|old|php[~.]\w{0,8})(?:$|\?)`,
        String.raw`/(?:backups?|dump|db|database|sql|sites?|www|htdocs|html|public_html|public|data|mysql|web|wwwroot|old|1|full|latest|home)(?:[-_.]\w{1,20})?\.(?:sql|zip|tar|tgz|gz|rar|7z|bz2|bak|dump)\b`,
        String.raw`\.(?:php\d?|inc|conf|config|ini|ya?ml|jsp|aspx?|html?|xml|json|sql|py|rb)(?:\.(?:bak|old|orig|save|swp|swo|tmp|copy|dist|backup|\d)|~|_bak|_old)(?:$|\?)|\.(?:sql|sqlite3?|mdb|dump)(?:\.(?:gz|zip|bz2|xz|tar))?(?:$|\?)`,
        String.raw`/(?:phpinfo|info|php_info|test_info|pinfo)\.php|/server-(?:status|info)(?:$|\?)|/(?:laravel|debug|error|errors|access)\.log\b|/(?:error|debug|access)_log(?:$|\?)|/storage/logs/|/docker-compose[\w.-]{0,16}\.ya?ml|/dockerfile(?:$|\?)|/(?:elmah|trace)\.axd|/telescope/requests|/_profiler/|/debug/(?:pprof|default/view)|/id_(?:rsa|dsa|ecdsa|ed25519)\b|/(?:sftp|ftp)(?:-config)?\.json|/composer\.(?:json|lock)(?:$|\?)|/\.?netrc|/firebase\.json|/aws\.ya?ml|/serviceaccount\w{0,8}\.json`,
      ].join('|'),
    ),
    starts: {
      slash:
        '.env .git .svn .hg .bzr .ds_ .hta .htp .aws .ssh .doc .npm .net .pgp .my. .vsc .ide .bas .zsh .mys .s3 .ftp .rem .cir .tra .kub .azu .con wp-config web. app. server configuration config settings database db. db- db_ conn secret credential parameters local application backup dump sql site www htdocs html public data mysql wwwroot old 1.z 1.t 1.s 1.g 1.r 1.b full latest home phpinfo php_info info.php test_info pinfo laravel debug error access storage docker dockerfile elmah trace telescope _pro id_ sftp ftp composer netrc firebase aws. aws_ serviceaccount',
      dot: 'bak old orig save swp swo tmp copy dist backup sql mdb dump php inc conf ini yml yaml',
    },
  },
  {
    id: 'siaga.builtin.exploit_path',
    title: 'Path of a known exploit',
    severity: 'high',
    technique: 'T1190',
    needs: has.word | has.percent | has.colon,
    pattern: new RegExp(
      [
        String.raw`/_ignition/(?:execute-solution|health-check|share-report|update-config)|/vendor/phpunit/|/phpunit/(?:src/)?util/php/eval-stdin|/eval-stdin\.php|/laravel-filemanager/|/livewire/update\b.{0,40}\.php`,
        String.raw`\binvokefunction\b|[?\xff]s=/?index/\\?think|/thinkphp/|\bthink\\\w`,
        String.raw`/(?:actuator|manage)/(?:env|heapdump|gateway|jolokia|threaddump|mappings|configprops|trace|logfile|shutdown)|/jolokia/|/hystrix\.stream`,
        String.raw`/setup/setup(?:administrator|-?dbchoose|license)?[\w-]{0,20}\.action|bootstrapstatusprovider|/pages/doenterpagevariables\.action|/pages/createpage-entervariables\.action|/rest/tinymce/1/macro/preview|/template/aui/text-inline\.vm|/secure/contactadministrators\.jspa|/json/setup-restore`,
        String.raw`/(?:manager|host-manager)/(?:html|text)(?:$|[/?])|/(?:jmx|web|admin)-console/|/invoker/(?:jmx|ejb)\w{0,10}servlet|/console/(?:login/loginform\.jsp|css/|images/)|/wls-wsat/|/_async/asyncresponseservice|/solr/(?:admin|\w{1,30}/(?:config|dataimport|debug/dump))|/hudson/|/script(?:text)?$|/druid/index|/nacos/v1/|/axis2(?:-admin)?/`,
        String.raw`/autodiscover/autodiscover\.(?:json|xml)\?|/owa/auth/(?!logon)[\w.]{1,40}\.(?:aspx|js)|/ecp/(?:ddi|current|proxylogon|y\.js|program)|/remote/fgt_lang|/remote/logincheck|/remote/hostcheck|/dana-na/|/dana/html5acc|/\+cscoe\+/|/\+cscot\+/|/tmui/|/mgmt/(?:tm|shared)/|/vpns?/\.\./|/vpn/(?:index\.html|themes/)|/global-protect/|/ssl-vpn/hipreport|/api/v1/totp/|/ui/vropspluginui|/analytics/telemetry/|/sdk/vim|/goanywhere/|/moveitisapi|/human\.aspx|/cgi-bin/(?:luci|nas_sharing|viewcert|authlogin|kerbynet|account_mgr|supervisor)|/geoserver/\w{0,20}.{0,60}exec\(|/lua/\w{0,20}|/webui/logoutconfirm\.html`,
        String.raw`/boaform/|/hnap1|/gponform/|/goform/|/setup\.cgi\?|/shell\?|/cgi-bin/.{0,40}(?:;|\.cgi\?.{0,40}(?:ping|cmd|exec))|/sdk/weblanguage|/onvif/|/ctrlt/deviceupgrade|/ud/act|/picsdesc\.xml|/wanipcn\.xml|/tr064|/doLogin\.cgi|/device\.rsp`,
        String.raw`/wp-content/plugins/(?:wp-file-manager|revslider|duplicator|wp-automatic|really-simple-ssl)/\S{0,80}\.php|/wp-admin/admin-ajax\.php\?action=(?:revslider|duplicator|wpshop|uploadify|wp_?file)|/components/com_\w{1,30}/.{0,60}(?:upload|file).{0,20}\.php|/elfinder/.{0,40}connector|/connector\.(?:minimal\.)?php|/kcfinder/|/filemanager/(?:upload|dialog|connectors)|/fckeditor/|/ckfinder/.{0,20}connector|/jquery[-.]?file[-.]?upload/|/uploadify\b|/plugins/editors/\w{1,20}/.{0,60}upload`,
        String.raw`[?\xff]-d ?(?:\+|%|allow)|\ballow_url_include\b|/\?xdebug_session_start|\?=php[0-9a-f]{8}|/cgi-bin/(?:php|test-cgi|printenv|bash|sh)\b|/\.well-known/\S{0,60}\.php`,
      ].join('|'),
    ),
    starts: {
      slash:
        '_ignition vendor phpunit eval-stdin laravel livewire thinkphp actuator manage jolokia hystrix setup pages rest template secure json manager host- jmx- web- admin- invoker console wls _async solr hudson script druid nacos axis2 autodiscover owa ecp remote dana +csco tmui mgmt vpn global- ssl- api/v1/totp ui/ analytics sdk goanywhere moveit human cgi- geoserver lua webui boaform hnap gponform goform setup.cgi shell onvif ctrlt ud/ picsdesc wanipcn tr064 dologin device. wp-content wp-admin components elfinder connector kcfinder filemanager fckeditor ckfinder jquery uploadify plugins .well ?xd',
      parameter: 's=/ s=i =php xdebug -d+ -da -d%',
    },
  },
  {
    id: 'siaga.builtin.cms_probe',
    title: 'Probe for a content management or database system that is not there',
    severity: 'low',
    technique: 'T1595.003',
    needs: has.word,
    answer: 'refused',
    pattern:
      /\/(?:wp-(?:login|cron|signup|trackback|mail|links-opml)\.php|xmlrpc\.php|wp-(?:admin|includes|content|json)\/|wlwmanifest\.xml|administrator\/(?:index\.php|manifests|components|$)|joomla\b|phpmyadmin\d?|pma\d?\b|myadmin|mysqladmin|mysql-admin|sqladmin|adminer(?:[-.][\w.-]{1,20})?\b|dbadmin|phppgadmin|pgadmin|magento|drupal|typo3|moodle|bitrix|user\/register|sites\/default|core\/install\.php|cpanel|whm|plesk|webmin|roundcube|horde)/,
    starts: {
      slash:
        'wp- xmlrpc wlw administrator joomla phpmyadmin pma myadmin mysqladmin mysql-admin sqladmin adminer dbadmin phppgadmin pgadmin magento drupal typo3 moodle bitrix user/register sites core cpanel whm plesk webmin roundcube horde',
    },
  },
  {
    id: 'siaga.builtin.user_enumeration',
    title: 'Listing of the users of a content management system',
    severity: 'low',
    technique: 'T1589',
    needs: has.word,
    pattern: /\/\?author=\d{1,5}(?:\xff|$)|\/wp-json\/wp\/v2\/users|\?rest_route=\/wp\/v2\/users/,
    starts: { slash: 'wp-json ?author ?au', parameter: 'author rest_route' },
  },
  {
    id: 'siaga.builtin.gambling_content',
    title: 'Gambling content served by the site',
    severity: 'medium',
    technique: 'T1491.002',
    needs: has.word,
    answer: 'served',
    pattern:
      /[/=_-](?:slot[-_]?(?:gacor|88|777|maxwin|thailand|demo|dana|pulsa|qris)|(?:situs|agen|bandar|link)[-_](?:slot|togel|toto|gacor)|togel[-_]?(?:online|hongkong|singapore|sgp|hk|macau)|gacor\b|maxwin\b|scatter[-_]hitam|rtp[-_](?:live|slot)|pragmatic[-_]?play|mahjong[-_]?ways|toto[-_]?(?:macau|slot|togel))/,
    starts: {
      slash: 'slot situs agen bandar link togel gacor maxwin scatter rtp pragmatic mahjong toto',
      dash: 'slot situs agen bandar link togel gacor maxwin scatter rtp pragmatic mahjong toto',
      parameter: 'slot',
    },
  },
]

/** Attack and audit tools by their User-Agent, small letters. */
export const attackAgents =
  /sqlmap|nikto|nuclei|masscan|wpscan|acunetix|nessus|openvas|gobuster|dirbuster|feroxbuster|fuzz faster u fool|wfuzz|arachni|netsparker|joomscan|commix|havij|w3af|jaeles|dirsearch|whatweb|zmeu|morfeus|paros\/|webinspect|skipfish|jorgee|nmap scripting|thc-hydra|burpcollaborator|zaproxy|owasp zap|l9explore|xenu link|blackwidow|sqlninja|absinthe|bsqlbf|detectify|qualys|hello, world|\bmozi\b/
