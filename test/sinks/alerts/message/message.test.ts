// Does a message say what it has to, for every reason and in both languages, and nothing else where it leaves government networks?
import { describe, expect, test } from 'vitest'
import type { NotificationReason } from '../../../../schemas/alert.ts'
import { renderMessage } from '../../../../sinks/alerts/message/message.ts'
import { type alert, finding, GUESSING, notification, options, VOTE } from './notification.ts'

const WARNING = {
  case_id: 'k-77',
  regions: 4,
  attack: ['T1190', 'T1505.003'],
  indicators: [
    { type: 'ipv4', value: '203.0.113.4', tlp: 'amber' },
    { type: 'domain', value: 'tebing.example', tlp: 'green' },
    { type: 'domain', value: 'rahasia.example', tlp: 'red' },
    { type: 'domain', value: 'ketat.example', tlp: 'amber+strict' },
  ],
  asset_kind: 'web',
}

const part = (message: ReturnType<typeof renderMessage>, label: string) =>
  message.parts.find((one) => one.label === label)?.lines.join('\n') ?? ''

describe('an alert that was opened', () => {
  const message = renderMessage(notification(), options({ deadline: VOTE + 300_000 }))

  test('says severity, region and what happened in its title', () => {
    expect(message.title).toBe('[KRITIS] Kabupaten Jayapura (91.03): Tebak sandi SSH yang berhasil')
    expect(message.severity).toBe('KRITIS')
    expect(message.region).toBe('Kabupaten Jayapura (91.03)')
    expect(renderMessage(notification(), options({ language: 'en' })).title).toBe(
      '[CRITICAL] Kabupaten Jayapura (91.03): SSH guessing that worked',
    )
  })

  test('has these parts, in this order', () => {
    expect(message.parts.map(({ label }) => label)).toEqual([
      'Apa yang terjadi',
      'Batas waktu',
      'Bukti dan tanggapan',
      'Di mana',
      'Kapan',
      'Berapa kali',
      'Tentang siapa',
      'Yang harus dikerjakan',
      'Khusus temuan ini',
      'Hubungi siapa',
      'Jangan',
      'Kewajiban lapor',
      'Mengapa skor ini',
      'Bukti',
      'Cara penyerang',
      'Diberitahukan kepada',
      'Kasus',
    ])
  })

  test('says where, with province, system, owner and phase', () => {
    expect(part(message, 'Di mana')).toBe(
      [
        'Kabupaten Jayapura (91.03), Provinsi Papua',
        'Sistem: Sirekap (sirekap), web, tingkat penting: kritis',
        'Pemilik: kpu',
        'Pemilu: pilkada-2024, pemungutan suara',
      ].join('\n'),
    )
  })

  test('shows times in the zone of the region', () => {
    expect(part(message, 'Kapan')).toBe('Sejak 2024-11-27 08:00:00 WIT\nTerakhir 2024-11-27 08:10:00 WIT')
    expect(part(message, 'Batas waktu')).toBe(
      'Tanggapi di Siaga paling lambat 2024-11-27 08:05:00 WIT; sesudah itu ruang operasi provinsi diberi tahu.',
    )
    const wita = renderMessage(notification({}, { region_code: '51.03' }), options())
    expect(part(wita, 'Kapan')).toContain('07:00:00 WITA')
    for (const region_code of ['00', '', '99.99']) {
      expect(part(renderMessage(notification({}, { region_code }), options()), 'Kapan')).toContain('06:00:00 WIB')
    }
  })

  test('explains the score by the factors of the worst finding, and their sum', () => {
    expect(part(message, 'Mengapa skor ini').split('\n')).toEqual([
      'Skor 96: dari 100 temuan seperti ini, kira-kira 96 perlu diperiksa orang.',
      '−46 sebelum ada bukti apa pun',
      '+65 aturan "Tebak sandi SSH yang berhasil" (kritis): source_ip: 203.0.113.9 (critical)',
      '+12 pentingnya sistem: sirekap (critical)',
      'Jumlah +31 poin = 96 dari 100.',
    ])
  })

  test('does not claim a sum when only the weightiest factors are known', () => {
    const some = finding({ score: 99, factors: [{ name: 'prior', points: -46, detail: '' }] })
    const why = part(renderMessage(notification({}, { worst: [some] }), options({ language: 'en' })), 'Why this score')
    expect(why).toContain('The score of this finding is 99 in a hundred; other factors are not shown here.')
    expect(why).not.toContain('Sum')
  })

  test('a correlation without factors says where they are', () => {
    const none = renderMessage(notification({}, { worst: [finding({ factors: [] })] }), options())
    expect(part(none, 'Mengapa skor ini')).toContain('rincian poinnya ada pada peristiwa')
  })

  test('marks an estimated count', () => {
    const count = (language: 'id' | 'en') =>
      part(
        renderMessage(notification({}, { findings: 12_400, findings_exact: false }), options({ language })),
        language === 'id' ? 'Berapa kali' : 'How often',
      )
    expect(count('id')).toBe('sekitar 12.400 temuan (perkiraan, selisih sampai 3 %)')
    expect(count('en')).toBe('about 12,400 findings (an estimate, within 3 %)')
  })

  test('says what to do, whom to call and what to leave alone', () => {
    const steps = part(message, 'Yang harus dikerjakan').split('\n')
    expect(steps.length).toBeGreaterThanOrEqual(3)
    expect(steps[0]).toMatch(/^1\. TELEPON pemilik akun/)
    expect(part(message, 'Khusus temuan ini')).toBe('Telepon pemilik akun.')
    expect(part(message, 'Hubungi siapa')).toContain('TTIS provinsi')
    expect(part(message, 'Jangan')).toContain('Jangan mematikan')
    expect(part(message, 'Kewajiban lapor')).toContain('1 × 24 jam')
  })

  test('says who was told, names its case and leads to the evidence', () => {
    expect(part(message, 'Diberitahukan kepada')).toBe('Ruang Operasi Jayapura, tingkat kabupaten/kota')
    expect(part(message, 'Kasus')).toBe('k-77')
    expect(message.link).toBe('https://siaga.example/alerts/a1b2c3')
    expect(renderMessage(notification(), options({ publicUrl: '' })).link).toBe('')
  })

  test('fits into an SMS, with its link', () => {
    expect(message.short).toBe(
      'SIAGA KRITIS Kabupaten Jayapura (91.03): Tebak sandi SSH yang berhasil. Sejak 2024-11-27 08:00:00 WIT, 14 temuan https://siaga.example/alerts/a1b2c3',
    )
  })

  test('text has lines of at most 100 characters and holds every part', () => {
    expect(message.text.split('\n').filter((line) => line.length > 100)).toEqual([])
    for (const { label } of message.parts) expect(message.text).toContain(label.toUpperCase())
  })
})

