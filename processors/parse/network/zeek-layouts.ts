// In which order does Zeek write the columns of its logs? Versions 4 to 7, for lines that come without the `#fields` line.
// Source: the records `Info` in zeek/zeek, scripts/base, with what local.zeek loads by default.

/**
 * What a column holds, as far as it tells a log from others: t time, u connection, f file, a address, A addresses, n number, i interval, b T or F, x transport,
 * e enum, h history, m MD5, v TLS version, k Kerberos request, s share, M HTTP method, q MySQL command; absent: any text.
 */
export interface Column {
  readonly name: string
  readonly kind: string
}

export interface Layout {
  readonly log: string
  readonly columns: readonly Column[]
}

const connection = 'ts:t uid:u id.orig_h:a id.orig_p:n id.resp_h:a id.resp_p:n'
const conn = `${connection} proto:x service duration:i orig_bytes:n resp_bytes:n conn_state local_orig:b local_resp:b missed_bytes:n history orig_pkts:n orig_ip_bytes:n resp_pkts:n resp_ip_bytes:n tunnel_parents`
const ssl = `${connection} version:v cipher curve server_name resumed:b last_alert next_protocol established:b`
const ssl40 = `${ssl} cert_chain_fuids client_cert_chain_fuids subject issuer client_subject client_issuer`
const ssl41 = `${ssl} ssl_history:h cert_chain_fps client_cert_chain_fps sni_matches_cert:b`
const ssh = `${connection} version:n auth_success:b auth_attempts:n direction client server cipher_alg mac_alg compression_alg kex_alg host_key_alg host_key`
const notice = `${connection} fuid file_mime_type file_desc proto:x note:e msg sub src:a dst:a p:n n:n peer_descr actions`
const place =
  'remote_location.country_code remote_location.region remote_location.city remote_location.latitude remote_location.longitude'
const file =
  'source depth:n analyzers mime_type filename duration:i local_orig:b is_orig:b seen_bytes:n total_bytes:n missing_bytes:n overflow_bytes:n timedout:b parent_fuid md5 sha1 sha256 extracted extracted_cutoff:b extracted_size:n'
const certificate =
  'certificate.version:n certificate.serial certificate.subject certificate.issuer certificate.not_valid_before:t certificate.not_valid_after:t certificate.key_alg certificate.sig_alg certificate.key_type certificate.key_length:n certificate.exponent certificate.curve san.dns san.uri san.email san.ip basic_constraints.ca:b basic_constraints.path_len:n'

/** Logs whose lines sites extend with columns of their own at the end. */
export const extended: ReadonlySet<string> = new Set(['conn', 'dns', 'http', 'ssl', 'ssh', 'notice', 'files'])

