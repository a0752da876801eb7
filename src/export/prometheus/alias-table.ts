/** Names that other systems have for metrics of ours. The endpoint and the recording rules are made from this table. */
import {
  ATTR_DB_OPERATION_NAME,
  ATTR_DISK_IO_DIRECTION,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_STORAGE_CACHE_RESULT,
  ATTR_STORAGE_COMPACTION_FILE_ROLE,
  ATTR_STORAGE_COMPACTION_TYPE,
  ATTR_STORAGE_LEVEL_NUMBER,
  ATTR_STORAGE_MEMORY_COMPONENT,
  METRIC_DB_CLIENT_OPERATION_DURATION,
  METRIC_HEALTH_UNHANDLED_ERRORS,
  METRIC_HTTP_SERVER_REQUEST_DURATION,
  METRIC_PROCESS_UPTIME,
  METRIC_STORAGE_CACHE_REQUESTS,
  METRIC_STORAGE_CACHE_USAGE,
  METRIC_STORAGE_COMPACTION_DURATION,
  METRIC_STORAGE_COMPACTION_FILES,
  METRIC_STORAGE_COMPACTION_IO,
  METRIC_STORAGE_COMPACTION_WRITE_AMPLIFICATION,
  METRIC_STORAGE_LEVEL_FILE_COUNT,
  METRIC_STORAGE_LEVEL_SIZE,
  METRIC_STORAGE_MEMORY_USAGE,
  METRIC_STORAGE_RECLAIM_SIZE,
  type MetricDefinition,
} from "../../../semconv/index.ts";
import type { AliasSet } from "../../config/alias-set.ts";

/** Values of an attribute, one of which a series has; `true` for any. */
type Condition = readonly string[] | true;
export type Selection = Readonly<Record<string, Condition>>;