describe('titles by reason', () => {
  const of = (reason: NotificationReason, language: 'id' | 'en', more: Parameters<typeof alert>[0] = {}) =>
    renderMessage(
      notification({ reason, ...(reason === 'warning' ? { warning: WARNING } : {}) }, more),
      options({ language }),
    ).title

  test.each([
    ['opened', 'Tebak sandi SSH yang berhasil', 'SSH guessing that worked'],
    ['reopened', 'Terjadi lagi: Tebak sandi SSH yang berhasil', 'Again: SSH guessing that worked'],
    ['severity', 'Memburuk: Tebak sandi SSH yang berhasil', 'Worse: SSH guessing that worked'],
    ['stage', 'Tahap baru: Tebak sandi SSH yang berhasil', 'New stage: SSH guessing that worked'],
    ['escalated', 'Belum ditanggapi: Tebak sandi SSH yang berhasil', 'Not acknowledged: SSH guessing that worked'],
    [
      'warning',
      'Peringatan dini: Pintu belakang (webshell) di server web',
      'Early warning: Back door (web shell) on a web server',
    ],
    ['summary', 'Ringkasan temuan yang ditahan', 'Summary of findings held back'],
    ['test', 'Uji coba: pesan percobaan dari Siaga', 'Test: a message from Siaga to try the channel'],
  ] as const)('%s', (reason, id, en) => {
    expect(of(reason, 'id')).toBe(`[KRITIS] Kabupaten Jayapura (91.03): ${id}`)
    expect(of(reason, 'en')).toBe(`[CRITICAL] Kabupaten Jayapura (91.03): ${en}`)
  })

  test.each([
    ['resolved', 'Selesai: ', 'Resolved: '],
    ['false_positive', 'Bukan ancaman: ', 'False alarm: '],
    ['accepted', 'Risiko diterima: ', 'Risk accepted: '],
    ['merged', 'Digabung: ', 'Merged: '],
  ] as const)('closed as %s', (status, id, en) => {
    expect(of('closed', 'id', { status })).toContain(`: ${id}Tebak sandi`)
    expect(of('closed', 'en', { status })).toContain(`: ${en}SSH guessing`)
  })

  test('the subject is the same for all messages about an alert', () => {
    const reasons: NotificationReason[] = ['opened', 'reopened', 'stage', 'escalated', 'closed']
    const subjects = reasons.map((reason) => renderMessage(notification({ reason }), options()).subject)
    expect(new Set(subjects)).toEqual(new Set(['[KRITIS] Kabupaten Jayapura (91.03): Tebak sandi SSH yang berhasil']))
  })
})

