//! Parameters of `PostgreSQL`.
//!
//! Sources: `DescribeDBParameters` of the families `postgres` and `aurora-postgresql` (RDS API: `AllowedValues`, and the unit in
//! the description), the wider range where they differ; "RDS for `PostgreSQL` DB instance parameter list" (RDS user guide); "Server
//! Configuration" (`PostgreSQL` manual) for the names.

use super::value::Unit::{Blocks, Count, Kilobytes, Megabytes, Milliseconds, Minutes, Seconds};
use super::{Parameter, choice, decimal, switch, whole};

/// The largest number of most parameters.
const MOST: i64 = 2_147_483_647;
const LARGEST: f64 = 1.797_69e308;
const LEVELS: &[&str] =
    &["debug5", "debug4", "debug3", "debug2", "debug1", "info", "notice", "warning", "error", "log", "fatal", "panic"];

pub(super) const PARAMETERS: &[Parameter] = &[
    switch("autovacuum"),
    decimal("autovacuum_analyze_scale_factor", 0.0, 100.0),
    whole("autovacuum_max_workers", 1, 262_143, Count),
    whole("autovacuum_naptime", 1, 2_147_483, Seconds),
    decimal("autovacuum_vacuum_scale_factor", 0.0, 100.0),
    whole("checkpoint_timeout", 30, 86_400, Seconds),
    whole("deadlock_timeout", 1, MOST, Milliseconds),
    whole("default_statistics_target", 1, 10_000, Count),
    choice("default_transaction_isolation", &["serializable", "repeatable read", "read committed", "read uncommitted"]),
    whole("effective_cache_size", 1, MOST, Blocks),
    whole("effective_io_concurrency", 0, 1_000, Count),
    switch("hot_standby_feedback"),
    whole("idle_in_transaction_session_timeout", 0, MOST, Milliseconds),
    whole("idle_session_timeout", 0, MOST, Milliseconds),
    switch("jit"),
    whole("lock_timeout", 0, MOST, Milliseconds),
    whole("log_autovacuum_min_duration", -1, MOST, Milliseconds),
    switch("log_checkpoints"),
    switch("log_disconnections"),
    switch("log_duration"),
    switch("log_lock_waits"),
    whole("log_min_duration_sample", -1, MOST, Milliseconds),
    whole("log_min_duration_statement", -1, MOST, Milliseconds),
    choice("log_min_error_statement", LEVELS),
    choice("log_min_messages", LEVELS),
    choice("log_statement", &["none", "ddl", "mod", "all"]),
    whole("log_temp_files", -1, MOST, Kilobytes),
    whole("maintenance_work_mem", 1_024, MOST, Kilobytes),
    whole("max_connections", 6, 8_388_607, Count),
    whole("max_locks_per_transaction", 10, MOST, Count),
    whole("max_logical_replication_workers", 0, 262_143, Count),
    whole("max_parallel_workers", 0, 1_024, Count),
    whole("max_parallel_workers_per_gather", 0, 1_024, Count),
    whole("max_prepared_transactions", 0, 8_388_607, Count),
    whole("max_replication_slots", 5, 8_388_607, Count),
    whole("max_slot_wal_keep_size", -1, MOST, Megabytes),
    whole("max_stack_depth", 100, MOST, Kilobytes),
    whole("max_wal_senders", 5, 8_388_607, Count),
    whole("max_wal_size", 2, MOST, Megabytes),
    whole("max_worker_processes", 0, 262_143, Count),
    whole("min_wal_size", 2, MOST, Megabytes),
    whole("old_snapshot_threshold", -1, 86_400, Minutes),
    decimal("random_page_cost", 0.0, LARGEST),
    switch("rds.force_ssl"),
    switch("rds.logical_replication"),
    switch("row_security"),
    decimal("seq_page_cost", 0.0, LARGEST),
    whole("shared_buffers", 16, 1_073_741_823, Blocks),
    whole("statement_timeout", 0, MOST, Milliseconds),
    choice("synchronous_commit", &["local", "on", "off", "remote_write", "remote_apply"]),
    whole("tcp_keepalives_count", 0, MOST, Count),
    whole("tcp_keepalives_idle", 0, MOST, Seconds),
    whole("tcp_keepalives_interval", 0, MOST, Seconds),
    whole("temp_buffers", 100, 1_073_741_823, Blocks),
    whole("temp_file_limit", -1, MOST, Kilobytes),
    switch("track_activities"),
    switch("track_counts"),
    choice("track_functions", &["none", "pl", "all"]),
    switch("track_io_timing"),
    whole("work_mem", 64, MOST, Kilobytes),
];