/** Metric under another name: the sum of the series of its source, but for the labels that it keeps. */
export interface Alias {
  /** Name in Prometheus. */
  readonly name: string;
  readonly source: MetricDefinition;
  /** `count` for the number of values of a histogram; otherwise all that the source has. */
  readonly take?: "count";
  /** The series of the source that are meant. */
  readonly among?: Selection;
  /** Those of them that are added up. If there are none, the sum is 0. */
  readonly where?: Selection;
  /** Labels, each with the attribute of the source that has its values. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Names that the engines have for the operations. */
const OPERATIONS = {
  get: ["get", "getSync", "getEntry", "getBinary", "getBinaryFast", "getString", "getSharedBinary"],
  set: ["put", "putSync", "set"],
  delete: ["del", "delete", "remove", "removeSync"],
} as const;

/** Compactions that do nothing but release space. */
const RECLAIMING = { [ATTR_STORAGE_COMPACTION_TYPE]: ["vacuum", "incremental_vacuum"] } as const;

const operations = Object.entries(OPERATIONS).flatMap(([operation, names]): Alias[] => {
  const source = METRIC_DB_CLIENT_OPERATION_DURATION;
  const among = { [ATTR_DB_OPERATION_NAME]: names };
  return [
    { name: `db_${operation}_operations_total`, source, take: "count", among },
    { name: `db_${operation}_latency_seconds`, source, among },
    { name: `db_${operation}_errors_total`, source, take: "count", among, where: { [ATTR_ERROR_TYPE]: true } },
  ];
});

const memory = (name: string, ...components: readonly string[]): Alias => ({
  name,
  source: METRIC_STORAGE_MEMORY_USAGE,
  ...(components.length > 0 && { among: { [ATTR_STORAGE_MEMORY_COMPONENT]: components } }),
});

const lookups = (name: string, result: string): Alias => ({
  name,
  source: METRIC_STORAGE_CACHE_REQUESTS,
  where: { [ATTR_STORAGE_CACHE_RESULT]: [result] },
});

const LEVEL = { level: ATTR_STORAGE_LEVEL_NUMBER } as const;

export const aliases: readonly Alias[] = [
  ...operations,
  memory("db_memtable_bytes", "memtable"),
  memory("db_cache_bytes", "block_cache", "page_cache"),
  memory("db_total_memory_bytes"),
  { name: "db_level_files", source: METRIC_STORAGE_LEVEL_FILE_COUNT, labels: LEVEL },
  { name: "db_level_bytes", source: METRIC_STORAGE_LEVEL_SIZE, labels: LEVEL },
  { name: "db_compaction_operations_total", source: METRIC_STORAGE_COMPACTION_DURATION, take: "count" },
  { name: "db_compaction_duration_seconds", source: METRIC_STORAGE_COMPACTION_DURATION },
  { name: "db_compaction_write_amplification", source: METRIC_STORAGE_COMPACTION_WRITE_AMPLIFICATION },
  {
    name: "db_compaction_input_files_total",
    source: METRIC_STORAGE_COMPACTION_FILES,
    among: { [ATTR_STORAGE_COMPACTION_FILE_ROLE]: ["input"] },
  },
  {
    name: "db_compaction_output_files_total",
    source: METRIC_STORAGE_COMPACTION_FILES,
    among: { [ATTR_STORAGE_COMPACTION_FILE_ROLE]: ["output"] },
  },
  {
    name: "db_compaction_input_bytes_total",
    source: METRIC_STORAGE_COMPACTION_IO,
    among: { [ATTR_DISK_IO_DIRECTION]: ["read"] },
  },
  {
    name: "db_compaction_output_bytes_total",
    source: METRIC_STORAGE_COMPACTION_IO,
    among: { [ATTR_DISK_IO_DIRECTION]: ["write"] },
  },
  {
    name: "db_space_reclaim_operations_total",
    source: METRIC_STORAGE_COMPACTION_DURATION,
    take: "count",
    among: RECLAIMING,
  },
  { name: "db_space_reclaim_bytes_total", source: METRIC_STORAGE_RECLAIM_SIZE },
  { name: "db_space_reclaim_duration_seconds", source: METRIC_STORAGE_COMPACTION_DURATION, among: RECLAIMING },
  { name: "deltaforge_panics_total", source: METRIC_HEALTH_UNHANDLED_ERRORS },
  {
    name: "deltaforge_api_requests_total",
    source: METRIC_HTTP_SERVER_REQUEST_DURATION,
    take: "count",
    labels: {
      route: ATTR_HTTP_ROUTE,
      method: ATTR_HTTP_REQUEST_METHOD,
      status: ATTR_HTTP_RESPONSE_STATUS_CODE,
    },
  },
  lookups("streamhouse_cache_hits_total", "hit"),
  lookups("streamhouse_cache_misses_total", "miss"),
  { name: "streamhouse_cache_size_bytes", source: METRIC_STORAGE_CACHE_USAGE },
  { name: "streamhouse_uptime_seconds", source: METRIC_PROCESS_UPTIME },
];

/** Names whose metrics do not exist yet, with the names that those will have. */
export const futureAliases: Readonly<Record<string, string>> = {
  deltaforge_source_events_total: "pipeline.source.events",
  deltaforge_source_reconnects_total: "pipeline.source.reconnects",
  deltaforge_source_lag_seconds: "pipeline.source.lag",
  deltaforge_source_idle_seconds: "pipeline.source.idle_time",
  deltaforge_batch_events: "pipeline.batch.events",
  deltaforge_batch_bytes: "pipeline.batch.size",
  deltaforge_stage_latency_seconds: "pipeline.stage.duration",
  deltaforge_processor_latency_seconds: "pipeline.processor.duration",
  deltaforge_pipeline_channel_depth: "pipeline.channel.size",
  deltaforge_checkpoint_success_total: "pipeline.checkpoint.duration",
  deltaforge_checkpoint_failure_total: "pipeline.checkpoint.duration",
  deltaforge_sink_events_total: "pipeline.sink.events",
  deltaforge_sink_latency_seconds: "pipeline.sink.duration",
  deltaforge_sink_failures_total: "pipeline.sink.failures",
  streamhouse_producer_records_total: "messaging.client.sent.messages",
  streamhouse_producer_bytes_total: "stream.producer.io",
  streamhouse_producer_latency_seconds: "messaging.client.operation.duration",
  streamhouse_producer_batch_size: "stream.producer.batch.size",
  streamhouse_producer_errors_total: "messaging.client.operation.duration",
  streamhouse_consumer_records_total: "messaging.client.consumed.messages",
  streamhouse_consumer_lag: "stream.consumer.record_lag",
  streamhouse_consumer_rebalances_total: "stream.consumer.rebalances",
  streamhouse_consumer_errors_total: "messaging.process.duration",
  streamhouse_segment_writes_total: "stream.segment.append.duration",
  streamhouse_segment_flushes_total: "stream.segment.flush.duration",
  streamhouse_s3_requests_total: "object_store.operation.duration",
  streamhouse_s3_errors_total: "object_store.operation.duration, object_store.operation.retries",
  streamhouse_s3_latency_seconds: "object_store.operation.duration",
  streamhouse_connections_active: "stream.connection.count",
  streamhouse_partitions_total: "stream.partition.count",
  streamhouse_topics_total: "stream.topic.count",
  streamhouse_agents_active: "stream.node.count",
};

/** Returns the set that a name belongs to. */
export const setOf = (name: string): AliasSet => name.split("_", 1)[0] as AliasSet;