test('a rise in severity says from where to where', () => {
  const asks = [
    { at: VOTE, reason: 'opened', severity: 'medium' },
    { at: VOTE + 1, reason: 'severity', severity: 'critical' },
  ] as const
  const message = renderMessage(notification({ reason: 'severity' }, { asks: [...asks] }), options())
  expect(part(message, 'Apa yang terjadi')).toContain('Sebelumnya SEDANG, sekarang KRITIS.')
})

test('an escalation says since when nobody answered, and whom to try first', () => {
  const message = renderMessage(notification({ reason: 'escalated', level: 'provinsi' }), options())
  expect(part(message, 'Apa yang terjadi')).toContain(
    'Ditunggu sejak 2024-11-27 08:00:00 WIT. Telepon dahulu ruang operasi di bawah Anda',
  )
})

test('a closing says who closed it, how and why, and gives no orders', () => {
  const actor = { name: 'Siti', room: 'ruang-jayapura', region: '91.03', from: '192.0.2.1' }
  const action = {
    action_id: 'x',
    at: VOTE + 3_600_000,
    actor,
    verb: 'resolve',
    reason: 'Akun dikunci, lihat https://catatan.example/1',
    assignee: '',
    other: '',
    from_status: 'in_work',
    to_status: 'resolved',
  } as const
  const message = renderMessage(
    notification({ reason: 'closed' }, { status: 'resolved', actions: [action] }),
    options(),
  )
  expect(part(message, 'Bagaimana ditutup')).toBe(
    'Selesai, 2024-11-27 09:00:00 WIT\nOleh: Siti\nAlasan: Akun dikunci, lihat hxxps://catatan[.]example/1',
  )
  expect(part(message, 'Yang harus dikerjakan')).toBe('')
  const merged = renderMessage(notification({ reason: 'closed' }, { status: 'merged', merged_into: 'a9' }), options())
  expect(part(merged, 'Apa yang terjadi')).toContain('bagian dari peringatan a9')
})

describe('a storm', () => {
  const storm = {
    kind: 'storm',
    title: 'Banjir di sirekap dari 203.0.113.9 (budi)',
    matters: 1_204,
    findings: 51_000,
    findings_exact: false,
    rules: [
      { rule_id: GUESSING, title: 'SSH guessing that worked', severity: 'critical', score: 96, findings: 50_000 },
      { rule_id: 'r2', title: 'Port scan', severity: 'medium', score: 40, findings: 1_000 },
    ],
  } as const

  test('is called one, counts on and lists its rules', () => {
    const message = renderMessage(notification({}, { ...storm, rules: [...storm.rules] }), options())
    expect(message.title).toContain('BANJIR temuan: Tebak sandi SSH yang berhasil')
    expect(part(message, 'Berapa kali')).toContain('sekitar 51.000 temuan')
    expect(part(message, 'Berapa kali')).toContain('1.204 perkara berbeda')
    expect(part(message, 'Aturan').split('\n')).toEqual([
      '50.000 × Tebak sandi SSH yang berhasil (kritis)',
      '1.000 × Port scan (sedang)',
    ])
  })

  test('its own title, which may name addresses and systems, is in no title of a message', () => {
    const message = renderMessage(notification({}, { ...storm, rules: [...storm.rules] }), options({ outside: true }))
    expect(JSON.stringify(message)).not.toMatch(/203\.0\.113\.9|budi|sirekap/)
  })
})

