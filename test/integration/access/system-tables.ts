// Which tables of the server may a room read? Such as say the same to everybody, or nothing but what concerns the room itself.

/** Whoever adds one has looked at what stands in it; the server grants most of them to everybody, whatever is granted. */
export const harmlessSystemTables: readonly string[] = [
  'aggregate_function_combinators',
  'collations',
  'columns',
  'completions',
  'contributors',
  'current_roles',
  'data_type_families',
  'database_engines',
  'databases',
  'dictionary_layouts',
  'disk_types',
  'enabled_roles',
  'formats',
  'functions',
  'licenses',
  'one',
  'privileges',
  'quota_usage',
  'settings',
  'table_engines',
  'table_functions',
  'tables',
  'time_zones',
]
