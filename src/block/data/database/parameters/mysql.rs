//! Parameters of `MySQL`.
//!
//! Sources: "Server System Variables", "`InnoDB` Startup Options and System Variables" and "Binary Logging Options and Variables"
//! (`MySQL` reference manual: type, least and largest value); "Parameters for `MySQL`" (RDS user guide).

use super::value::Unit::{Bytes, Count, Seconds};
use super::{Parameter, choice, decimal, switch, whole};

const MOST: i64 = 4_294_967_295;
/// A year, the longest time-out.
const YEAR: i64 = 31_536_000;
const ISOLATION: &[&str] = &["READ-UNCOMMITTED", "READ-COMMITTED", "REPEATABLE-READ", "SERIALIZABLE"];

pub(super) const PARAMETERS: &[Parameter] = &[
    whole("back_log", 1, 65_535, Count),
    choice("binlog_format", &["ROW", "STATEMENT", "MIXED", "OFF"]),
    choice("binlog_row_image", &["full", "minimal", "noblob"]),
    whole("connect_timeout", 2, YEAR, Seconds),
    choice("event_scheduler", &["ON", "OFF"]),
    switch("general_log"),
    whole("group_concat_max_len", 4, i64::MAX, Bytes),
    whole("innodb_buffer_pool_size", 5_242_880, i64::MAX, Bytes),
    switch("innodb_file_per_table"),
    whole("innodb_flush_log_at_trx_commit", 0, 2, Count),
    whole("innodb_io_capacity", 100, i64::MAX, Count),
    whole("innodb_lock_wait_timeout", 1, 1_073_741_824, Seconds),
    switch("innodb_print_all_deadlocks"),
    whole("interactive_timeout", 1, YEAR, Seconds),
    whole("join_buffer_size", 128, i64::MAX, Bytes),
    switch("local_infile"),
    whole("lock_wait_timeout", 1, YEAR, Seconds),
    switch("log_bin_trust_function_creators"),
    choice("log_output", &["FILE", "TABLE", "NONE", "FILE,TABLE", "TABLE,FILE"]),
    switch("log_queries_not_using_indexes"),
    decimal("long_query_time", 0.0, 31_536_000.0),
    whole("lower_case_table_names", 0, 2, Count),
    whole("max_allowed_packet", 1_024, 1_073_741_824, Bytes),
    whole("max_connect_errors", 1, i64::MAX, Count),
    whole("max_connections", 1, 100_000, Count),
    whole("max_execution_time", 0, MOST, Count),
    whole("max_heap_table_size", 16_384, i64::MAX, Bytes),
    whole("max_user_connections", 0, MOST, Count),
    whole("min_examined_row_limit", 0, i64::MAX, Count),
    whole("net_read_timeout", 1, YEAR, Seconds),
    whole("net_write_timeout", 1, YEAR, Seconds),
    switch("performance_schema"),
    switch("read_only"),
    switch("require_secure_transport"),
    switch("skip_name_resolve"),
    switch("slow_query_log"),
    whole("sort_buffer_size", 32_768, i64::MAX, Bytes),
    whole("sync_binlog", 0, MOST, Count),
    whole("table_definition_cache", 400, 524_288, Count),
    whole("table_open_cache", 1, 524_288, Count),
    whole("thread_cache_size", 0, 16_384, Count),
    whole("tmp_table_size", 1_024, i64::MAX, Bytes),
    choice("transaction_isolation", ISOLATION),
    choice("tx_isolation", ISOLATION),
    whole("wait_timeout", 1, YEAR, Seconds),
];

