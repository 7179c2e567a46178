// How much may a ClickHouse user take, and which settings may a session change? Profiles and quotas.
import { ANALYSTS_WORKLOAD } from './workloads.ts'

/** A setting's value, and the range within which a session may change it. */
export interface ProfileSetting {
  /** The server's own default unless told. */
  readonly value?: string | number
  readonly min?: number
  readonly max?: number
  /** True if a session of a profile with readonly=1 may change it (within its range); all others stay as they are. */
  readonly changeable?: true
  /** True if no session may change it, also where readonly=2 lets it change whatever is not named. */
  readonly fixed?: true
}

export interface ClickHouseProfile {
  readonly name: string
  readonly settings: Readonly<Record<string, ProfileSetting>>
}

/** What a user may take in each stretch of time; every user has its own count. */
export interface ClickHouseQuota {
  readonly name: string
  readonly seconds: number
  readonly limits: Readonly<Record<string, number>>
}

const GiB = 1024 ** 3
const MiB = 1024 ** 2

/** A limit that a session may tighten: at least 1, because 0 is "no limit". */
const tighten = (most: number): ProfileSetting => ({ value: most, min: 1, max: most, changeable: true })
const within = (value: number, most: number): ProfileSetting => ({ value, min: 1, max: most, changeable: true })
const free: ProfileSetting = { changeable: true }

// What clients and people set for the shape of an answer. Nothing here reaches a file, a server or the way rows are filtered: a setting is added
// only when that is known of it. Everything that is not named, also what a later version brings, stays as the server has it.
const freeSettings = [
  'aggregate_functions_null_for_empty',
  'connect_timeout',
  'date_time_input_format',
  'date_time_output_format',
  'enable_http_compression',
  'extremes',
  'final',
  'format_csv_delimiter',
  'format_csv_null_representation',
  'group_by_use_nulls',
  'http_headers_progress_interval_ms',
  'http_response_buffer_size',
  'http_wait_end_of_query',
  'http_write_exception_in_output_format',
  'http_zlib_compression_level',
  'interactive_delay',
  'join_algorithm',
  'join_use_nulls',
  'limit',
  'log_comment',
  'network_compression_method',
  'output_format_arrow_compression_method',
  'output_format_arrow_string_as_string',
  'output_format_binary_write_json_as_string',
  'output_format_json_array_of_rows',
  'output_format_json_named_tuples_as_objects',
  'output_format_json_quote_64bit_floats',
  'output_format_json_quote_64bit_integers',
  'output_format_json_quote_decimals',
  'output_format_json_quote_denormals',
  'output_format_native_write_json_as_string',
  'output_format_parquet_compression_method',
  'output_format_parquet_string_as_string',
  'output_format_pretty_color',
  'output_format_pretty_max_column_pad_width',
  'output_format_pretty_max_rows',
  'output_format_pretty_max_value_width',
  'output_format_pretty_row_numbers',
  'output_format_tsv_crlf_end_of_line',
  'output_format_write_statistics',
  'receive_timeout',
  'result_overflow_mode',
  'send_progress_in_http_headers',
  'send_timeout',
  'session_timezone',
  'union_default_mode',
]

// Into the audit trail, without the values (migrations 0015 and 0021), and nobody takes themselves out of it.
const audited: Readonly<Record<string, ProfileSetting>> = {
  log_queries: { value: 1, fixed: true },
  log_queries_min_query_duration_ms: { value: 0, fixed: true },
  log_queries_min_type: { value: 'QUERY_START', fixed: true },
  log_queries_probability: { value: 1, fixed: true },
}

const shared: Readonly<Record<string, ProfileSetting>> = {
  // What all of them may take together.
  workload: { value: ANALYSTS_WORKLOAD, fixed: true },
  // Where the server's memory is at its end, the query that is furthest over this is ended: one of these, and none that lands.
  memory_overcommit_ratio_denominator: { value: MiB, fixed: true },
  // Nobody works for a client that has gone, while others wait for the place.
  cancel_http_readonly_queries_on_client_close: { value: 1, changeable: true },
}

/** With it ClickHouse 26.7 reads `owner = ''` of a view as a subcolumn `owner.size` that the view does not have, and refuses the query. */
const emptyText = { optimize_functions_to_subcolumns: { value: 0 } } as const

/** What skip indexes leave out is known when a projection is weighed against the table; by itself 26.7 looks later, and takes the dearer of the two. */
const planned = { use_skip_indexes_on_data_read: { value: 0 } } as const