/// The names of the other parameters.
pub(super) const OTHERS: &str = "\
    application_name apg_enable_semijoin_push_down array_nulls authentication_timeout autovacuum_analyze_threshold \
    autovacuum_freeze_max_age autovacuum_multixact_freeze_max_age autovacuum_vacuum_cost_delay autovacuum_vacuum_cost_limit \
    autovacuum_vacuum_insert_scale_factor autovacuum_vacuum_insert_threshold autovacuum_vacuum_max_threshold \
    autovacuum_vacuum_threshold autovacuum_work_mem autovacuum_worker_slots backend_flush_after backslash_quote bgwriter_delay \
    bgwriter_flush_after bgwriter_lru_maxpages bgwriter_lru_multiplier bytea_output check_function_bodies \
    checkpoint_completion_target checkpoint_flush_after checkpoint_warning client_connection_check_interval client_encoding \
    client_min_messages commit_delay commit_siblings compute_query_id constraint_exclusion cpu_index_tuple_cost \
    cpu_operator_cost cpu_tuple_cost cursor_tuple_fraction datestyle debug_pretty_print debug_print_parse debug_print_plan \
    debug_print_rewritten default_table_access_method default_tablespace default_text_search_config \
    default_toast_compression default_transaction_deferrable default_transaction_read_only effective_wal_level \
    enable_async_append enable_bitmapscan enable_gathermerge enable_group_by_reordering enable_hashagg enable_hashjoin \
    enable_incremental_sort enable_indexonlyscan enable_indexscan enable_material enable_memoize enable_mergejoin \
    enable_nestloop enable_parallel_append enable_parallel_hash enable_partition_pruning enable_partitionwise_aggregate \
    enable_partitionwise_join enable_presorted_aggregate enable_self_join_elimination enable_seqscan enable_sort \
    enable_tidscan escape_string_warning exit_on_error extra_float_digits from_collapse_limit full_page_writes geqo geqo_effort \
    geqo_generations geqo_pool_size geqo_seed geqo_selection_bias geqo_threshold gin_fuzzy_search_limit \
    gin_pending_list_limit gss_accept_delegation hash_mem_multiplier huge_pages icu_validation_level \
    idle_replication_slot_timeout intervalstyle io_combine_limit io_max_concurrency io_method io_workers jit_above_cost \
    jit_inline_above_cost jit_optimize_above_cost join_collapse_limit krb_caseins_users lc_messages lc_monetary lc_numeric \
    lc_time lo_compat_privileges log_connections log_destination log_error_verbosity log_executor_stats log_file_mode \
    log_filename log_hostname log_line_prefix log_lock_failures log_parameter_max_length log_parameter_max_length_on_error \
    log_parser_stats log_planner_stats log_recovery_conflict_waits log_replication_commands log_rotation_age log_rotation_size \
    log_startup_progress_interval log_statement_sample_rate log_statement_stats log_timezone log_transaction_sample_rate \
    log_truncate_on_rotation logging_collector logical_decoding_work_mem maintenance_io_concurrency max_active_replication_origins \
    max_files_per_process max_notify_queue_pages max_parallel_apply_workers_per_subscription \
    max_parallel_maintenance_workers max_pred_locks_per_page max_pred_locks_per_relation max_pred_locks_per_transaction \
    max_standby_archive_delay max_standby_streaming_delay max_sync_workers_per_subscription md5_password_warnings \
    min_dynamic_shared_memory min_parallel_index_scan_size min_parallel_table_scan_size multixact_member_buffers \
    multixact_members_cache_size multixact_offset_buffers multixact_offsets_cache_size notify_buffers \
    parallel_leader_participation parallel_setup_cost parallel_tuple_cost password_encryption plan_cache_mode \
    quote_all_identifiers rds.accepted_password_auth_method rds.adaptive_autovacuum rds.allowed_extensions \
    rds.babelfish_status rds.delegated_extension_allow_drop_cascade rds.delegated_extensions rds.enable_pgactive \
    rds.enable_plan_management rds.extensions rds.force_admin_logging_level rds.force_autovacuum_logging_level \
    rds.global_db_rpo rds.log_retention_period rds.logical_wal_cache rds.pg_stat_ramdisk_size rds.rds_superuser_reserved_connections \
    rds.restrict_password_commands rds.superuser_variables rds.custom_dns_resolution rds.enable_memory_management \
    recovery_init_sync_method recovery_prefetch recursive_worktable_factor remove_temp_files_after_crash \
    reserved_connections restart_after_crash restrict_nonsystem_relation_kind scram_iterations search_path \
    send_abort_for_crash serializable_buffers session_preload_libraries session_replication_role shared_memory_type \
    shared_preload_libraries ssl ssl_ciphers ssl_groups ssl_max_protocol_version ssl_min_protocol_version \
    ssl_tls13_ciphers standard_conforming_strings stats_fetch_consistency subtransaction_buffers \
    subtransaction_cache_size summarize_wal synchronize_seqscans synchronized_standby_slots synchronous_standby_names \
    sync_replication_slots tcp_user_timeout temp_tablespaces timezone timezone_abbreviations trace_notify trace_sort \
    track_activity_query_size track_commit_timestamp track_cost_delay_timing track_wal_io_timing transaction_buffers \
    transaction_timeout transform_null_equals update_process_title vacuum_buffer_usage_limit vacuum_cost_delay \
    vacuum_cost_limit vacuum_cost_page_dirty vacuum_cost_page_hit vacuum_cost_page_miss vacuum_defer_cleanup_age \
    vacuum_failsafe_age vacuum_freeze_min_age vacuum_freeze_table_age vacuum_max_eager_freeze_failure_rate \
    vacuum_multixact_failsafe_age vacuum_multixact_freeze_min_age vacuum_multixact_freeze_table_age vacuum_truncate \
    wal_buffers wal_compression wal_decode_buffer_size wal_keep_size wal_level wal_receiver_create_temp_slot \
    wal_receiver_status_interval wal_receiver_timeout wal_sender_timeout wal_skip_threshold wal_summary_keep_time \
    wal_writer_delay wal_writer_flush_after xmlbinary xmloption";