/// The names of the other parameters.
pub(super) const OTHERS: &str = "\
    activate_all_roles_on_login allow-suspicious-udfs aurora_binlog_replication_max_yield_seconds \
    aurora_disable_hash_join aurora_enable_replica_log_compression aurora_enable_repl_bin_log_filtering \
    aurora_enable_staggered_replica_restart aurora_enhanced_binlog aurora_in_memory_relaylog aurora_jemalloc_background_thread \
    aurora_jemalloc_dirty_decay_ms aurora_jemalloc_tcache_enabled aurora_load_from_s3_role aurora_lambda_role \
    aurora_parallel_query aurora_read_replica_read_committed aurora_replica_read_consistency aurora_select_into_s3_role \
    authentication_policy auto_generate_certs auto_increment_increment auto_increment_offset autocommit automatic_sp_privileges \
    aws_default_lambda_role aws_default_logs_role aws_default_s3_role basedir big_tables bind_address binlog_cache_size \
    binlog_checksum binlog_direct_non_transactional_updates binlog_error_action binlog_expire_logs_seconds \
    binlog_group_commit_sync_delay binlog_group_commit_sync_no_delay_count binlog_max_flush_queue_time binlog_order_commits \
    binlog_row_metadata binlog_row_value_options binlog_rows_query_log_events binlog_stmt_cache_size \
    binlog_transaction_compression binlog_transaction_dependency_history_size binlog_transaction_dependency_tracking \
    block_encryption_mode bulk_insert_buffer_size character-set-client-handshake character_set_client \
    character_set_connection character_set_database character_set_filesystem character_set_results character_set_server \
    check_proxy_users collation_connection collation_database collation_server completion_type concurrent_insert \
    connection_memory_limit cte_max_recursion_depth default_authentication_plugin default_collation_for_utf8mb4 \
    default_password_lifetime default_storage_engine default_table_encryption default_time_zone default_tmp_storage_engine \
    default_week_format delay_key_write delayed_insert_limit delayed_insert_timeout delayed_queue_size \
    disconnect_on_expired_password div_precision_increment end_markers_in_json enforce_gtid_consistency \
    eq_range_index_dive_limit expire_logs_days explain_format explicit_defaults_for_timestamp flush flush_time \
    ft_boolean_syntax ft_max_word_len ft_min_word_len ft_query_expansion_limit ft_stopword_file generated_random_password_length \
    global_connection_memory_limit gtid-mode gtid_mode gtid_executed_compression_period histogram_generation_max_mem_size \
    host_cache_size information_schema_stats_expiry init_connect init_replica init_slave innodb_adaptive_flushing \
    innodb_adaptive_flushing_lwm innodb_adaptive_hash_index innodb_adaptive_hash_index_parts \
    innodb_adaptive_max_sleep_delay innodb_autoextend_increment innodb_autoinc_lock_mode innodb_buffer_pool_chunk_size \
    innodb_buffer_pool_dump_at_shutdown innodb_buffer_pool_dump_now innodb_buffer_pool_dump_pct \
    innodb_buffer_pool_filename innodb_buffer_pool_in_core_file innodb_buffer_pool_instances \
    innodb_buffer_pool_load_abort innodb_buffer_pool_load_at_startup innodb_buffer_pool_load_now innodb_change_buffer_max_size \
    innodb_change_buffering innodb_checksum_algorithm innodb_cmp_per_index_enabled innodb_commit_concurrency \
    innodb_compression_failure_threshold_pct innodb_compression_level innodb_compression_pad_pct_max innodb_concurrency_tickets \
    innodb_ddl_buffer_size innodb_ddl_threads innodb_deadlock_detect innodb_dedicated_server innodb_default_row_format \
    innodb_disable_sort_file_cache innodb_doublewrite innodb_fast_shutdown innodb_fill_factor \
    innodb_flush_log_at_timeout innodb_flush_method innodb_flush_neighbors innodb_flush_sync innodb_flushing_avg_loops \
    innodb_force_load_corrupted innodb_ft_aux_table innodb_ft_cache_size innodb_ft_enable_stopword innodb_ft_max_token_size \
    innodb_ft_min_token_size innodb_ft_num_word_optimize innodb_ft_result_cache_limit innodb_ft_server_stopword_table \
    innodb_ft_sort_pll_degree innodb_ft_total_cache_size innodb_ft_user_stopword_table innodb_idle_flush_pct \
    innodb_io_capacity_max innodb_large_prefix innodb_log_buffer_size innodb_log_checksums innodb_log_compressed_pages \
    innodb_log_file_size innodb_log_spin_cpu_abs_lwm innodb_log_spin_cpu_pct_hwm innodb_log_wait_for_flush_spin_hwm \
    innodb_log_write_ahead_size innodb_log_writer_threads innodb_lru_scan_depth innodb_max_dirty_pages_pct \
    innodb_max_dirty_pages_pct_lwm innodb_max_purge_lag innodb_max_purge_lag_delay innodb_max_undo_log_size \
    innodb_monitor_disable innodb_monitor_enable innodb_monitor_reset innodb_monitor_reset_all innodb_numa_interleave \
    innodb_old_blocks_pct innodb_old_blocks_time innodb_online_alter_log_max_size innodb_open_files \
    innodb_optimize_fulltext_only innodb_page_cleaners innodb_page_size innodb_parallel_read_threads \
    innodb_print_ddl_logs innodb_purge_batch_size innodb_purge_rseg_truncate_frequency innodb_purge_threads \
    innodb_random_read_ahead innodb_read_ahead_threshold innodb_read_io_threads innodb_read_only \
    innodb_redo_log_capacity innodb_redo_log_encrypt innodb_replication_delay innodb_rollback_on_timeout \
    innodb_rollback_segments innodb_segment_reserve_factor innodb_sort_buffer_size innodb_spin_wait_delay \
    innodb_spin_wait_pause_multiplier innodb_stats_auto_recalc innodb_stats_include_delete_marked \
    innodb_stats_method innodb_stats_on_metadata innodb_stats_persistent innodb_stats_persistent_sample_pages \
    innodb_stats_transient_sample_pages innodb_status_output innodb_status_output_locks innodb_strict_mode \
    innodb_support_xa innodb_sync_array_size innodb_sync_spin_loops innodb_table_locks innodb_temp_data_file_path \
    innodb_thread_concurrency innodb_thread_sleep_delay innodb_undo_directory innodb_undo_log_encrypt \
    innodb_undo_log_truncate innodb_undo_tablespaces innodb_use_native_aio innodb_use_fdatasync innodb_write_io_threads \
    internal_tmp_disk_storage_engine internal_tmp_mem_storage_engine keep_files_on_create key_buffer_size \
    key_cache_age_threshold key_cache_block_size key_cache_division_limit large_pages lc_messages lc_time_names log_bin \
    log_bin_use_v1_row_events log_error_suppression_list log_error_verbosity log_isam log_raw log_replica_updates \
    log_slave_updates log_slow_admin_statements log_slow_extra log_slow_replica_statements log_slow_slave_statements \
    log_statements_unsafe_for_binlog log_throttle_queries_not_using_indexes log_timestamps log_warnings low_priority_updates \
    mandatory_roles master_info_repository master_verify_checksum max_binlog_cache_size max_binlog_size \
    max_binlog_stmt_cache_size max_delayed_threads max_digest_length max_error_count max_insert_delayed_threads \
    max_join_size max_length_for_sort_data max_points_in_geometry max_prepared_stmt_count max_relay_log_size \
    max_seeks_for_key max_sort_length max_sp_recursion_depth max_write_lock_count metadata_locks_cache_size \
    multi_range_count myisam_data_pointer_size myisam_max_sort_file_size myisam_mmap_size myisam_recover_options \
    myisam_repair_threads myisam_sort_buffer_size myisam_stats_method myisam_use_mmap mysql_native_password \
    net_buffer_length net_retry_count new offline_mode old old_alter_table old_passwords open_files_limit \
    optimizer_max_subgraph_pairs optimizer_prune_level optimizer_search_depth optimizer_switch optimizer_trace \
    optimizer_trace_features optimizer_trace_limit optimizer_trace_max_mem_size optimizer_trace_offset \
    parser_max_mem_size partial_revokes password_history password_require_current password_reuse_interval \
    performance_schema_accounts_size performance_schema_digests_size performance_schema_events_stages_history_long_size \
    performance_schema_events_statements_history_long_size performance_schema_events_statements_history_size \
    performance_schema_hosts_size performance_schema_max_cond_classes performance_schema_max_digest_length \
    performance_schema_max_sql_text_length performance_schema_max_table_instances performance_schema_users_size \
    port preload_buffer_size print_identified_with_as_hex profiling_history_size protocol_version \
    query_alloc_block_size query_cache_limit query_cache_min_res_unit query_cache_size query_cache_type \
    query_cache_wlock_invalidate query_prealloc_size range_alloc_block_size range_optimizer_max_mem_size \
    rds.optimized_writes read_buffer_size read_rnd_buffer_size regexp_stack_limit regexp_time_limit \
    relay_log_info_repository relay_log_recovery replica_checkpoint_group replica_checkpoint_period \
    replica_compressed_protocol replica_exec_mode replica_load_tmpdir replica_max_allowed_packet replica_net_timeout \
    replica_parallel_type replica_parallel_workers replica_pending_jobs_size_max replica_preserve_commit_order \
    replica_sql_verify_checksum replica_transaction_retries replica_type_conversions replicate-do-db replicate-do-table \
    replicate-ignore-db replicate-ignore-table replicate-wild-do-table replicate-wild-ignore-table \
    restrict_fk_on_non_standard_key safe-user-create schema_definition_cache secondary_engine_cost_threshold secure_auth \
    secure_file_priv server_audit_events server_audit_excl_users server_audit_incl_users server_audit_logging \
    server_audit_logs_upload server_audit_query_log_limit server_id session_track_gtids session_track_schema \
    session_track_state_change session_track_system_variables session_track_transaction_info \
    sha256_password_auto_generate_rsa_keys show_compatibility_56 show_create_table_verbosity show_old_temporals \
    simplified_binlog_gtid_recovery skip-slave-start skip_external_locking skip_show_database slave_checkpoint_group \
    slave_checkpoint_period slave_compressed_protocol slave_exec_mode slave_max_allowed_packet slave_net_timeout \
    slave_parallel_type slave_parallel_workers slave_pending_jobs_size_max slave_preserve_commit_order \
    slave_rows_search_algorithms slave_skip_errors slave_sql_verify_checksum slave_transaction_retries slave_type_conversions \
    slow_launch_time source_verify_checksum sql_auto_is_null sql_big_selects sql_log_off sql_mode sql_require_primary_key \
    sql_safe_updates sql_select_limit sql_warnings ssl_cipher stored_program_cache stored_program_definition_cache \
    super_read_only sync_frm sync_master_info sync_relay_log sync_relay_log_info sync_source_info sysdate-is-now \
    table_encryption_privilege_check table_open_cache_instances tablespace_definition_cache temptable_max_mmap \
    temptable_max_ram temptable_use_mmap thread_handling thread_stack time_zone timed_mutexes tls_ciphersuites tls_version \
    tmpdir transaction_alloc_block_size transaction_prealloc_size transaction_write_set_extraction updatable_views_with_limit \
    validate_password validate_password.check_user_name validate_password.dictionary_file validate_password.length \
    validate_password.mixed_case_count validate_password.number_count validate_password.policy \
    validate_password.special_char_count validate_password_length validate_password_policy version_tokens_session \
    windowing_use_high_precision xa_detach_on_prepare";
