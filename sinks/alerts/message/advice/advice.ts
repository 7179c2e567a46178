// Which advice fits an alert? By what the rule is called, else by the techniques of ATT&CK.
import type { Words } from '../words.ts'
import { accessAdvice } from './access.ts'
import { dataAdvice } from './data.ts'
import { hostAdvice } from './hosts.ts'
import type { Advice } from './kind.ts'
import { serviceAdvice } from './service.ts'
import { siteAdvice } from './sites.ts'
import { webAdvice } from './web.ts'

export const advice = {
  ...accessAdvice,
  ...webAdvice,
  ...siteAdvice,
  ...hostAdvice,
  ...dataAdvice,
  ...serviceAdvice,
} as const satisfies Readonly<Record<string, Advice>>

export type Topic = keyof typeof advice

/** Duties to report, of attacks that are confirmed. */
export const reportDuty: Readonly<Record<NonNullable<Advice['report']>, Words>> = {
  incident: {
    id: 'Bila terbukti insiden pada infrastruktur informasi vital (IIV): laporkan ke TTIS sektor dengan tembusan TTIS nasional paling lambat 1 × 24 jam sejak diketahui (Peraturan BSSN 1/2024 pasal 15). Isinya: kontak pelapor, uraian, kronologi, dampak.',
    en: 'If it is confirmed as an incident of vital information infrastructure (IIV): report it to the TTIS of the sector with a copy to the national TTIS within 1 × 24 hours of discovery (BSSN regulation 1/2024 art. 15): contact of the reporter, description, chronology, impact.',
  },
  personal_data: {
    id: 'Bila data pribadi terbukti bocor: pemberitahuan tertulis paling lambat 3 × 24 jam (UU 27/2022 pasal 46).',
    en: 'If personal data is confirmed as exposed: written notice within 3 × 24 hours (law 27/2022 art. 46).',
  },
}

/** Rules of Siaga's own code, by the beginning of their ids. */
const byRuleId: readonly (readonly [string, Topic])[] = [
  ['siaga.indicator.', 'indicator'],
  ['siaga.builtin.missing_report', 'report_overdue'],
  ['siaga.builtin.failed_login', 'guessing'],
  ['siaga-web-flood-outage', 'outage'],
  ['siaga-web-flood-', 'flood'],
  ['siaga-silence-', 'silence'],
  ['siaga-probe-network', 'siaga'],
  ['siaga-collector-stopped', 'siaga'],
  ['siaga-pipeline-stopped', 'siaga'],
]

/** Words in the English title of a rule; the first that is found says what it is about. */
const byTitle: readonly (readonly [RegExp, Topic])[] = [
  [/not reported/i, 'report_overdue'],
  [/gambling|judi online/i, 'gambling'],
  [/certificate issued for|looks? (?:much )?like|look-?alike|phish/i, 'lookalike'],
  [/certificate log|\bsiaga|update of a feed/i, 'siaga'],
  [/certificate|old version of tls/i, 'certificate'],
  [/defac|content of a protected|title of a protected|search engines or phones|hidden links|sitemap/i, 'defacement'],
  [/web site changed by hand/i, 'change'],
  [/ransom|backups or snapshots deleted/i, 'ransomware'],
  [
    /web ?shell|shell or a look-around|upload hole|upload folder|folder for uploads|file written to the web/i,
    'webshell',
  ],
  [/name servers|mail servers|address(?:es)? of a protected|name of a protected|sends visitors/i, 'domain'],
  [/script from a new host|cross-site/i, 'script'],
  [/flood|denial of service|addresses press on|past the cache|\bddos\b|crowd or attack/i, 'flood'],
  [/is down|is slow|uploads stopped|server errors|unreachable|outage|backup did not come/i, 'outage'],
  [/silent|silence|sends far less|not monitored|log daemon (?:ended|stopped)|no space left/i, 'silence'],
  [/results|writes to an api/i, 'results'],
  [/sql injection|nosql/i, 'sql_injection'],
  [/secrets|password hashes/i, 'secrets'],
  [/voter roll|in bulk|dumped|sends very much|large transfer|sent out in one|zone transfer/i, 'data_leak'],
  [/should not be public|configuration served|belongs inside|anonymous user served/i, 'exposed'],
  [/guessing that worked|spraying that worked|guessing at a web login that worked/i, 'account'],
  [
    /abroad|countries|country|hosting network|new address|logged in by ssh|logged in at the console|works by hand/i,
    'account',
  ],
  [/sudo|root shell/i, 'privilege'],
  [/guess|tries many|tried from many|tried out|locked at once|failed log-?in|more failed|refuses many/i, 'guessing'],
  [/our own hosts|host of ours scans|inside many pods|root shells on many/i, 'lateral'],
  [
    /logs? (?:files? )?(?:deleted|disappear)|tracks|history cleared|journal shortened|logging|switched off|clock set|times of a file/i,
    'tracks',
  ],
  [
    /administrator at once|admin group|root rights|user id 0|superuser given|cluster given|authorized_keys|account (?:created|deleted)|password changed|users or rights/i,
    'rights',
  ],
  [
    /malware|trojan|backdoor|miner|mining|tunnel|command and control|reverse shell|asked for a domain that attackers|exploit kit/i,
    'malware',
  ],
  [/device configured|firewall changed|configuration changed|crontab changed|shut down or restarted/i, 'change'],
  [/security device|alerts about one address|palo alto|ids saw|ids alert/i, 'device'],
]