describe('a warning', () => {
  const about = notification({ reason: 'warning', warning: WARNING, alert_id: 'rahasia-1' }, { region_code: '32.04' })
  const message = renderMessage(about, options())

  test('tells techniques, permitted indicators, the kind of system, and how to prepare', () => {
    expect(message.region).toBe('Kabupaten Jayapura (91.03)')
    expect(part(message, 'Apa yang terjadi')).toContain('Terjadi di 4 wilayah.')
    expect(part(message, 'Sistem yang diincar')).toBe('web')
    expect(part(message, 'Cara penyerang')).toBe(
      'T1190 menyerang layanan yang terbuka di internet\nT1505.003 memasang pintu belakang di server',
    )
    const indicators = part(message, 'Tanda pengenal')
    expect(indicators).toContain('ipv4: 203.0.113.4 (TLP:AMBER)')
    expect(indicators).toContain('tebing[.]example (TLP:GREEN)')
    expect(indicators).not.toContain('rahasia')
    expect(indicators).not.toContain('ketat')
    expect(part(message, 'Yang harus dikerjakan')).toMatch(/^1\. Minta admin memasang pembaruan/)
    expect(part(message, 'Yang harus dikerjakan')).not.toContain('Putuskan')
  })

  test('tells nothing of the alert of the other region', () => {
    const { alert: other } = about
    const text = JSON.stringify(message)
    for (const secret of [
      other.alert_id,
      'rahasia-1',
      '32.04',
      'Bandung',
      'sirekap',
      'Sirekap',
      'kpu',
      '203.0.113.9',
      'SSH',
      '2024-11-27',
    ]) {
      expect(text).not.toContain(secret)
    }
    expect(message.link).toBe('https://siaga.example/cases/k-77')
  })
})

test('a summary says how many were held back and why, the most first', () => {
  const summary = {
    from: VOTE,
    to: VOTE + 86_400_000,
    counts: [
      { reason: 'suppressed', detail: 's-1 uji beban oleh budi', findings: 3 },
      { reason: 'below_threshold', detail: 'kampanye', findings: 12_345 },
    ],
  }
  const message = renderMessage(notification({ reason: 'summary', summary }), options())
  expect(part(message, 'Apa yang terjadi')).toContain('Seluruhnya 12.348 temuan ditahan.')
  expect(part(message, 'Yang ditahan').split('\n')).toEqual([
    '12.345 di bawah ambang: kampanye',
    '3 ditahan oleh aturan pengecualian: s-1 uji beban oleh budi',
  ])
  const english = renderMessage(notification({ reason: 'summary', summary }), options({ language: 'en' }))
  expect(part(english, 'What was held back')).toContain('12,345 below the threshold: kampanye')
})

test('a test message says so, and that nothing happened', () => {
  const message = renderMessage(notification({ reason: 'test' }), options({ language: 'en' }))
  expect(part(message, 'What happened')).toContain('This is a test. Nothing happened')
  expect(part(message, 'Told to')).toContain('Channel: surel')
  expect(message.text).not.toContain('203.0.113.9')
})