/**
 * The latest lines of a region, a user, an address: read in the table's order, 26.7 keeps the conditions out of PREWHERE and takes the parts one after the other, which
 * takes half as long again as finding the latest hundred among all that fit (docs/adr/0042).
 */
const latest = { optimize_read_in_order: { value: 0 } } as const

// Of whoever asks for a room, in the centre as well.
const room: Readonly<Record<string, ProfileSetting>> = {
  ...emptyText,
  ...planned,
  ...latest,
  // 1: no setting changes but those below. With 2 everything would that is not named, and one of 1,600 turns a policy's order around.
  readonly: { value: 1 },
  ...audited,
  ...shared,
  allow_ddl: { value: 0 },
  allow_introspection_functions: { value: 0 },
  // Policies after FINAL: before it, a version that the newest one has taken away from the room would show.
  apply_row_policy_after_final: { value: 1 },
  // Clients in Go (Grafana's among them) ask for five seconds more than their own time-out, which is often a minute.
  max_execution_time: within(30, 65),
  // Four run at a time (workloads.ts): half of the server's memory.
  max_memory_usage: tighten(GiB / 2),
  max_memory_usage_for_user: { value: GiB },
  max_threads: tighten(2),
  max_rows_to_read: tighten(1_000_000_000),
  max_bytes_to_read: tighten(100 * GiB),
  max_result_rows: tighten(1_000_000),
  max_result_bytes: tighten(256 * MiB),
  max_block_size: tighten(65_536),
  max_bytes_before_external_group_by: tighten(GiB / 4),
  max_bytes_before_external_sort: tighten(GiB / 4),
  max_concurrent_queries_for_user: { value: 6 },
  max_sessions_for_user: { value: 20 },
  max_query_size: { value: 256 * 1024 },
  max_ast_elements: { value: 20_000 },
  max_expanded_ast_elements: { value: 100_000 },
  max_temporary_data_on_disk_size_for_user: { value: 4 * GiB },
  ...Object.fromEntries(freeSettings.map((name) => [name, free])),
}

export const profiles: readonly ClickHouseProfile[] = [
  { name: 'siaga_admin', settings: { ...emptyText, max_execution_time: { value: 0 }, async_insert: { value: 0 } } },
  {
    // Exactly once rests on one insert making one part at once: async inserts (on by default since 26.3) break that.
    name: 'siaga_pipeline',
    settings: {
      ...emptyText,
      async_insert: { value: 0 },
      max_execution_time: { value: 0 },
      memory_overcommit_ratio_denominator: { value: 0 },
      deduplicate_blocks_in_dependent_materialized_views: { value: 1 },
    },
  },
  {
    // readonly=2: reading only, but a client may still set output formats and tighten its own limits.
    // A least value of 1 keeps 0 ("no limit") out of reach.
    name: 'siaga_reader',
    settings: {
      ...emptyText,
      ...planned,
      ...latest,
      readonly: { value: 2 },
      ...audited,
      ...shared,
      max_execution_time: { value: 60, min: 1, max: 600 },
      max_memory_usage: { value: GiB, min: 1, max: 2 * GiB },
      max_concurrent_queries_for_user: { value: 16, min: 1, max: 16 },
      max_bytes_before_external_group_by: { value: GiB / 2 },
      max_bytes_before_external_sort: { value: GiB / 2 },
    },
  },
  {
    name: 'siaga_room',
    settings: {
      ...room,
      // What an index leaves out is told by rows read and by EXPLAIN; these know values of other regions' rows. The sort key begins with the region.
      use_skip_indexes: { value: 0 },
      use_query_condition_cache: { value: 0 },
      use_statistics_for_part_pruning: { value: 0 },
      use_query_cache: { value: 0 },
      // Their order begins with values, their granules hold rows of everybody.
      optimize_use_projections: { value: 0 },
    },
  },
  // Rooms of the centre see all rows, so nothing of an index is hidden from them.
  { name: 'siaga_centre', settings: room },
]

export const quotas: readonly ClickHouseQuota[] = [
  {
    name: 'siaga_room',
    seconds: 3600,
    // Errors are counted on their own: whoever feels along the fence makes many.
    limits: { queries: 3_600, errors: 600, result_rows: 20_000_000, read_rows: 50_000_000_000, execution_time: 1_800 },
  },
]