const specifications: readonly (readonly [log: string, columns: string])[] = [
  ['conn', conn],
  ['conn', `${conn} ip_proto:n`],
  [
    'dns',
    `${connection} proto:x trans_id:n rtt:i query qclass:n qclass_name qtype:n qtype_name rcode:n rcode_name AA:b TC:b RD:b RA:b Z:n answers TTLs rejected:b`,
  ],
  [
    'http',
    `${connection} trans_depth:n method:M host uri referrer version user_agent origin request_body_len:n response_body_len:n status_code:n status_msg info_code:n info_msg tags username password proxied orig_fuids orig_filenames orig_mime_types resp_fuids resp_filenames resp_mime_types`,
  ],
  ['ssl', ssl40],
  ['ssl', `${ssl40} validation_status`],
  ['ssl', ssl41],
  ['ssl', `${ssl41} validation_status`],
  ['ssl', `${ssl41} ja3:m ja3s:m`],
  ['ssl', `${ssl41} validation_status ja3:m ja3s:m`],
  ['ssh', ssh],
  ['ssh', `${ssh} ${place}`],
  ['notice', `${notice} suppress_for:i`],
  ['notice', `${notice} suppress_for:i ${place}`],
  ['notice', `${notice} email_dest suppress_for:i`],
  ['notice', `${notice} email_dest suppress_for:i ${place}`],
  ['files', `ts:t fuid:f tx_hosts:A rx_hosts:A conn_uids ${file}`],
  ['files', `ts:t fuid:f uid:u id.orig_h:a id.orig_p:n id.resp_h:a id.resp_p:n ${file}`],
  ['weird', `${connection} name addl notice:b peer`],
  ['weird', `${connection} name addl notice:b peer source`],
  ['dpd', `${connection} proto:x analyzer failure_reason`],
  [
    'kerberos',
    `${connection} request_type:k client service success:b error_msg from:t till:t cipher forwardable:b renewable:b client_cert_subject client_cert_fuid server_cert_subject server_cert_fuid`,
  ],
  [
    'ntlm',
    `${connection} username hostname domainname server_nb_computer_name server_dns_computer_name server_tree_name success:b`,
  ],
  [
    'rdp',
    `${connection} cookie result security_protocol client_channels keyboard_layout client_build client_name client_dig_product_id desktop_width:n desktop_height:n requested_color_depth cert_type cert_count:n cert_permanent:b encryption_level encryption_method`,
  ],
  ['dce_rpc', `${connection} rtt:i named_pipe endpoint operation`],
  [
    'smb_files',
    `${connection} fuid action:e path name size:n prev_name times.modified:t times.accessed:t times.created:t times.changed:t`,
  ],
  ['syslog', `${connection} proto:x facility severity message`],
  ['smb_mapping', `${connection} path:s service native_file_system share_type`],
  [
    'dhcp',
    'ts:t uids client_addr:a server_addr:a mac host_name client_fqdn domain requested_addr:a assigned_addr:a lease_time:i client_message server_message msg_types duration:i',
  ],
  [
    'ftp',
    `${connection} user password command arg mime_type file_size:n reply_code:n reply_msg data_channel.passive:b data_channel.orig_h:a data_channel.resp_h:a data_channel.resp_p:n fuid`,
  ],
  [
    'smtp',
    `${connection} trans_depth:n helo mailfrom rcptto date from to cc reply_to msg_id in_reply_to subject x_originating_ip:a first_received second_received last_reply path user_agent tls:b fuids`,
  ],
  ['mysql', `${connection} cmd:q arg success:b rows:n response`],
  ['x509', `ts:t id:f ${certificate}`],
  ['x509', `ts:t fingerprint ${certificate} host_cert:b client_cert:b`],
  ['radius', `${connection} username mac framed_addr:a tunnel_client connect_info reply_msg result ttl:i`],
  [
    'snmp',
    `${connection} duration:i version community get_requests:n get_bulk_requests:n get_responses:n set_requests:n display_string up_since:t`,
  ],
  [
    'sip',
    `${connection} trans_depth:n method uri date request_from request_to response_from response_to reply_to call_id seq subject request_path response_path user_agent status_code:n status_msg warning request_body_len:n response_body_len:n content_type`,
  ],
  [
    'software',
    'ts:t host:a host_p:n software_type:e name version.major:n version.minor:n version.minor2:n version.minor3:n version.addl unparsed_version',
  ],
  ['tunnel', `${connection} tunnel_type:e action:e`],
  [
    'intel',
    `${connection} seen.indicator seen.indicator_type:e seen.where:e seen.node matched sources fuid file_mime_type file_desc`,
  ],
  [
    'signatures',
    'ts:t uid:u src_addr:a src_port:n dst_addr:a dst_port:n note:e sig_id event_msg sub_msg sig_count:n host_count:n',
  ],
  ['known_services', 'ts:t host:a port_num:n port_proto:x service'],
  ['known_hosts', 'ts:t host:a'],
]

function columnsOf(text: string): readonly Column[] {
  return text.split(' ').map((word) => {
    const colon = word.indexOf(':')
    return colon < 0 ? { name: word, kind: '' } : { name: word.slice(0, colon), kind: word.slice(colon + 1) }
  })
}

/** Every layout; of two that fit, the first counts. */
export const layouts: readonly Layout[] = specifications.map(([log, columns]) => ({ log, columns: columnsOf(columns) }))

/** What any log about a connection begins with. */
export const connectionColumns: readonly Column[] = columnsOf(connection)

/**
 * Names that only one log has, for events that do not say their log; unset ones are left out in JSON, so that these are names which are always
 * set, or nearly so. The first that is there counts.
 */
export const telling: readonly (readonly [name: string, log: string])[] = [
  ['conn_state', 'conn'],
  ['trans_id', 'dns'],
  ['qtype', 'dns'],
  ['established', 'ssl'],
  ['auth_attempts', 'ssh'],
  ['call_id', 'sip'],
  ['request_from', 'sip'],
  ['request_body_len', 'http'],
  ['suppress_for', 'notice'],
  ['seen_bytes', 'files'],
  ['seen.indicator', 'intel'],
  ['sig_id', 'signatures'],
  ['certificate.serial', 'x509'],
  ['request_type', 'kerberos'],
  ['domainname', 'ntlm'],
  ['server_nb_computer_name', 'ntlm'],
  ['security_protocol', 'rdp'],
  ['cookie', 'rdp'],
  ['named_pipe', 'dce_rpc'],
  ['operation', 'dce_rpc'],
  ['times.modified', 'smb_files'],
  ['share_type', 'smb_mapping'],
  ['msg_types', 'dhcp'],
  ['data_channel.passive', 'ftp'],
  ['reply_code', 'ftp'],
  ['mailfrom', 'smtp'],
  ['helo', 'smtp'],
  ['cmd', 'mysql'],
  ['framed_addr', 'radius'],
  ['connect_info', 'radius'],
  ['community', 'snmp'],
  ['software_type', 'software'],
  ['tunnel_type', 'tunnel'],
  ['failure_reason', 'dpd'],
  ['port_proto', 'known_services'],
  ['facility', 'syslog'],
  ['peer', 'weird'],
]

/** The logs that are a dataset of their own; the others are all `zeek.other`. */
export const zeekLogs: readonly string[] = [...new Set(layouts.map(({ log }) => log))]