/** Techniques by weight: of several the first in this list says what to do first. A technique stands for its sub-techniques. */
const byTechnique: readonly (readonly [string, Topic])[] = [
  ['T1486', 'ransomware'],
  ['T1490', 'ransomware'],
  ['T1485', 'ransomware'],
  ['T1505', 'webshell'],
  // Rules about requests also name what the attacker meant to run; nobody knows whether it ran.
  ['T1190', 'web_attack'],
  ['T1565', 'results'],
  ['T1070', 'tracks'],
  ['T1562', 'tracks'],
  ['T1003', 'secrets'],
  ['T1552', 'secrets'],
  ['T1539', 'secrets'],
  ['T1041', 'data_leak'],
  ['T1048', 'data_leak'],
  ['T1567', 'data_leak'],
  ['T1560', 'data_leak'],
  ['T1213', 'data_leak'],
  ['T1119', 'data_leak'],
  ['T1530', 'data_leak'],
  ['T1005', 'data_leak'],
  ['T1114', 'data_leak'],
  ['T1210', 'lateral'],
  ['T1021', 'lateral'],
  ['T1611', 'privilege'],
  ['T1068', 'privilege'],
  ['T1548', 'privilege'],
  ['T1574', 'privilege'],
  ['T1204', 'malware'],
  ['T1071', 'malware'],
  ['T1095', 'malware'],
  ['T1105', 'malware'],
  ['T1496', 'malware'],
  ['T1568', 'malware'],
  ['T1571', 'malware'],
  ['T1572', 'malware'],
  ['T1090', 'malware'],
  ['T1102', 'malware'],
  ['T1098', 'rights'],
  ['T1136', 'rights'],
  ['T1531', 'rights'],
  ['T1491', 'defacement'],
  ['T1566', 'lookalike'],
  ['T1583', 'lookalike'],
  ['T1588', 'lookalike'],
  ['T1584', 'domain'],
  ['T1557', 'certificate'],
  ['T1189', 'script'],
  ['T1059', 'planted'],
  ['T1053', 'planted'],
  ['T1543', 'planted'],
  ['T1546', 'planted'],
  ['T1547', 'planted'],
  ['T1609', 'planted'],
  ['T1610', 'planted'],
  ['T1027', 'planted'],
  ['T1110', 'guessing'],
  ['T1078', 'account'],
  ['T1133', 'account'],
  ['T1498', 'flood'],
  ['T1499', 'flood'],
  ['T1489', 'outage'],
  ['T1529', 'outage'],
  ['T1018', 'lateral'],
  ['T1595', 'scanning'],
  ['T1046', 'scanning'],
  ['T1589', 'scanning'],
  ['T1590', 'scanning'],
]

/**
 * The topic of an alert. `title`: the English title of its rule. Without rule id and title (a warning) the techniques alone decide. The rule's words
 * come first since one technique covers both a hidden gambling link and a defaced front page.
 */
export function topicOf(of: { ruleId: string; title: string; attack: readonly string[] }): Topic {
  for (const [start, topic] of byRuleId) if (of.ruleId.startsWith(start)) return topic
  for (const [words, topic] of byTitle) if (words.test(of.title)) return topic
  const techniques = new Set(of.attack.map((id) => id.split('.')[0] ?? ''))
  for (const [technique, topic] of byTechnique) if (techniques.has(technique)) return topic
  return of.ruleId.startsWith('siaga.builtin.device_alert') ? 'device' : 'general'
}