describe('titles where a rule is not known', () => {
  test('are those of the kind of attack, with the English title beside it only inside', () => {
    const unknown = notification({}, { rule_id: 'rule-of-others', title: 'Weird SSH spraying', attack: ['T1110'] })
    expect(renderMessage(unknown, options()).title).toContain(': Penebakan kata sandi: Weird SSH spraying')
    expect(renderMessage(unknown, options({ language: 'en' })).title).toContain(': Weird SSH spraying')
    expect(renderMessage(unknown, options({ outside: true })).title).toBe(
      '[KRITIS] Kabupaten Jayapura (91.03): Penebakan kata sandi',
    )
  })

  test.each([
    [
      'siaga.indicator.ipv4',
      'Known by threat intelligence (misp): budi@evil.example',
      'Cocok dengan intelijen ancaman',
      'Cocok dengan intelijen ancaman (misp): budi[@]evil[.]example',
      'Known by threat intelligence (misp): budi[@]evil[.]example',
    ],
    [
      'siaga.indicator.history',
      'Ditemukan di riwayat / Found in history: 203.0.113.66',
      'Indikator ancaman ditemukan di riwayat',
      'Ditemukan di riwayat: 203.0.113.66',
      'Found in history: 203.0.113.66',
    ],
    [
      'siaga.builtin.device_alert',
      'ET WEB https://evil.example',
      'Peringatan perangkat keamanan',
      'Peringatan perangkat keamanan: ET WEB hxxps://evil[.]example',
      'Alert of a security device: ET WEB hxxps://evil[.]example',
    ],
    [
      'siaga.builtin.device_alert',
      'Incident report: web_defacement',
      'Laporan insiden: Tampilan situs diubah (defacement)',
      'Laporan insiden: Tampilan situs diubah (defacement)',
      'Incident report: Web page changed (defacement)',
    ],
    [
      'siaga.builtin.device_alert',
      'Incident report: call budi@evil.example',
      'Peringatan perangkat keamanan',
      'Peringatan perangkat keamanan: Incident report: call budi[@]evil[.]example',
      'Alert of a security device: Incident report: call budi[@]evil[.]example',
    ],
    [
      'siaga.builtin.missing_report',
      'Operation Room has not reported',
      'Ruang Operasi belum melapor',
      'Ruang Operasi belum melapor',
      'Operation Room has not reported',
    ],
    [
      'siaga-silence-source',
      'Sumber diam / Source silent: Situs KPU (kpu-web)',
      'Sumber log diam',
      'Sumber diam: Situs KPU (kpu-web)',
      'Source silent: Situs KPU (kpu-web)',
    ],
    [
      'siaga-web-flood-attack',
      'Serangan: 90 % dari luar / Attack: 90 % from abroad',
      'Banjir permintaan ke situs',
      'Serangan: 90 % dari luar',
      'Attack: 90 % from abroad',
    ],
    [
      'siaga-pipeline-stopped',
      'Siaga tidak memproses / Siaga stands still since 2024-11-27 08:00:00 WIB',
      'Siaga berhenti memproses',
      'Siaga tidak memproses',
      'Siaga stands still since 2024-11-27 08:00:00 WIB',
    ],
  ])('%s: what a feed, a device or a name said stays inside', (rule_id, title, outside, id, en) => {
    const about = notification({}, { rule_id, title, attack: [], rules: [], worst: [] })
    const of = (more: Parameters<typeof options>[0]) => renderMessage(about, options(more)).title.replace(/^.*?: /, '')
    expect(of({ outside: true })).toBe(outside)
    expect(of({})).toBe(id)
    expect(of({ language: 'en' })).toBe(en)
  })
})

test('what leaves government networks is severity, region, title and link', () => {
  const message = renderMessage(notification(), options({ outside: true }))
  expect(message.parts).toEqual([])
  expect(message.text).toBe(
    [
      '[KRITIS] Kabupaten Jayapura (91.03): Tebak sandi SSH yang berhasil',
      '',
      'TINGKAT',
      '  KRITIS',
      '',
      'WILAYAH',
      '  Kabupaten Jayapura (91.03)',
      '',
      'JUDUL',
      '  Tebak sandi SSH yang berhasil',
      '',
      'BUKTI DAN TANGGAPAN',
      '  https://siaga.example/alerts/a1b2c3',
      '',
    ].join('\n'),
  )
  expect(message.short).toBe(
    'SIAGA KRITIS Kabupaten Jayapura (91.03): Tebak sandi SSH yang berhasil https://siaga.example/alerts/a1b2c3',
  )
})
