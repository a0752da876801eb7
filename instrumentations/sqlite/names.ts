/** Patterns of machine-generated text: a number, or a part of a UUID or of a hash. */
const NUMBER = /\d{5,}/g;
const HASH = /[0-9a-f]{8,}/gi;
const DIGITS = /\d+/g;
const TEMPORARY = /te?mp/i;
const DIGIT = /\d/;

/**
 * Returns the name of a table with its variable parts replaced: a temporary table created by a tool would otherwise
 * have series of its own. `_knex_temp_alter481` → `_knex_temp_alter*`
 */
export function stableName(name: string): string {
  if (!DIGIT.test(name)) return name;
  if (TEMPORARY.test(name)) return name.replace(DIGITS, "*");
  return name.replace(HASH, (part) => (DIGIT.test(part) ? "*" : part)).replace(NUMBER, "*");
}

/** PRAGMAs of SQLite. An unknown PRAGMA is arbitrary text of the application. */
export const PRAGMAS: ReadonlySet<string> = new Set(
  `analysis_limit application_id auto_vacuum automatic_index busy_timeout cache_size cache_spill case_sensitive_like
  cell_size_check checkpoint_fullfsync collation_list compile_options count_changes data_store_directory data_version
  database_list default_cache_size defer_foreign_keys empty_result_callbacks encoding foreign_key_check
  foreign_key_list foreign_keys freelist_count full_column_names fullfsync function_list hard_heap_limit
  ignore_check_constraints incremental_vacuum index_info index_list index_xinfo integrity_check journal_mode
  journal_size_limit legacy_alter_table legacy_file_format locking_mode max_page_count mmap_size module_list optimize
  page_count page_size parser_trace pragma_list query_only quick_check read_uncommitted recursive_triggers
  reverse_unordered_selects schema_version secure_delete short_column_names shrink_memory soft_heap_limit stats
  synchronous table_info table_list table_xinfo temp_store temp_store_directory threads trusted_schema user_version
  vdbe_addoptrace vdbe_debug vdbe_listing vdbe_trace wal_autocheckpoint wal_checkpoint writable_schema`.split(/\s+/),
);
