// What do a rule's log source and the kind of a correlation mean, in words? Sigma's own word stands beside it.
import { type Words, wordOf } from '../../parts/words.ts'

const sources: Words = {
  'category=webserver': ['log server web', 'logs of web servers'],
  'category=application': ['log aplikasi', 'logs of applications'],
  'category=ids': ['pendeteksi serangan (IDS)', 'intrusion detection (IDS)'],
  'category=dns': ['permintaan DNS', 'DNS questions'],
  'category=authentication': ['masuk dan gagal masuk', 'log-ins and failures'],
  'category=firewall': ['firewall', 'firewalls'],
  'category=database': ['basis data', 'databases'],
  'category=file_event': ['perubahan berkas', 'changes of files'],
  'product=linux': ['log Linux', 'logs of Linux'],
  'product=linux,service=sshd': ['masuk lewat SSH', 'log-ins by SSH'],
  'product=linux,service=sudo': ['perintah sudo', 'commands by sudo'],
  'product=linux,service=auth': ['masuk ke Linux', 'log-ins on Linux'],
  'product=linux,service=syslog': ['log sistem Linux', 'system log of Linux'],
  'product=linux,service=cron': ['tugas terjadwal', 'scheduled jobs'],
  'product=siaga': ['yang dilihat Siaga', 'what Siaga sees'],
  'product=siaga,service=probe': ['pemeriksaan situs oleh Siaga', "Siaga's probes of sites"],
  'product=siaga,service=lookalike': ['pencarian domain tiruan', 'the search for look-alike domains'],
  'product=siaga,service=certificate': ['log sertifikat', 'certificate logs'],
  'product=siaga,service=audit': ['jejak audit Siaga', "Siaga's audit trail"],
}

/** Undefined for a log source of others, which is shown as it is written. */
export const logsourceWord = (logsource: string): string | undefined => wordOf(sources, logsource)

const correlations: Words = {
  event_count: ['banyak kejadian dalam waktu singkat', 'many events in a short time'],
  value_count: ['banyak nilai berbeda dalam waktu singkat', 'many different values in a short time'],
  value_sum: ['jumlah besar dalam waktu singkat', 'a large sum in a short time'],
  temporal: ['beberapa aturan dalam waktu berdekatan', 'several rules close in time'],
  temporal_ordered: ['beberapa aturan berurutan', 'several rules one after another'],
}

export const correlationWord = (type: string): string | undefined => wordOf(correlations, type)
