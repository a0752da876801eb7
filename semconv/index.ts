// Generated from semconv/registry by `npm run generate`. Do not edit.

/** Identifies the version of the names below. Nothing is served there; the package has the file. */
export const SCHEMA_URL = "https://stratascope.dev/schemas/storage/0.1.0";

/** An attribute set that fits a metric: its attributes and no others. */
export type AttributesOf<D extends { readonly attributes: readonly string[] }> = {
  readonly [K in D["attributes"][number]]?: string | number | boolean | undefined;
};

/** Span of the registry. */
export interface SpanDefinition {
  readonly kind: "client" | "server" | "internal" | "producer" | "consumer";
  /** Returns the name of a span with these attributes. */
  readonly name: (attributes: Readonly<Record<string, unknown>>) => string;
}

/** Metric, and the attribute of the span that has the same value. */
export interface Measure {
  readonly metric: MetricDefinition;
  readonly attribute?: string;
}

/** Kind of event: what its log records say. */
export interface EventKind {
  readonly name: string;
  readonly severity: "INFO" | "WARN" | "ERROR";
  readonly body: string;
  /** Counter of the events, those included of which no log record is emitted. */
  readonly counted?: MetricDefinition;
}

/** Kind of activity: its span, and the metrics that each of its runs is recorded in. */
export interface ActivityKind {
  readonly span: SpanDefinition;
  /** Histogram of durations. */
  readonly duration: Measure;
  /** Number of runs that have begun and not ended. */
  readonly active?: Measure;
  /** Age of the oldest of them, in seconds. */
  readonly oldestAge?: Measure;
  /** Time at which the last one succeeded. */
  readonly lastSuccess?: Measure;
  /** Number of what a run works on: pages, results, records. */
  readonly items?: Measure;
  readonly bytes?: Measure;
}

/** Name of the rule. */
export const ATTR_ALERT_NAME = "alert.name" as const;

/** Severity of the alert, as set by its rule. */
export const ATTR_ALERT_SEVERITY = "alert.severity" as const;
/** Informational. */
export const ALERT_SEVERITY_VALUE_INFO = "info" as const;
/** To be investigated during working hours. */
export const ALERT_SEVERITY_VALUE_WARNING = "warning" as const;
/** To be investigated immediately. */
export const ALERT_SEVERITY_VALUE_CRITICAL = "critical" as const;
/** Requires waking the on-call engineer. */
export const ALERT_SEVERITY_VALUE_EMERGENCY = "emergency" as const;
export type AlertSeverity = "info" | "warning" | "critical" | "emergency";

/** State the alert changed to. */
export const ATTR_ALERT_STATE = "alert.state" as const;
/** The condition of the rule has held for its required duration. */
export const ALERT_STATE_VALUE_FIRING = "firing" as const;
/** The condition of the rule no longer holds. */
export const ALERT_STATE_VALUE_RESOLVED = "resolved" as const;
export type AlertState = "firing" | "resolved";

/** Threshold the value was compared with. */
export const ATTR_ALERT_THRESHOLD = "alert.threshold" as const;

/** Value compared with the threshold, in the unit of the metric; for a rate, in that unit per second. */
export const ATTR_ALERT_VALUE = "alert.value" as const;

export const ATTR_CLIENT_ADDRESS = "client.address" as const;

export const ATTR_CODE_FILE_PATH = "code.file.path" as const;

export const ATTR_CODE_FUNCTION_NAME = "code.function.name" as const;

export const ATTR_CODE_LINE_NUMBER = "code.line.number" as const;

export const ATTR_DB_COLLECTION_NAME = "db.collection.name" as const;

export const ATTR_DB_NAMESPACE = "db.namespace" as const;

export const ATTR_DB_OPERATION_BATCH_SIZE = "db.operation.batch.size" as const;

export const ATTR_DB_OPERATION_NAME = "db.operation.name" as const;

export const ATTR_DB_QUERY_SUMMARY = "db.query.summary" as const;

export const ATTR_DB_QUERY_TEXT = "db.query.text" as const;

export const ATTR_DB_RESPONSE_RETURNED_ROWS = "db.response.returned_rows" as const;

export const ATTR_DB_SYSTEM_NAME = "db.system.name" as const;

export const ATTR_DISK_IO_DIRECTION = "disk.io.direction" as const;

export const ATTR_ERROR_TYPE = "error.type" as const;

export const ATTR_EXCEPTION_MESSAGE = "exception.message" as const;

export const ATTR_EXCEPTION_STACKTRACE = "exception.stacktrace" as const;

export const ATTR_EXCEPTION_TYPE = "exception.type" as const;

/** Name of the health check. Checks registered by the application have their own names. */
export const ATTR_HEALTH_CHECK_NAME = "health.check.name" as const;
/** The event loop is not blocked. */
export const HEALTH_CHECK_NAME_VALUE_EVENT_LOOP = "event_loop" as const;
/** Heap and process memory are below their limits. */
export const HEALTH_CHECK_NAME_VALUE_PROCESS_MEMORY = "process.memory" as const;
/** The required databases are open, and their files are still the ones that were opened. */
export const HEALTH_CHECK_NAME_VALUE_STORAGE_OPEN = "storage.open" as const;
/** Recovery from a crash is complete. */
export const HEALTH_CHECK_NAME_VALUE_STORAGE_RECOVERY = "storage.recovery" as const;
/** The databases are writable, and the application's last writes succeeded. */
export const HEALTH_CHECK_NAME_VALUE_STORAGE_WAL_WRITABLE = "storage.wal_writable" as const;
/** The volumes of the databases have free space. */
export const HEALTH_CHECK_NAME_VALUE_STORAGE_DISK_SPACE = "storage.disk_space" as const;
/** Data written to a probe file is read back unchanged. */
export const HEALTH_CHECK_NAME_VALUE_STORAGE_RW_PROBE = "storage.rw_probe" as const;
/** A record in a database of stratascope's own is written, read and deleted by the engine. */
export const HEALTH_CHECK_NAME_VALUE_STORAGE_ENGINE_PROBE = "storage.engine_probe" as const;
/** Compactions and flushes succeed, and writes are not held back for them. */
export const HEALTH_CHECK_NAME_VALUE_STORAGE_COMPACTION = "storage.compaction" as const;
/** Write-ahead logs are checkpointed. */
export const HEALTH_CHECK_NAME_VALUE_STORAGE_CHECKPOINT = "storage.checkpoint" as const;
/** The ratio of failed operations or requests is below its limit. */
export const HEALTH_CHECK_NAME_VALUE_ERROR_RATE = "error_rate" as const;
export type HealthCheckName = "event_loop" | "process.memory" | "storage.open" | "storage.recovery" | "storage.wal_writable" | "storage.disk_space" | "storage.rw_probe" | "storage.engine_probe" | "storage.compaction" | "storage.checkpoint" | "error_rate";

/** Type of the probe the check belongs to. */
export const ATTR_HEALTH_CHECK_TYPE = "health.check.type" as const;
/** The process should keep running; depends on nothing outside the process. */
export const HEALTH_CHECK_TYPE_VALUE_LIVENESS = "liveness" as const;
/** The process should receive work. */
export const HEALTH_CHECK_TYPE_VALUE_READINESS = "readiness" as const;
export type HealthCheckType = "liveness" | "readiness";

/** Path on which an unhandled error reached the process. */
export const ATTR_HEALTH_ERROR_TYPE = "health.error.type" as const;
/** An exception was thrown and not caught. */
export const HEALTH_ERROR_TYPE_VALUE_UNCAUGHT_EXCEPTION = "uncaught_exception" as const;
/** A promise was rejected without a handler. */
export const HEALTH_ERROR_TYPE_VALUE_UNHANDLED_REJECTION = "unhandled_rejection" as const;
export type HealthErrorType = "uncaught_exception" | "unhandled_rejection";

/** Health state of a check, or of all checks of a type. */
export const ATTR_HEALTH_STATE = "health.state" as const;
/** Works as expected. */
export const HEALTH_STATE_VALUE_HEALTHY = "healthy" as const;
/** Works, but needs attention; also used if the state cannot be determined. */
export const HEALTH_STATE_VALUE_DEGRADED = "degraded" as const;
/** Does not work. */
export const HEALTH_STATE_VALUE_UNHEALTHY = "unhealthy" as const;
/** Does not work, and data is at risk. */
export const HEALTH_STATE_VALUE_CRITICAL = "critical" as const;
export type HealthState = "healthy" | "degraded" | "unhealthy" | "critical";

export const ATTR_HTTP_REQUEST_METHOD = "http.request.method" as const;

export const ATTR_HTTP_REQUEST_METHOD_ORIGINAL = "http.request.method_original" as const;

export const ATTR_HTTP_RESPONSE_STATUS_CODE = "http.response.status_code" as const;

export const ATTR_HTTP_ROUTE = "http.route" as const;

/** Number of records of the same subsystem dropped by sampling since the last one; `dropped` in log lines. */
export const ATTR_LOG_SAMPLING_DROPPED = "log.sampling.dropped" as const;

export const ATTR_NETWORK_PEER_ADDRESS = "network.peer.address" as const;

export const ATTR_NETWORK_PEER_PORT = "network.peer.port" as const;

export const ATTR_NETWORK_PROTOCOL_NAME = "network.protocol.name" as const;

export const ATTR_NETWORK_PROTOCOL_VERSION = "network.protocol.version" as const;

export const ATTR_OTEL_COMPONENT_TYPE = "otel.component.type" as const;

/** Identifier of the operation the request is part of, across all services; `correlation_id` in log lines. Taken from the incoming request, otherwise the trace id. */
export const ATTR_REQUEST_CORRELATION_ID = "request.correlation_id" as const;

/** Duration of the request or job in seconds; `duration_ms` in log lines, in milliseconds. */
export const ATTR_REQUEST_DURATION = "request.duration" as const;

/** Identifier of the request within the service; `request_id` in log lines. Set by the caller, otherwise the id of the span that serves the request. */
export const ATTR_REQUEST_ID = "request.id" as const;

/** Outcome of the request or job; `outcome` in log lines. */
export const ATTR_REQUEST_OUTCOME = "request.outcome" as const;
/** Completed successfully. */
export const REQUEST_OUTCOME_VALUE_SUCCESS = "success" as const;
/** Failed. */
export const REQUEST_OUTCOME_VALUE_ERROR = "error" as const;
/** Failed and is to be retried; for HTTP, the statuses 408, 425, 429 and 503. */
export const REQUEST_OUTCOME_VALUE_RETRY = "retry" as const;
export type RequestOutcome = "success" | "error" | "retry";

/** Part of the system the record comes from; `source` in log lines. */
export const ATTR_REQUEST_SOURCE = "request.source" as const;
/** A server that answers requests. */
export const REQUEST_SOURCE_VALUE_API = "api" as const;
/** A job. */
export const REQUEST_SOURCE_VALUE_JOB = "job" as const;
/** A user interface. */
export const REQUEST_SOURCE_VALUE_FRONTEND = "frontend" as const;
/** A process that runs jobs. */
export const REQUEST_SOURCE_VALUE_WORKER = "worker" as const;
export type RequestSource = "api" | "job" | "frontend" | "worker";

export const ATTR_SERVER_ADDRESS = "server.address" as const;

export const ATTR_SERVER_PORT = "server.port" as const;

/** State of a branch of the data. */
export const ATTR_STORAGE_BRANCH_STATE = "storage.branch.state" as const;
/** In use. */
export const STORAGE_BRANCH_STATE_VALUE_ACTIVE = "active" as const;
/** Kept, and not in use. */
export const STORAGE_BRANCH_STATE_VALUE_ARCHIVED = "archived" as const;
export type StorageBranchState = "active" | "archived";

/** Reason why an entry left the cache. */
export const ATTR_STORAGE_CACHE_EVICTION_REASON = "storage.cache.eviction.reason" as const;
/** Made room for another entry, or was too large. */
export const STORAGE_CACHE_EVICTION_REASON_VALUE_CAPACITY = "capacity" as const;
/** Had expired. */
export const STORAGE_CACHE_EVICTION_REASON_VALUE_TTL = "ttl" as const;
/** Was deleted by the application. */
export const STORAGE_CACHE_EVICTION_REASON_VALUE_EXPLICIT = "explicit" as const;
/** Got another value. */
export const STORAGE_CACHE_EVICTION_REASON_VALUE_REPLACED = "replaced" as const;
export type StorageCacheEvictionReason = "capacity" | "ttl" | "explicit" | "replaced";

/** Name of the cache in the code. */
export const ATTR_STORAGE_CACHE_NAME = "storage.cache.name" as const;

/** Result of a lookup. */
export const ATTR_STORAGE_CACHE_RESULT = "storage.cache.result" as const;
/** The cache had the entry. */
export const STORAGE_CACHE_RESULT_VALUE_HIT = "hit" as const;
/** The cache did not have the entry, or it had expired. */
export const STORAGE_CACHE_RESULT_VALUE_MISS = "miss" as const;
/** The entry had expired, and was returned nevertheless. */
export const STORAGE_CACHE_RESULT_VALUE_STALE = "stale" as const;
/** The entry was being loaded for another caller. */
export const STORAGE_CACHE_RESULT_VALUE_INFLIGHT = "inflight" as const;
export type StorageCacheResult = "hit" | "miss" | "stale" | "inflight";

/** Time in seconds for which the oldest open transaction or iteration of this process has been open. */
export const ATTR_STORAGE_CHECKPOINT_BLOCKER_AGE = "storage.checkpoint.blocker.age" as const;

/** Summary of the statement that began the oldest open transaction or iteration of this process, if a checkpoint could not be completed. */
export const ATTR_STORAGE_CHECKPOINT_BLOCKER_SUMMARY = "storage.checkpoint.blocker.summary" as const;

/** Mode of the checkpoint. */
export const ATTR_STORAGE_CHECKPOINT_MODE = "storage.checkpoint.mode" as const;
/** Checkpoints as much of the log as possible without waiting for readers or writers. */
export const STORAGE_CHECKPOINT_MODE_VALUE_PASSIVE = "passive" as const;
/** Waits for the writer, so that the whole log is checkpointed. */
export const STORAGE_CHECKPOINT_MODE_VALUE_FULL = "full" as const;
/** Waits for readers too, so that the next writer restarts the log. */
export const STORAGE_CHECKPOINT_MODE_VALUE_RESTART = "restart" as const;
/** Waits for readers too, and truncates the log to zero bytes. */
export const STORAGE_CHECKPOINT_MODE_VALUE_TRUNCATE = "truncate" as const;
export type StorageCheckpointMode = "passive" | "full" | "restart" | "truncate";

/** Number of log pages the checkpoint moved into the database. */
export const ATTR_STORAGE_CHECKPOINT_PAGE_COUNT = "storage.checkpoint.page_count" as const;

/** Number of log pages the checkpoint could not move into the database. */
export const ATTR_STORAGE_CHECKPOINT_PAGES_LEFT = "storage.checkpoint.pages_left" as const;

/** Cause of the checkpoint. */
export const ATTR_STORAGE_CHECKPOINT_TRIGGER = "storage.checkpoint.trigger" as const;
/** A commit that left the log above the engine's limit; the commit waited for the checkpoint. */
export const STORAGE_CHECKPOINT_TRIGGER_VALUE_AUTO = "auto" as const;
/** A statement of the application. */
export const STORAGE_CHECKPOINT_TRIGGER_VALUE_MANUAL = "manual" as const;
/** The closing of the last connection. */
export const STORAGE_CHECKPOINT_TRIGGER_VALUE_SHUTDOWN = "shutdown" as const;
/** Unknown; the checkpoint was detected later, by the change of the file. It was run by another process, or was too short to be distinguished from its commit. */
export const STORAGE_CHECKPOINT_TRIGGER_VALUE_OTHER = "other" as const;
export type StorageCheckpointTrigger = "auto" | "manual" | "shutdown" | "other";

/** What the polled metrics are about, as named by the instrumentation. */
export const ATTR_STORAGE_COLLECTOR_NAME = "storage.collector.name" as const;

/** Bytes that the compaction wrote. */
export const ATTR_STORAGE_COMPACTION_BYTE_COUNT = "storage.compaction.byte_count" as const;

/** Part of a file in a compaction. */
export const ATTR_STORAGE_COMPACTION_FILE_ROLE = "storage.compaction.file.role" as const;
/** It was merged. */
export const STORAGE_COMPACTION_FILE_ROLE_VALUE_INPUT = "input" as const;
/** It was written. */
export const STORAGE_COMPACTION_FILE_ROLE_VALUE_OUTPUT = "output" as const;
export type StorageCompactionFileRole = "input" | "output";

/** Reason for the compaction. */
export const ATTR_STORAGE_COMPACTION_REASON = "storage.compaction.reason" as const;
/** A level has too many files. */
export const STORAGE_COMPACTION_REASON_VALUE_LEVEL_FILES = "level_files" as const;
/** A level is too large. */
export const STORAGE_COMPACTION_REASON_VALUE_LEVEL_SIZE = "level_size" as const;
/** Too many entries are deleted. */
export const STORAGE_COMPACTION_REASON_VALUE_TOMBSTONES = "tombstones" as const;
/** Too much space holds no data. */
export const STORAGE_COMPACTION_REASON_VALUE_SPACE = "space" as const;
/** The application requested it. */
export const STORAGE_COMPACTION_REASON_VALUE_MANUAL = "manual" as const;
/** Files that are to be merged anyway take too much space. */
export const STORAGE_COMPACTION_REASON_VALUE_SIZE_AMPLIFICATION = "size_amplification" as const;
/** Files hold data that has expired. */
export const STORAGE_COMPACTION_REASON_VALUE_TTL = "ttl" as const;
/** Files were not compacted for too long. */
export const STORAGE_COMPACTION_REASON_VALUE_PERIODIC = "periodic" as const;
/** A file was often searched in vain. */
export const STORAGE_COMPACTION_REASON_VALUE_READ_TRIGGERED = "read_triggered" as const;
export type StorageCompactionReason = "level_files" | "level_size" | "tombstones" | "space" | "manual" | "size_amplification" | "ttl" | "periodic" | "read_triggered";

/** Bytes by which the compaction shrank the database. */
export const ATTR_STORAGE_COMPACTION_RECLAIMED = "storage.compaction.reclaimed" as const;

/** Method of compaction. */
export const ATTR_STORAGE_COMPACTION_TYPE = "storage.compaction.type" as const;
/** Frees the space of what was deleted, or rewrites the database or the search index without it. */
export const STORAGE_COMPACTION_TYPE_VALUE_VACUUM = "vacuum" as const;
/** Rewrites tables in the order of an index. */
export const STORAGE_COMPACTION_TYPE_VALUE_CLUSTER = "cluster" as const;
/** Rebuilds indexes from the tables they belong to. */
export const STORAGE_COMPACTION_TYPE_VALUE_REINDEX = "reindex" as const;
/** Truncates free pages from the end of the file. */
export const STORAGE_COMPACTION_TYPE_VALUE_INCREMENTAL_VACUUM = "incremental_vacuum" as const;
/** Merges some segments of a search index. */
export const STORAGE_COMPACTION_TYPE_VALUE_MERGE = "merge" as const;
/** Merges all segments of a search index into one. */
export const STORAGE_COMPACTION_TYPE_VALUE_OPTIMIZE = "optimize" as const;
/** Merges files of one level into the next. */
export const STORAGE_COMPACTION_TYPE_VALUE_LEVELED = "leveled" as const;
/** Rebuilds a search index from the data it indexes. */
export const STORAGE_COMPACTION_TYPE_VALUE_REBUILD = "rebuild" as const;
/** Merges files of similar age into one. */
export const STORAGE_COMPACTION_TYPE_VALUE_UNIVERSAL = "universal" as const;
/** Removes the oldest files. */
export const STORAGE_COMPACTION_TYPE_VALUE_FIFO = "fifo" as const;
/** Moves a file to the next level without reading it. */
export const STORAGE_COMPACTION_TYPE_VALUE_MOVE = "move" as const;
/** Removes files whose data is deleted. */
export const STORAGE_COMPACTION_TYPE_VALUE_DELETE_ONLY = "delete_only" as const;
/** Truncates free blocks from the end of the file, as part of a checkpoint. */
export const STORAGE_COMPACTION_TYPE_VALUE_CHECKPOINT = "checkpoint" as const;
export type StorageCompactionType = "vacuum" | "cluster" | "reindex" | "incremental_vacuum" | "merge" | "optimize" | "leveled" | "rebuild" | "universal" | "fifo" | "move" | "delete_only" | "checkpoint";

/** Reason for the conflict. */
export const ATTR_STORAGE_CONFLICT_REASON = "storage.conflict.reason" as const;
/** Another connection held the lock for longer than this one waits. */
export const STORAGE_CONFLICT_REASON_VALUE_BUSY = "busy" as const;
/** Another connection wrote after this transaction took its snapshot. */
export const STORAGE_CONFLICT_REASON_VALUE_SERIALIZATION = "serialization" as const;
export type StorageConflictReason = "busy" | "serialization";

/** What the engine spends processor time on. */
export const ATTR_STORAGE_CPU_ACTIVITY = "storage.cpu.activity" as const;
/** Operations of the application. */
export const STORAGE_CPU_ACTIVITY_VALUE_QUERY = "query" as const;
/** Reads and writes of files. */
export const STORAGE_CPU_ACTIVITY_VALUE_IO = "io" as const;
/** Compactions. */
export const STORAGE_CPU_ACTIVITY_VALUE_COMPACTION = "compaction" as const;
/** Other work in the background. */
export const STORAGE_CPU_ACTIVITY_VALUE_BACKGROUND = "background" as const;
export type StorageCpuActivity = "query" | "io" | "compaction" | "background";

/** npm package through which the application uses the engine. */
export const ATTR_STORAGE_DRIVER_NAME = "storage.driver.name" as const;

/** Number of events about the same statement suppressed by the rate limit since the last one. */
export const ATTR_STORAGE_EVENT_SUPPRESSED = "storage.event.suppressed" as const;

/** What the engine does with a file. */
export const ATTR_STORAGE_FILE_OPERATION_NAME = "storage.file.operation.name" as const;
/** Reads from it. */
export const STORAGE_FILE_OPERATION_NAME_VALUE_READ = "read" as const;
/** Writes to it. */
export const STORAGE_FILE_OPERATION_NAME_VALUE_WRITE = "write" as const;
/** Makes what was written durable. */
export const STORAGE_FILE_OPERATION_NAME_VALUE_SYNC = "sync" as const;
export type StorageFileOperationName = "read" | "write" | "sync";

/** Content of a file of the engine. */
export const ATTR_STORAGE_FILE_TYPE = "storage.file.type" as const;
/** The data itself. */
export const STORAGE_FILE_TYPE_VALUE_TABLE = "table" as const;
/** The write-ahead log. */
export const STORAGE_FILE_TYPE_VALUE_WAL = "wal" as const;
/** Large values, apart from their keys. */
export const STORAGE_FILE_TYPE_VALUE_VALUE_LOG = "value_log" as const;
/** Anything else, such as the list of the files and the engine's own log. */
export const STORAGE_FILE_TYPE_VALUE_OTHER = "other" as const;
/** Intermediate results that did not fit into memory. */
export const STORAGE_FILE_TYPE_VALUE_TEMP = "temp" as const;
export type StorageFileType = "table" | "wal" | "value_log" | "other" | "temp";

/** Bytes that the flush wrote. */
export const ATTR_STORAGE_FLUSH_BYTE_COUNT = "storage.flush.byte_count" as const;

/** Reason for writing a memtable to a file. */
export const ATTR_STORAGE_FLUSH_REASON = "storage.flush.reason" as const;
/** The memtable reached its size. */
export const STORAGE_FLUSH_REASON_VALUE_MEMTABLE_FULL = "memtable_full" as const;
/** The write-ahead log reached its size. */
export const STORAGE_FLUSH_REASON_VALUE_WAL_FULL = "wal_full" as const;
/** The application requested it. */
export const STORAGE_FLUSH_REASON_VALUE_MANUAL = "manual" as const;
/** The database is being closed. */
export const STORAGE_FLUSH_REASON_VALUE_SHUTDOWN = "shutdown" as const;
/** The write-ahead log was replayed. */
export const STORAGE_FLUSH_REASON_VALUE_RECOVERY = "recovery" as const;
/** All memtables together reached their size. */
export const STORAGE_FLUSH_REASON_VALUE_MEMORY_LIMIT = "memory_limit" as const;
export type StorageFlushReason = "memtable_full" | "wal_full" | "manual" | "shutdown" | "recovery" | "memory_limit";

/** Level of a log-structured merge tree; 0 receives the flushed memtables. */
export const ATTR_STORAGE_LEVEL_NUMBER = "storage.level.number" as const;

/** Type of the lock that was waited for. */
export const ATTR_STORAGE_LOCK_TYPE = "storage.lock.type" as const;
/** The single lock that allows a transaction to write to the database. */
export const STORAGE_LOCK_TYPE_VALUE_WRITE = "write" as const;
/** The only connection, which runs one call or transaction at a time. */
export const STORAGE_LOCK_TYPE_VALUE_CONNECTION = "connection" as const;
export type StorageLockType = "write" | "connection";

/** Method of measurement; absent if the value is exact. */
export const ATTR_STORAGE_MEASUREMENT = "storage.measurement" as const;
/** Counts are exact, durations are measured on a sample. */
export const STORAGE_MEASUREMENT_VALUE_ESTIMATED = "estimated" as const;
/** A sample was measured, and only the sample is counted. */
export const STORAGE_MEASUREMENT_VALUE_SAMPLED = "sampled" as const;
export type StorageMeasurement = "estimated" | "sampled";

/** Component that holds memory of the engine. */
export const ATTR_STORAGE_MEMORY_COMPONENT = "storage.memory.component" as const;
/** Writes that are not in a file yet. */
export const STORAGE_MEMORY_COMPONENT_VALUE_MEMTABLE = "memtable" as const;
/** Blocks of files. */
export const STORAGE_MEMORY_COMPONENT_VALUE_BLOCK_CACHE = "block_cache" as const;
/** Pages of the database. */
export const STORAGE_MEMORY_COMPONENT_VALUE_PAGE_CACHE = "page_cache" as const;
/** Indexes and filters of files. */
export const STORAGE_MEMORY_COMPONENT_VALUE_INDEX = "index" as const;
/** Anything else. */
export const STORAGE_MEMORY_COMPONENT_VALUE_OTHER = "other" as const;
/** Buffers of reads and writes, and intermediate results. */
export const STORAGE_MEMORY_COMPONENT_VALUE_BUFFER = "buffer" as const;
export type StorageMemoryComponent = "memtable" | "block_cache" | "page_cache" | "index" | "other" | "buffer";

/** Time in seconds for which the operation blocked the event loop, in calls that each reached the threshold. */
export const ATTR_STORAGE_OPERATION_BLOCKED_TIME = "storage.operation.blocked_time" as const;

/** Number of records the engine scanned because no index led to the requested ones. */
export const ATTR_STORAGE_OPERATION_SCANNED_ROWS = "storage.operation.scanned_rows" as const;

/** Duration of the operation in seconds, without the application's own time between two steps of an iteration. */
export const ATTR_STORAGE_OPERATION_TIME = "storage.operation.time" as const;

/** Kind of data that an operation works with. */
export const ATTR_STORAGE_PRIMITIVE = "storage.primitive" as const;
/** Values by their key. */
export const STORAGE_PRIMITIVE_VALUE_KV = "kv" as const;
/** Tables. */
export const STORAGE_PRIMITIVE_VALUE_SQL = "sql" as const;
/** Documents, such as JSON. */
export const STORAGE_PRIMITIVE_VALUE_DOCUMENT = "document" as const;
/** Events in their order. */
export const STORAGE_PRIMITIVE_VALUE_EVENT = "event" as const;
/** The state of a process or an object, as a whole. */
export const STORAGE_PRIMITIVE_VALUE_STATE = "state" as const;
/** Vectors, searched by their distance. */
export const STORAGE_PRIMITIVE_VALUE_VECTOR = "vector" as const;
/** Text, searched by its words. */
export const STORAGE_PRIMITIVE_VALUE_SEARCH = "search" as const;
/** Large values and files. */
export const STORAGE_PRIMITIVE_VALUE_BLOB = "blob" as const;
/** Messages or jobs. */
export const STORAGE_PRIMITIVE_VALUE_QUEUE = "queue" as const;
/** Nodes and edges. */
export const STORAGE_PRIMITIVE_VALUE_GRAPH = "graph" as const;
export type StoragePrimitive = "kv" | "sql" | "document" | "event" | "state" | "vector" | "search" | "blob" | "queue" | "graph";

/** Query plan reported by the engine after the run, one line per step. The statement is planned without its bound values. */
export const ATTR_STORAGE_QUERY_PLAN = "storage.query.plan" as const;

/** State of an entry in the table of readers. */
export const ATTR_STORAGE_READER_STATE = "storage.reader.state" as const;
/** Holds a snapshot. */
export const STORAGE_READER_STATE_VALUE_ACTIVE = "active" as const;
/** Holds none at the moment. */
export const STORAGE_READER_STATE_VALUE_IDLE = "idle" as const;
/** Belongs to a process that has ended without releasing it. */
export const STORAGE_READER_STATE_VALUE_STALE = "stale" as const;
export type StorageReaderState = "active" | "idle" | "stale";

/** Cache lookups in the span that found an entry, or another caller's load of it. */
export const ATTR_STORAGE_ROLLUP_CACHE_HITS = "storage.rollup.cache.hits" as const;

/** Cache lookups in the span that found nothing. */
export const ATTR_STORAGE_ROLLUP_CACHE_MISSES = "storage.rollup.cache.misses" as const;

/** Number of operations on each of the databases, in the same order. */
export const ATTR_STORAGE_ROLLUP_DATABASE_OPERATIONS = "storage.rollup.database.operations" as const;

/** Duration in seconds of the operations on each of the databases, in the same order. */
export const ATTR_STORAGE_ROLLUP_DATABASE_TIME = "storage.rollup.database.time" as const;

/** Databases the operations accessed. */
export const ATTR_STORAGE_ROLLUP_DATABASES = "storage.rollup.databases" as const;

/** Number of failed storage operations of the span. */
export const ATTR_STORAGE_ROLLUP_ERRORS = "storage.rollup.errors" as const;

/** Number of transactions, searches, checkpoints, snapshots and compactions within the span that have no span of their own, because the span budget was used up and they were neither slow nor failed. */
export const ATTR_STORAGE_ROLLUP_OMITTED_SPANS = "storage.rollup.omitted_spans" as const;

/** Number of storage operations performed while the span was active, without the preparation of statements. */
export const ATTR_STORAGE_ROLLUP_OPERATIONS = "storage.rollup.operations" as const;

/** Number of other operations of the span, such as pragmas and maintenance. */
export const ATTR_STORAGE_ROLLUP_OTHER_OPERATIONS = "storage.rollup.other.operations" as const;

/** Duration in seconds of the other operations. */
export const ATTR_STORAGE_ROLLUP_OTHER_TIME = "storage.rollup.other.time" as const;

/** Number of statements compiled while the span was active. */
export const ATTR_STORAGE_ROLLUP_PREPARE_OPERATIONS = "storage.rollup.prepare.operations" as const;

/** Time in seconds spent compiling statements. */
export const ATTR_STORAGE_ROLLUP_PREPARE_TIME = "storage.rollup.prepare.time" as const;

/** Number of operations of the span that read data. */
export const ATTR_STORAGE_ROLLUP_READ_OPERATIONS = "storage.rollup.read.operations" as const;

/** Duration in seconds of the operations that read data. */
export const ATTR_STORAGE_ROLLUP_READ_TIME = "storage.rollup.read.time" as const;

/** Number of runs of the statement run most often within the span, if they reached `STRATASCOPE_REPEATED_THRESHOLD`. */
export const ATTR_STORAGE_ROLLUP_REPEATED_COUNT = "storage.rollup.repeated_count" as const;

/** Summary of the statement run most often within the span, if its runs reached `STRATASCOPE_REPEATED_THRESHOLD`. */
export const ATTR_STORAGE_ROLLUP_REPEATED_OPERATION = "storage.rollup.repeated_operation" as const;

/** Number of rows returned or changed by the storage operations of the span. */
export const ATTR_STORAGE_ROLLUP_ROWS = "storage.rollup.rows" as const;

/** Duration in seconds of the storage operations of the span. */
export const ATTR_STORAGE_ROLLUP_TIME = "storage.rollup.time" as const;

/** Number of operations of the span that began or ended a transaction or savepoint. */
export const ATTR_STORAGE_ROLLUP_TRANSACTION_OPERATIONS = "storage.rollup.transaction.operations" as const;

/** Duration in seconds of the operations that began or ended a transaction or savepoint. Includes the cost of making a commit durable. */
export const ATTR_STORAGE_ROLLUP_TRANSACTION_TIME = "storage.rollup.transaction.time" as const;

/** Number of storage operations of the span that were not timed, see `storage.instrumentation.timing_interval`. Each counts with the duration of the last timed one of its kind. */
export const ATTR_STORAGE_ROLLUP_UNTIMED_OPERATIONS = "storage.rollup.untimed_operations" as const;

/** Time in seconds the operations spent waiting for a lock, as far as it is measured separately. */
export const ATTR_STORAGE_ROLLUP_WAIT_TIME = "storage.rollup.wait_time" as const;

/** Number of operations of the span that changed data or schema. */
export const ATTR_STORAGE_ROLLUP_WRITE_OPERATIONS = "storage.rollup.write.operations" as const;

/** Duration in seconds of the operations that changed data or schema. */
export const ATTR_STORAGE_ROLLUP_WRITE_TIME = "storage.rollup.write.time" as const;

/** Documents that matched the search, of which it returned the best ones. */
export const ATTR_STORAGE_SEARCH_CANDIDATE_COUNT = "storage.search.candidate_count" as const;

/** Name of the search index in the schema, or in the code of the application. */
export const ATTR_STORAGE_SEARCH_INDEX_NAME = "storage.search.index.name" as const;

/** Maximum results that the search asked for. */
export const ATTR_STORAGE_SEARCH_LIMIT = "storage.search.limit" as const;

/** Type of data the index is searched by. */
export const ATTR_STORAGE_SEARCH_TYPE = "storage.search.type" as const;
/** Finds the keys that begin with a text. */
export const STORAGE_SEARCH_TYPE_VALUE_PREFIX = "prefix" as const;
/** Words or parts of words. */
export const STORAGE_SEARCH_TYPE_VALUE_FULLTEXT = "fulltext" as const;
/** The nearest vectors. */
export const STORAGE_SEARCH_TYPE_VALUE_VECTOR = "vector" as const;
/** Words and vectors, ranked together. */
export const STORAGE_SEARCH_TYPE_VALUE_HYBRID = "hybrid" as const;
/** Proposes searches that begin with a text. */
export const STORAGE_SEARCH_TYPE_VALUE_SUGGESTION = "suggestion" as const;
export type StorageSearchType = "prefix" | "fulltext" | "vector" | "hybrid" | "suggestion";

/** Change of a document, or of a vector, in a search index. */
export const ATTR_STORAGE_SEARCH_UPDATE_TYPE = "storage.search.update.type" as const;
/** Is new. */
export const STORAGE_SEARCH_UPDATE_TYPE_VALUE_ADD = "add" as const;
/** Replaces one with the same key. */
export const STORAGE_SEARCH_UPDATE_TYPE_VALUE_REPLACE = "replace" as const;
/** Is removed. */
export const STORAGE_SEARCH_UPDATE_TYPE_VALUE_REMOVE = "remove" as const;
/** Is not found any more, and removed later. */
export const STORAGE_SEARCH_UPDATE_TYPE_VALUE_DISCARD = "discard" as const;
export type StorageSearchUpdateType = "add" | "replace" | "remove" | "discard";

/** Duration in seconds from which an operation counts as slow. */
export const ATTR_STORAGE_SLOW_THRESHOLD = "storage.slow.threshold" as const;

/** Time in seconds for which the transaction or iteration has been open. */
export const ATTR_STORAGE_SNAPSHOT_AGE = "storage.snapshot.age" as const;

/** Size of the snapshot in bytes. */
export const ATTR_STORAGE_SNAPSHOT_BYTE_COUNT = "storage.snapshot.byte_count" as const;

/** True if the transaction or iteration is still open. */
export const ATTR_STORAGE_SNAPSHOT_OPEN = "storage.snapshot.open" as const;

/** Number of pages of the snapshot. */
export const ATTR_STORAGE_SNAPSHOT_PAGE_COUNT = "storage.snapshot.page_count" as const;

/** Method of taking the snapshot. */
export const ATTR_STORAGE_SNAPSHOT_TYPE = "storage.snapshot.type" as const;
/** Copied in steps, between which the database is in use. */
export const STORAGE_SNAPSHOT_TYPE_VALUE_BACKUP = "backup" as const;
/** Copied without what is free, while the database is in use. */
export const STORAGE_SNAPSHOT_TYPE_VALUE_COMPACTING_BACKUP = "compacting_backup" as const;
/** Written to files of another format, from which it can be imported. */
export const STORAGE_SNAPSHOT_TYPE_VALUE_EXPORT = "export" as const;
/** A view of the data that stays open while others write. */
export const STORAGE_SNAPSHOT_TYPE_VALUE_READ_VIEW = "read_view" as const;
/** Copied to memory in one call. */
export const STORAGE_SNAPSHOT_TYPE_VALUE_SERIALIZE = "serialize" as const;
/** Written to a file, or read from it, in one call. */
export const STORAGE_SNAPSHOT_TYPE_VALUE_FILE = "file" as const;
/** Used in its file without being read into memory. */
export const STORAGE_SNAPSHOT_TYPE_VALUE_MAPPED_FILE = "mapped_file" as const;
/** Written to a compacted file by one statement. */
export const STORAGE_SNAPSHOT_TYPE_VALUE_VACUUM_INTO = "vacuum_into" as const;
export type StorageSnapshotType = "backup" | "compacting_backup" | "export" | "read_view" | "serialize" | "file" | "mapped_file" | "vacuum_into";

/** Use of the engine's space. */
export const ATTR_STORAGE_SPACE_STATE = "storage.space.state" as const;
/** Holds data, or the structures the engine needs to find it. */
export const STORAGE_SPACE_STATE_VALUE_LIVE = "live" as const;
/** Held data before; to be reused, or released by a compaction. */
export const STORAGE_SPACE_STATE_VALUE_FREE = "free" as const;
/** Holds data that is overwritten or deleted; released by a compaction. */
export const STORAGE_SPACE_STATE_VALUE_OBSOLETE = "obsolete" as const;
export type StorageSpaceState = "live" | "free" | "obsolete";

/** Reason for which writes wait. */
export const ATTR_STORAGE_STALL_REASON = "storage.stall.reason" as const;
/** Memtables are not flushed as fast as they are filled. */
export const STORAGE_STALL_REASON_VALUE_MEMTABLE_LIMIT = "memtable_limit" as const;
/** Files of the first level are not merged as fast as they are written. */
export const STORAGE_STALL_REASON_VALUE_LEVEL0_FILES = "level0_files" as const;
/** Too many bytes wait to be compacted. */
export const STORAGE_STALL_REASON_VALUE_PENDING_COMPACTION = "pending_compaction" as const;
/** A writer holds the lock. */
export const STORAGE_STALL_REASON_VALUE_LOCK = "lock" as const;
/** There is no space left. */
export const STORAGE_STALL_REASON_VALUE_DISK_FULL = "disk_full" as const;
/** All memtables together reached their size. */
export const STORAGE_STALL_REASON_VALUE_MEMORY_LIMIT = "memory_limit" as const;
export type StorageStallReason = "memtable_limit" | "level0_files" | "pending_compaction" | "lock" | "disk_full" | "memory_limit";

/** How the engine holds writes back. */
export const ATTR_STORAGE_STALL_STATE = "storage.stall.state" as const;
/** Writes are accepted at once. */
export const STORAGE_STALL_STATE_VALUE_NORMAL = "normal" as const;
/** Writes are slowed down. */
export const STORAGE_STALL_STATE_VALUE_DELAYED = "delayed" as const;
/** Writes wait until it is over. */
export const STORAGE_STALL_STATE_VALUE_STOPPED = "stopped" as const;
export type StorageStallState = "normal" | "delayed" | "stopped";

/** Work that an engine does in the background. */
export const ATTR_STORAGE_TASK_NAME = "storage.task.name" as const;
/** Writes memtables to files. */
export const STORAGE_TASK_NAME_VALUE_FLUSH = "flush" as const;
/** Merges files, or makes the database smaller. */
export const STORAGE_TASK_NAME_VALUE_COMPACTION = "compaction" as const;
/** Moves the write-ahead log into the database. */
export const STORAGE_TASK_NAME_VALUE_CHECKPOINT = "checkpoint" as const;
/** Writes the write-ahead log. */
export const STORAGE_TASK_NAME_VALUE_WAL = "wal" as const;
/** Copies the database. */
export const STORAGE_TASK_NAME_VALUE_SNAPSHOT = "snapshot" as const;
/** Builds or updates an index. */
export const STORAGE_TASK_NAME_VALUE_INDEX = "index" as const;
/** Reads the write-ahead log when the database is opened. */
export const STORAGE_TASK_NAME_VALUE_RECOVERY = "recovery" as const;
/** Anything else. */
export const STORAGE_TASK_NAME_VALUE_OTHER = "other" as const;
export type StorageTaskName = "flush" | "compaction" | "checkpoint" | "wal" | "snapshot" | "index" | "recovery" | "other";

/** Mode in which the transaction was opened. */
export const ATTR_STORAGE_TRANSACTION_MODE = "storage.transaction.mode" as const;
/** Takes its locks at the first read and the first write. */
export const STORAGE_TRANSACTION_MODE_VALUE_DEFERRED = "deferred" as const;
/** Takes the write lock at once. */
export const STORAGE_TRANSACTION_MODE_VALUE_IMMEDIATE = "immediate" as const;
/** Takes an exclusive lock at once. */
export const STORAGE_TRANSACTION_MODE_VALUE_EXCLUSIVE = "exclusive" as const;
/** Takes no lock; conflicts are found at its commit. */
export const STORAGE_TRANSACTION_MODE_VALUE_OPTIMISTIC = "optimistic" as const;
/** Takes no lock while its writes are collected; the engine makes them together. */
export const STORAGE_TRANSACTION_MODE_VALUE_BATCH = "batch" as const;
/** Inside another transaction, whose end decides about its changes. */
export const STORAGE_TRANSACTION_MODE_VALUE_CHILD = "child" as const;
/** The implicit transaction of a single write outside an explicit transaction, or of several that the engine commits together. */
export const STORAGE_TRANSACTION_MODE_VALUE_AUTOCOMMIT = "autocommit" as const;
export type StorageTransactionMode = "deferred" | "immediate" | "exclusive" | "optimistic" | "batch" | "child" | "autocommit";

/** Outcome of the transaction. */
export const ATTR_STORAGE_TRANSACTION_OUTCOME = "storage.transaction.outcome" as const;
/** Its changes became visible. */
export const STORAGE_TRANSACTION_OUTCOME_VALUE_COMMIT = "commit" as const;
/** Rolled back by the application, or by closing the database. */
export const STORAGE_TRANSACTION_OUTCOME_VALUE_ROLLBACK = "rollback" as const;
/** Lost a lock or its snapshot to another transaction. */
export const STORAGE_TRANSACTION_OUTCOME_VALUE_CONFLICT = "conflict" as const;
/** Rolled back by the application or the engine because one of its statements failed. */
export const STORAGE_TRANSACTION_OUTCOME_VALUE_ERROR = "error" as const;
export type StorageTransactionOutcome = "commit" | "rollback" | "conflict" | "error";

/** Number of savepoints set within the transaction. */
export const ATTR_STORAGE_TRANSACTION_SAVEPOINTS = "storage.transaction.savepoints" as const;

/** Number of statements executed within the transaction, without those that begin or end it or a savepoint. */
export const ATTR_STORAGE_TRANSACTION_STATEMENTS = "storage.transaction.statements" as const;

/** Bytes of the write-ahead log that should have been checkpointed by then but could not be. */
export const ATTR_STORAGE_WAL_PINNED_SIZE = "storage.wal.pinned_size" as const;

/** Tenant or organisation the work is done for; `org_id` in log lines. */
export const ATTR_TENANT_ID = "tenant.id" as const;

/** Project of the tenant; `project_id` in log lines. */
export const ATTR_TENANT_PROJECT_ID = "tenant.project.id" as const;

export const ATTR_THREAD_ID = "thread.id" as const;

export const ATTR_THREAD_NAME = "thread.name" as const;

export const ATTR_URL_FULL = "url.full" as const;

export const ATTR_URL_PATH = "url.path" as const;

export const ATTR_URL_QUERY = "url.query" as const;

export const ATTR_URL_SCHEME = "url.scheme" as const;

export const ATTR_USER_ID = "user.id" as const;

export const ATTR_USER_AGENT_ORIGINAL = "user_agent.original" as const;

/** Size of the message in bytes, decompressed and reassembled from its frames. */
export const ATTR_WEBSOCKET_MESSAGE_SIZE = "websocket.message.size" as const;

/** Type of data the message was sent as. */
export const ATTR_WEBSOCKET_MESSAGE_TYPE = "websocket.message.type" as const;
/** UTF-8 text. */
export const WEBSOCKET_MESSAGE_TYPE_VALUE_TEXT = "text" as const;
/** Bytes. */
export const WEBSOCKET_MESSAGE_TYPE_VALUE_BINARY = "binary" as const;
export type WebsocketMessageType = "text" | "binary";

/** Number of firing alerts of the rule. */
export const METRIC_ALERT_ACTIVE = {
  name: "alert.active",
  instrument: "updowncounter",
  unit: "{alert}",
  valueType: "int",
  description: "Number of firing alerts of the rule.",
  attributes: ["alert.name", "alert.severity"],
} as const;

/** Number of notifications to the alert webhook, delivered or given up. */
export const METRIC_ALERT_NOTIFICATIONS = {
  name: "alert.notifications",
  instrument: "counter",
  unit: "{notification}",
  valueType: "int",
  description: "Number of notifications to the alert webhook, delivered or given up.",
  attributes: ["error.type"],
} as const;

/** Lookups of entries. */
export const METRIC_STORAGE_CACHE_REQUESTS = {
  name: "storage.cache.requests",
  instrument: "counter",
  unit: "{request}",
  valueType: "int",
  description: "Lookups of entries.",
  attributes: ["db.system.name", "storage.cache.name", "storage.cache.result"],
} as const;

/** Entries that were stored. */
export const METRIC_STORAGE_CACHE_WRITES = {
  name: "storage.cache.writes",
  instrument: "counter",
  unit: "{entry}",
  valueType: "int",
  description: "Entries that were stored.",
  attributes: ["db.system.name", "storage.cache.name"],
} as const;

/** Entries that left the cache. */
export const METRIC_STORAGE_CACHE_EVICTIONS = {
  name: "storage.cache.evictions",
  instrument: "counter",
  unit: "{entry}",
  valueType: "int",
  description: "Entries that left the cache.",
  attributes: ["db.system.name", "storage.cache.name", "storage.cache.eviction.reason"],
} as const;

/** Size of all entries, as the application calculates it. */
export const METRIC_STORAGE_CACHE_USAGE = {
  name: "storage.cache.usage",
  instrument: "updowncounter",
  unit: "By",
  valueType: "int",
  description: "Size of all entries, as the application calculates it.",
  attributes: ["db.system.name", "storage.cache.name"],
} as const;

/** Size of all entries from which the cache makes room. */
export const METRIC_STORAGE_CACHE_LIMIT = {
  name: "storage.cache.limit",
  instrument: "updowncounter",
  unit: "By",
  valueType: "int",
  description: "Size of all entries from which the cache makes room.",
  attributes: ["db.system.name", "storage.cache.name"],
} as const;

/** Entries in the cache, those included that have expired and were not removed yet. */
export const METRIC_STORAGE_CACHE_ENTRY_COUNT = {
  name: "storage.cache.entry.count",
  instrument: "updowncounter",
  unit: "{entry}",
  valueType: "int",
  description: "Entries in the cache, those included that have expired and were not removed yet.",
  attributes: ["db.system.name", "storage.cache.name"],
} as const;

/** Number of entries from which the cache makes room. */
export const METRIC_STORAGE_CACHE_ENTRY_LIMIT = {
  name: "storage.cache.entry.limit",
  instrument: "updowncounter",
  unit: "{entry}",
  valueType: "int",
  description: "Number of entries from which the cache makes room.",
  attributes: ["db.system.name", "storage.cache.name"],
} as const;

/** Duration of the loads of entries the cache did not have. */
export const METRIC_STORAGE_CACHE_LOAD_DURATION = {
  name: "storage.cache.load.duration",
  instrument: "histogram",
  unit: "s",
  valueType: "double",
  description: "Duration of the loads of entries the cache did not have.",
  boundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  attributes: ["db.system.name", "storage.cache.name", "error.type"],
} as const;

/** Duration of compactions. */
export const METRIC_STORAGE_COMPACTION_DURATION = {
  name: "storage.compaction.duration",
  instrument: "histogram",
  unit: "s",
  valueType: "double",
  description: "Duration of compactions.",
  boundaries: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68, 655.36],
  attributes: ["db.system.name", "db.namespace", "storage.compaction.type", "storage.compaction.reason", "storage.search.index.name", "error.type"],
} as const;

/** Unix timestamp of the last successful compaction. */
export const METRIC_STORAGE_COMPACTION_LAST_SUCCESS_TIMESTAMP = {
  name: "storage.compaction.last_success.timestamp",
  instrument: "gauge",
  unit: "s",
  valueType: "double",
  description: "Unix timestamp of the last successful compaction.",
  outlivesDatabase: true,
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Bytes by which compactions shrank the database, where its size can be read without waiting for a lock. */
export const METRIC_STORAGE_RECLAIM_SIZE = {
  name: "storage.reclaim.size",
  instrument: "counter",
  unit: "By",
  valueType: "int",
  description: "Bytes by which compactions shrank the database, where its size can be read without waiting for a lock.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Number of transactions and iterations open for at least `STRATASCOPE_LONG_OPEN_MS`, by the statement that opened them. */
export const METRIC_STORAGE_SNAPSHOT_HELD = {
  name: "storage.snapshot.held",
  instrument: "counter",
  unit: "{snapshot}",
  valueType: "int",
  description: "Number of transactions and iterations open for at least `STRATASCOPE_LONG_OPEN_MS`, by the statement that opened them.",
  attributes: ["db.system.name", "db.namespace", "db.operation.name", "db.collection.name", "db.query.summary"],
} as const;

/** Number of operations that took at least `STRATASCOPE_SLOW_OPERATION_MS`. */
export const METRIC_STORAGE_OPERATION_SLOW = {
  name: "storage.operation.slow",
  instrument: "counter",
  unit: "{operation}",
  valueType: "int",
  description: "Number of operations that took at least `STRATASCOPE_SLOW_OPERATION_MS`.",
  attributes: ["db.system.name", "db.namespace", "db.operation.name", "db.collection.name", "db.query.summary"],
} as const;

/** Time for which operations blocked the event loop, counting only calls of at least `STRATASCOPE_BLOCKED_MS`. */
export const METRIC_STORAGE_EVENTLOOP_BLOCKED_TIME = {
  name: "storage.eventloop.blocked_time",
  instrument: "counter",
  unit: "s",
  valueType: "double",
  description: "Time for which operations blocked the event loop, counting only calls of at least `STRATASCOPE_BLOCKED_MS`.",
  attributes: ["db.system.name", "db.namespace", "db.operation.name", "db.collection.name", "db.query.summary"],
} as const;

/** Number of spans within which the statement was run at least `STRATASCOPE_REPEATED_THRESHOLD` times. */
export const METRIC_STORAGE_OPERATION_REPEATED = {
  name: "storage.operation.repeated",
  instrument: "counter",
  unit: "{detection}",
  valueType: "int",
  description: "Number of spans within which the statement was run at least `STRATASCOPE_REPEATED_THRESHOLD` times.",
  attributes: ["db.system.name", "db.namespace", "db.operation.name", "db.collection.name", "db.query.summary"],
} as const;

/** 1 for the combined state of all checks of the type, 0 for the other states. */
export const METRIC_HEALTH_STATUS = {
  name: "health.status",
  instrument: "updowncounter",
  unit: "1",
  valueType: "int",
  description: "1 for the combined state of all checks of the type, 0 for the other states.",
  attributes: ["health.check.type", "health.state"],
} as const;

/** 1 for the state of the check, 0 for the other states. */
export const METRIC_HEALTH_CHECK_STATUS = {
  name: "health.check.status",
  instrument: "updowncounter",
  unit: "1",
  valueType: "int",
  description: "1 for the state of the check, 0 for the other states.",
  attributes: ["health.check.name", "health.check.type", "health.state"],
} as const;

/** Duration of one run of the health check. */
export const METRIC_HEALTH_CHECK_DURATION = {
  name: "health.check.duration",
  instrument: "histogram",
  unit: "s",
  valueType: "double",
  description: "Duration of one run of the health check.",
  boundaries: [0.0001, 0.001, 0.01, 0.1, 1, 10],
  attributes: ["health.check.name", "error.type"],
} as const;

/** Number of changes of the combined state of all checks of the type, by the new state. */
export const METRIC_HEALTH_TRANSITIONS = {
  name: "health.transitions",
  instrument: "counter",
  unit: "{transition}",
  valueType: "int",
  description: "Number of changes of the combined state of all checks of the type, by the new state.",
  attributes: ["health.check.type", "health.state"],
} as const;

/** Number of unhandled errors; by default each of them ends the process. */
export const METRIC_HEALTH_UNHANDLED_ERRORS = {
  name: "health.unhandled_errors",
  instrument: "counter",
  unit: "{error}",
  valueType: "int",
  description: "Number of unhandled errors; by default each of them ends the process.",
  attributes: ["health.error.type"],
} as const;

/** Number of failures inside stratascope. Each leaves one call unobserved; a part that fails often is disabled for a time. The application is not affected. */
export const METRIC_STORAGE_INSTRUMENTATION_ERRORS = {
  name: "storage.instrumentation.errors",
  instrument: "counter",
  unit: "{error}",
  valueType: "int",
  description: "Number of failures inside stratascope. Each leaves one call unobserved; a part that fails often is disabled for a time. The application is not affected.",
  attributes: ["storage.driver.name"],
} as const;

/** Number of runs of the application's observable callbacks that failed or had not settled when a collection stopped waiting for them. Their observations are missing. */
export const METRIC_STORAGE_INSTRUMENTATION_CALLBACK_ERRORS = {
  name: "storage.instrumentation.callback.errors",
  instrument: "counter",
  unit: "{error}",
  valueType: "int",
  description: "Number of runs of the application's observable callbacks that failed or had not settled when a collection stopped waiting for them. Their observations are missing.",
  attributes: ["error.type"],
} as const;

/** Number of values in the application's log records, spans and measurements that could not be kept whole. The cut is marked in the value; the record, span or measurement is kept. */
export const METRIC_STORAGE_INSTRUMENTATION_CUT_VALUES = {
  name: "storage.instrumentation.cut_values",
  instrument: "counter",
  unit: "{value}",
  valueType: "int",
  description: "Number of values in the application's log records, spans and measurements that could not be kept whole. The cut is marked in the value; the record, span or measurement is kept.",
  attributes: ["error.type"],
} as const;

/** Time for which serializing telemetry blocked the event loop, the larger part of stratascope's cost outside of the operations it measures. */
export const METRIC_STORAGE_INSTRUMENTATION_TIME = {
  name: "storage.instrumentation.time",
  instrument: "counter",
  unit: "s",
  valueType: "double",
  description: "Time for which serializing telemetry blocked the event loop, the larger part of stratascope's cost outside of the operations it measures.",
  attributes: ["otel.component.type"],
} as const;

/** Number of operations of a database per operation whose duration is measured. 1 if all are measured; more if measuring all would take more than `STRATASCOPE_TIMING_PERCENT` of the time. Counts are always exact. */
export const METRIC_STORAGE_INSTRUMENTATION_TIMING_INTERVAL = {
  name: "storage.instrumentation.timing_interval",
  instrument: "gauge",
  unit: "{operation}",
  valueType: "int",
  description: "Number of operations of a database per operation whose duration is measured. 1 if all are measured; more if measuring all would take more than `STRATASCOPE_TIMING_PERCENT` of the time. Counts are always exact.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Bytes of serialized telemetry waiting to be sent over OTLP. */
export const METRIC_STORAGE_INSTRUMENTATION_BACKLOG = {
  name: "storage.instrumentation.backlog",
  instrument: "updowncounter",
  unit: "By",
  valueType: "int",
  description: "Bytes of serialized telemetry waiting to be sent over OTLP.",
  attributes: ["otel.component.type"],
} as const;

/** Duration of writing memtables to files. */
export const METRIC_STORAGE_FLUSH_DURATION = {
  name: "storage.flush.duration",
  instrument: "histogram",
  unit: "s",
  valueType: "double",
  description: "Duration of writing memtables to files.",
  boundaries: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68, 655.36],
  attributes: ["db.system.name", "db.namespace", "storage.flush.reason", "error.type"],
} as const;

/** Bytes that flushes wrote. */
export const METRIC_STORAGE_FLUSH_IO = {
  name: "storage.flush.io",
  instrument: "counter",
  unit: "By",
  valueType: "int",
  description: "Bytes that flushes wrote.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Bytes that compactions of levels read and wrote. */
export const METRIC_STORAGE_COMPACTION_IO = {
  name: "storage.compaction.io",
  instrument: "counter",
  unit: "By",
  valueType: "int",
  description: "Bytes that compactions of levels read and wrote.",
  attributes: ["db.system.name", "db.namespace", "disk.io.direction"],
} as const;

/** Number of flushes in progress. */
export const METRIC_STORAGE_FLUSH_ACTIVE = {
  name: "storage.flush.active",
  instrument: "updowncounter",
  unit: "{flush}",
  valueType: "int",
  description: "Number of flushes in progress.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Bytes that a compaction wrote for each byte it took from the upper levels, as the engine reports it. */
export const METRIC_STORAGE_COMPACTION_WRITE_AMPLIFICATION = {
  name: "storage.compaction.write_amplification",
  instrument: "histogram",
  unit: "1",
  valueType: "double",
  description: "Bytes that a compaction wrote for each byte it took from the upper levels, as the engine reports it.",
  boundaries: [1, 2, 3, 5, 8, 13, 21, 34],
  attributes: ["db.system.name", "db.namespace", "storage.compaction.type", "storage.compaction.reason"],
} as const;

/** Processor time of the engine's own threads, as it counts it itself. */
export const METRIC_STORAGE_CPU_TIME = {
  name: "storage.cpu.time",
  instrument: "counter",
  unit: "s",
  valueType: "double",
  description: "Processor time of the engine's own threads, as it counts it itself.",
  attributes: ["db.system.name", "db.namespace", "storage.cpu.activity"],
} as const;

/** Bytes that flushes and compactions wrote since the database was opened, for each byte that was flushed. The write-ahead log adds one. */
export const METRIC_STORAGE_AMPLIFICATION_WRITE = {
  name: "storage.amplification.write",
  instrument: "gauge",
  unit: "1",
  valueType: "double",
  description: "Bytes that flushes and compactions wrote since the database was opened, for each byte that was flushed. The write-ahead log adds one.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Number of sorted runs that a read of one record may search, those in memory not included; the files of level 0, and the other levels that are not empty. */
export const METRIC_STORAGE_AMPLIFICATION_READ = {
  name: "storage.amplification.read",
  instrument: "gauge",
  unit: "1",
  valueType: "int",
  description: "Number of sorted runs that a read of one record may search, those in memory not included; the files of level 0, and the other levels that are not empty.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Number of damaged places that the engine has found in files of the database, and skipped. */
export const METRIC_STORAGE_CORRUPTIONS = {
  name: "storage.corruptions",
  instrument: "counter",
  unit: "{corruption}",
  valueType: "int",
  description: "Number of damaged places that the engine has found in files of the database, and skipped.",
  attributes: ["db.system.name", "db.namespace", "storage.file.type"],
} as const;

/** Number of files that compactions of levels merged and wrote. */
export const METRIC_STORAGE_COMPACTION_FILES = {
  name: "storage.compaction.files",
  instrument: "counter",
  unit: "{file}",
  valueType: "int",
  description: "Number of files that compactions of levels merged and wrote.",
  attributes: ["db.system.name", "db.namespace", "storage.compaction.file.role"],
} as const;

/** Number of compactions in progress. */
export const METRIC_STORAGE_COMPACTION_ACTIVE = {
  name: "storage.compaction.active",
  instrument: "updowncounter",
  unit: "{compaction}",
  valueType: "int",
  description: "Number of compactions in progress.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Bytes that wait to be compacted, as the engine or its rules estimate them. */
export const METRIC_STORAGE_COMPACTION_PENDING = {
  name: "storage.compaction.pending",
  instrument: "updowncounter",
  unit: "By",
  valueType: "int",
  description: "Bytes that wait to be compacted, as the engine or its rules estimate them.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Bytes in the write-ahead log that are not in a file yet. */
export const METRIC_STORAGE_WAL_SIZE = {
  name: "storage.wal.size",
  instrument: "updowncounter",
  unit: "By",
  valueType: "int",
  description: "Bytes in the write-ahead log that are not in a file yet.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Duration of making appends to the write-ahead log durable. */
export const METRIC_STORAGE_WAL_SYNC_DURATION = {
  name: "storage.wal.sync.duration",
  instrument: "histogram",
  unit: "s",
  valueType: "double",
  description: "Duration of making appends to the write-ahead log durable.",
  boundaries: [0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
  attributes: ["db.system.name", "db.namespace", "error.type"],
} as const;

/** Number of times that appends to the write-ahead log were made durable, as the engine counts them itself. */
export const METRIC_STORAGE_WAL_SYNCS = {
  name: "storage.wal.syncs",
  instrument: "counter",
  unit: "{sync}",
  valueType: "int",
  description: "Number of times that appends to the write-ahead log were made durable, as the engine counts them itself.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Number of files in a level. */
export const METRIC_STORAGE_LEVEL_FILE_COUNT = {
  name: "storage.level.file.count",
  instrument: "updowncounter",
  unit: "{file}",
  valueType: "int",
  description: "Number of files in a level.",
  attributes: ["db.system.name", "db.namespace", "storage.level.number"],
} as const;

/** Size of the files in a level. */
export const METRIC_STORAGE_LEVEL_SIZE = {
  name: "storage.level.size",
  instrument: "updowncounter",
  unit: "By",
  valueType: "int",
  description: "Size of the files in a level.",
  attributes: ["db.system.name", "db.namespace", "storage.level.number"],
} as const;

/** Memory that the engine holds. */
export const METRIC_STORAGE_MEMORY_USAGE = {
  name: "storage.memory.usage",
  instrument: "updowncounter",
  unit: "By",
  valueType: "int",
  description: "Memory that the engine holds.",
  attributes: ["db.system.name", "db.namespace", "storage.memory.component"],
} as const;

/** Number of errors of work in the background. Many engines refuse writes after one. */
export const METRIC_STORAGE_BACKGROUND_ERRORS = {
  name: "storage.background.errors",
  instrument: "counter",
  unit: "{error}",
  valueType: "int",
  description: "Number of errors of work in the background. Many engines refuse writes after one.",
  attributes: ["db.system.name", "db.namespace", "storage.task.name", "error.type"],
} as const;

/** Time for which writes were stopped or slowed down. */
export const METRIC_STORAGE_WRITE_STALL_DURATION = {
  name: "storage.write.stall.duration",
  instrument: "histogram",
  unit: "s",
  valueType: "double",
  description: "Time for which writes were stopped or slowed down.",
  boundaries: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68, 655.36],
  attributes: ["db.system.name", "db.namespace", "storage.stall.reason", "storage.stall.state"],
} as const;

/** Number of stalls in progress; above 0, writes wait. */
export const METRIC_STORAGE_WRITE_STALL_ACTIVE = {
  name: "storage.write.stall.active",
  instrument: "updowncounter",
  unit: "{stall}",
  valueType: "int",
  description: "Number of stalls in progress; above 0, writes wait.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** 1 for the state that writes are in, 0 for the other states. */
export const METRIC_STORAGE_WRITE_STALL_STATUS = {
  name: "storage.write.stall.status",
  instrument: "updowncounter",
  unit: "1",
  valueType: "int",
  description: "1 for the state that writes are in, 0 for the other states.",
  attributes: ["db.system.name", "db.namespace", "storage.stall.state"],
} as const;

/** Number of branches of the data. */
export const METRIC_STORAGE_BRANCH_COUNT = {
  name: "storage.branch.count",
  instrument: "updowncounter",
  unit: "{branch}",
  valueType: "int",
  description: "Number of branches of the data.",
  attributes: ["db.system.name", "db.namespace", "storage.branch.state"],
} as const;

/** Time spent polling metrics of an engine. */
export const METRIC_STORAGE_COLLECTOR_TIME = {
  name: "storage.collector.time",
  instrument: "counter",
  unit: "s",
  valueType: "double",
  description: "Time spent polling metrics of an engine.",
  attributes: ["db.system.name", "storage.collector.name"],
} as const;

/** Number of polls of an engine's metrics that failed or did not end; its values are absent until one succeeds. */
export const METRIC_STORAGE_COLLECTOR_ERRORS = {
  name: "storage.collector.errors",
  instrument: "counter",
  unit: "{error}",
  valueType: "int",
  description: "Number of polls of an engine's metrics that failed or did not end; its values are absent until one succeeds.",
  attributes: ["db.system.name", "storage.collector.name"],
} as const;

/** Number of records that operations returned to the application or changed for it. */
export const METRIC_STORAGE_OPERATION_RECORDS = {
  name: "storage.operation.records",
  instrument: "counter",
  unit: "{record}",
  valueType: "int",
  description: "Number of records that operations returned to the application or changed for it.",
  attributes: ["db.system.name", "db.namespace", "db.operation.name", "db.collection.name", "db.query.summary", "disk.io.direction"],
} as const;

/** Number of operations that have begun and not ended. Only of engines whose operations are asynchronous. */
export const METRIC_STORAGE_OPERATION_ACTIVE = {
  name: "storage.operation.active",
  instrument: "updowncounter",
  unit: "{operation}",
  valueType: "int",
  description: "Number of operations that have begun and not ended. Only of engines whose operations are asynchronous.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Number of records an engine scanned because no index led to the requested ones. A value far above `storage.operation.records` indicates a missing index. */
export const METRIC_STORAGE_OPERATION_SCANNED_RECORDS = {
  name: "storage.operation.scanned_records",
  instrument: "counter",
  unit: "{record}",
  valueType: "int",
  description: "Number of records an engine scanned because no index led to the requested ones. A value far above `storage.operation.records` indicates a missing index.",
  attributes: ["db.system.name", "db.namespace", "db.operation.name", "db.collection.name", "db.query.summary"],
} as const;

/** Duration of searches. */
export const METRIC_STORAGE_SEARCH_DURATION = {
  name: "storage.search.duration",
  instrument: "histogram",
  unit: "s",
  valueType: "double",
  description: "Duration of searches.",
  boundaries: [0.000001, 0.000005, 0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
  attributes: ["db.system.name", "db.namespace", "storage.search.type", "storage.search.index.name", "error.type"],
} as const;

/** Number of results the application fetched from a successful search. */
export const METRIC_STORAGE_SEARCH_RESULTS = {
  name: "storage.search.results",
  instrument: "histogram",
  unit: "{result}",
  valueType: "int",
  description: "Number of results the application fetched from a successful search.",
  boundaries: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000],
  attributes: ["db.system.name", "db.namespace", "storage.search.type", "storage.search.index.name"],
} as const;

/** Number of segments of a used search index; searches take longer with more segments. Polled only if that neither waits for a lock nor blocks the application. */
export const METRIC_STORAGE_SEARCH_SEGMENTS = {
  name: "storage.search.segments",
  instrument: "gauge",
  unit: "{segment}",
  valueType: "int",
  description: "Number of segments of a used search index; searches take longer with more segments. Polled only if that neither waits for a lock nor blocks the application.",
  attributes: ["db.system.name", "db.namespace", "storage.search.type", "storage.search.index.name"],
} as const;

/** Duration of statements and calls that change a search index directly; writes by triggers are part of the statement that fired them. */
export const METRIC_STORAGE_SEARCH_INDEX_UPDATE_DURATION = {
  name: "storage.search.index.update.duration",
  instrument: "histogram",
  unit: "s",
  valueType: "double",
  description: "Duration of statements and calls that change a search index directly; writes by triggers are part of the statement that fired them.",
  boundaries: [0.000001, 0.000005, 0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
  attributes: ["db.system.name", "db.namespace", "storage.search.type", "storage.search.index.name", "error.type"],
} as const;

/** Number of documents that matched a successful search, of which it returned the best ones, where the engine reports it. */
export const METRIC_STORAGE_SEARCH_CANDIDATES = {
  name: "storage.search.candidates",
  instrument: "histogram",
  unit: "{document}",
  valueType: "int",
  description: "Number of documents that matched a successful search, of which it returned the best ones, where the engine reports it.",
  boundaries: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000],
  attributes: ["db.system.name", "db.namespace", "storage.search.type", "storage.search.index.name"],
} as const;

/** Documents or vectors that were changed in a search index. One that failed is not counted. */
export const METRIC_STORAGE_SEARCH_INDEX_UPDATES = {
  name: "storage.search.index.updates",
  instrument: "counter",
  unit: "{document}",
  valueType: "int",
  description: "Documents or vectors that were changed in a search index. One that failed is not counted.",
  attributes: ["db.system.name", "db.namespace", "storage.search.type", "storage.search.index.name", "storage.search.update.type"],
} as const;

/** Documents or vectors in a search index. */
export const METRIC_STORAGE_SEARCH_INDEX_DOCUMENT_COUNT = {
  name: "storage.search.index.document.count",
  instrument: "updowncounter",
  unit: "{document}",
  valueType: "int",
  description: "Documents or vectors in a search index.",
  attributes: ["db.system.name", "db.namespace", "storage.search.type", "storage.search.index.name"],
} as const;

/** Documents or vectors that a search index has room for. */
export const METRIC_STORAGE_SEARCH_INDEX_DOCUMENT_LIMIT = {
  name: "storage.search.index.document.limit",
  instrument: "updowncounter",
  unit: "{document}",
  valueType: "int",
  description: "Documents or vectors that a search index has room for.",
  attributes: ["db.system.name", "db.namespace", "storage.search.type", "storage.search.index.name"],
} as const;

/** Different terms in a search index. */
export const METRIC_STORAGE_SEARCH_INDEX_TERM_COUNT = {
  name: "storage.search.index.term.count",
  instrument: "updowncounter",
  unit: "{term}",
  valueType: "int",
  description: "Different terms in a search index.",
  attributes: ["db.system.name", "db.namespace", "storage.search.type", "storage.search.index.name"],
} as const;

/** Dimensions of the vectors in a search index. */
export const METRIC_STORAGE_SEARCH_INDEX_DIMENSIONS = {
  name: "storage.search.index.dimensions",
  instrument: "gauge",
  unit: "{dimension}",
  valueType: "int",
  description: "Dimensions of the vectors in a search index.",
  attributes: ["db.system.name", "db.namespace", "storage.search.type", "storage.search.index.name"],
} as const;

/** Records that were deleted and still take up space until a compaction. */
export const METRIC_STORAGE_TOMBSTONE_COUNT = {
  name: "storage.tombstone.count",
  instrument: "updowncounter",
  unit: "{tombstone}",
  valueType: "int",
  description: "Records that were deleted and still take up space until a compaction.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Tombstones as a share of all records, as the engine calculates it. */
export const METRIC_STORAGE_TOMBSTONE_RATIO = {
  name: "storage.tombstone.ratio",
  instrument: "gauge",
  unit: "1",
  valueType: "double",
  description: "Tombstones as a share of all records, as the engine calculates it.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Duration of taking a snapshot; for a backup, including other work of the process between its steps. */
export const METRIC_STORAGE_SNAPSHOT_DURATION = {
  name: "storage.snapshot.duration",
  instrument: "histogram",
  unit: "s",
  valueType: "double",
  description: "Duration of taking a snapshot; for a backup, including other work of the process between its steps.",
  boundaries: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68, 655.36],
  attributes: ["db.system.name", "db.namespace", "storage.snapshot.type", "error.type"],
} as const;

/** Size of successful snapshots, where it is known. */
export const METRIC_STORAGE_SNAPSHOT_SIZE = {
  name: "storage.snapshot.size",
  instrument: "histogram",
  unit: "By",
  valueType: "int",
  description: "Size of successful snapshots, where it is known.",
  boundaries: [256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864, 268435456, 1073741824],
  attributes: ["db.system.name", "db.namespace", "storage.snapshot.type"],
} as const;

/** Number of pages of successful snapshots, where the engine reports it. */
export const METRIC_STORAGE_SNAPSHOT_PAGES = {
  name: "storage.snapshot.pages",
  instrument: "counter",
  unit: "{page}",
  valueType: "int",
  description: "Number of pages of successful snapshots, where the engine reports it.",
  attributes: ["db.system.name", "db.namespace", "storage.snapshot.type"],
} as const;

/** Number of pages that running backups have yet to copy, as last reported by the engine. */
export const METRIC_STORAGE_SNAPSHOT_REMAINING = {
  name: "storage.snapshot.remaining",
  instrument: "updowncounter",
  unit: "{page}",
  valueType: "int",
  description: "Number of pages that running backups have yet to copy, as last reported by the engine.",
  outlivesDatabase: true,
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Unix timestamp of the last successful snapshot. */
export const METRIC_STORAGE_SNAPSHOT_LAST_SUCCESS_TIMESTAMP = {
  name: "storage.snapshot.last_success.timestamp",
  instrument: "gauge",
  unit: "s",
  valueType: "double",
  description: "Unix timestamp of the last successful snapshot.",
  outlivesDatabase: true,
  attributes: ["db.system.name", "db.namespace", "storage.snapshot.type"],
} as const;

/** Duration of loading a snapshot. */
export const METRIC_STORAGE_RESTORE_DURATION = {
  name: "storage.restore.duration",
  instrument: "histogram",
  unit: "s",
  valueType: "double",
  description: "Duration of loading a snapshot.",
  boundaries: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68, 655.36],
  attributes: ["db.system.name", "db.namespace", "storage.snapshot.type", "error.type"],
} as const;

/** Size of snapshots that were loaded, where it is known. */
export const METRIC_STORAGE_RESTORE_SIZE = {
  name: "storage.restore.size",
  instrument: "histogram",
  unit: "By",
  valueType: "int",
  description: "Size of snapshots that were loaded, where it is known.",
  boundaries: [256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864, 268435456, 1073741824],
  attributes: ["db.system.name", "db.namespace", "storage.snapshot.type"],
} as const;

/** Number of open views of the data: of transactions (a deferred one from its first statement on), of iterations that have returned a record and not ended, and of snapshots. A connection to SQLite has at most one. */
export const METRIC_STORAGE_SNAPSHOT_ACTIVE = {
  name: "storage.snapshot.active",
  instrument: "updowncounter",
  unit: "{snapshot}",
  valueType: "int",
  description: "Number of open views of the data: of transactions (a deferred one from its first statement on), of iterations that have returned a record and not ended, and of snapshots. A connection to SQLite has at most one.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Age of the transaction, iteration or snapshot that holds the oldest open view of the data; 0 if there is none. */
export const METRIC_STORAGE_SNAPSHOT_OLDEST_AGE = {
  name: "storage.snapshot.oldest_age",
  instrument: "gauge",
  unit: "s",
  valueType: "double",
  description: "Age of the transaction, iteration or snapshot that holds the oldest open view of the data; 0 if there is none.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Number of iterations over a query result that have begun and not ended. */
export const METRIC_STORAGE_ITERATOR_ACTIVE = {
  name: "storage.iterator.active",
  instrument: "updowncounter",
  unit: "{iterator}",
  valueType: "int",
  description: "Number of iterations over a query result that have begun and not ended.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Number of entries in the table of readers, of all processes that have the database open. */
export const METRIC_STORAGE_READER_COUNT = {
  name: "storage.reader.count",
  instrument: "updowncounter",
  unit: "{reader}",
  valueType: "int",
  description: "Number of entries in the table of readers, of all processes that have the database open.",
  attributes: ["db.system.name", "db.namespace", "storage.reader.state"],
} as const;

/** Number of entries that the table of readers has room for. */
export const METRIC_STORAGE_READER_LIMIT = {
  name: "storage.reader.limit",
  instrument: "updowncounter",
  unit: "{reader}",
  valueType: "int",
  description: "Number of entries that the table of readers has room for.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Number of commits since the oldest snapshot that a reader of any process holds; 0 if none does. Space that was freed since is not reused. */
export const METRIC_STORAGE_READER_LAG = {
  name: "storage.reader.lag",
  instrument: "gauge",
  unit: "{commit}",
  valueType: "int",
  description: "Number of commits since the oldest snapshot that a reader of any process holds; 0 if none does. Space that was freed since is not reused.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Bytes used by the files of the database. */
export const METRIC_STORAGE_SPACE_USAGE = {
  name: "storage.space.usage",
  instrument: "updowncounter",
  unit: "By",
  valueType: "int",
  description: "Bytes used by the files of the database.",
  attributes: ["db.system.name", "db.namespace", "storage.file.type"],
} as const;

/** Bytes of the database by their use as of its last commit, wherever they are stored; those of an engine without pages are estimates. */
export const METRIC_STORAGE_SPACE_ALLOCATED = {
  name: "storage.space.allocated",
  instrument: "updowncounter",
  unit: "By",
  valueType: "int",
  description: "Bytes of the database by their use as of its last commit, wherever they are stored; those of an engine without pages are estimates.",
  attributes: ["db.system.name", "db.namespace", "storage.space.state"],
} as const;

/** Bytes up to which the database can grow before the engine enlarges its map, or refuses to write. */
export const METRIC_STORAGE_SPACE_LIMIT = {
  name: "storage.space.limit",
  instrument: "updowncounter",
  unit: "By",
  valueType: "int",
  description: "Bytes up to which the database can grow before the engine enlarges its map, or refuses to write.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Number of records as of the last commit. */
export const METRIC_STORAGE_RECORD_COUNT = {
  name: "storage.record.count",
  instrument: "updowncounter",
  unit: "{record}",
  valueType: "int",
  description: "Number of records as of the last commit.",
  attributes: ["db.system.name", "db.namespace", "db.collection.name"],
} as const;

/** Bytes that the engine has read from and written to the files of the database, as it counts them itself. */
export const METRIC_STORAGE_FILE_IO = {
  name: "storage.file.io",
  instrument: "counter",
  unit: "By",
  valueType: "int",
  description: "Bytes that the engine has read from and written to the files of the database, as it counts them itself.",
  attributes: ["db.system.name", "db.namespace", "storage.file.type", "disk.io.direction"],
} as const;

/** Time that the engine has spent with the files of the database, as it counts it itself. */
export const METRIC_STORAGE_FILE_OPERATION_TIME = {
  name: "storage.file.operation.time",
  instrument: "counter",
  unit: "s",
  valueType: "double",
  description: "Time that the engine has spent with the files of the database, as it counts it itself.",
  attributes: ["db.system.name", "db.namespace", "storage.file.operation.name"],
} as const;

/** Duration of transactions from begin to end. */
export const METRIC_STORAGE_TRANSACTION_DURATION = {
  name: "storage.transaction.duration",
  instrument: "histogram",
  unit: "s",
  valueType: "double",
  description: "Duration of transactions from begin to end.",
  boundaries: [0.000001, 0.000005, 0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
  attributes: ["db.system.name", "db.namespace", "storage.transaction.mode", "storage.transaction.outcome", "error.type"],
} as const;

/** Duration of the statement that commits an explicit transaction, or from the end of its callback to that of its commit. */
export const METRIC_STORAGE_TRANSACTION_COMMIT_DURATION = {
  name: "storage.transaction.commit.duration",
  instrument: "histogram",
  unit: "s",
  valueType: "double",
  description: "Duration of the statement that commits an explicit transaction, or from the end of its callback to that of its commit.",
  boundaries: [0.0001, 0.00025, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048, 4.096, 8.192],
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Time commits, including those of single writes, spent off the CPU waiting for a disk or a lock, where Node.js reports it (from 22.19). Of commits in close succession, one in about 20 ms is measured and represents those before it. */
export const METRIC_STORAGE_TRANSACTION_COMMIT_OFF_CPU_DURATION = {
  name: "storage.transaction.commit.off_cpu.duration",
  instrument: "histogram",
  unit: "s",
  valueType: "double",
  description: "Time commits, including those of single writes, spent off the CPU waiting for a disk or a lock, where Node.js reports it (from 22.19). Of commits in close succession, one in about 20 ms is measured and represents those before it.",
  boundaries: [0.0001, 0.00025, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048, 4.096, 8.192],
  attributes: ["db.system.name", "db.namespace", "storage.measurement"],
} as const;

/** Number of open explicit transactions. */
export const METRIC_STORAGE_TRANSACTION_ACTIVE = {
  name: "storage.transaction.active",
  instrument: "updowncounter",
  unit: "{transaction}",
  valueType: "int",
  description: "Number of open explicit transactions.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Age of the oldest open explicit transaction; 0 if none is open. */
export const METRIC_STORAGE_TRANSACTION_OLDEST_AGE = {
  name: "storage.transaction.oldest_age",
  instrument: "gauge",
  unit: "s",
  valueType: "double",
  description: "Age of the oldest open explicit transaction; 0 if none is open.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Time spent waiting for a lock, measured on statements that only take the lock, or up to what runs under it, if they took at least 1 ms or were refused. Waits of writes outside of an explicit transaction are not included, except for those for the only connection. */
export const METRIC_STORAGE_LOCK_WAIT_DURATION = {
  name: "storage.lock.wait.duration",
  instrument: "histogram",
  unit: "s",
  valueType: "double",
  description: "Time spent waiting for a lock, measured on statements that only take the lock, or up to what runs under it, if they took at least 1 ms or were refused. Waits of writes outside of an explicit transaction are not included, except for those for the only connection.",
  boundaries: [0.0001, 0.00025, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048, 4.096, 8.192],
  attributes: ["db.system.name", "db.namespace", "storage.lock.type", "error.type"],
} as const;

/** Number of attempts to get a lock after the first one, in the waits recorded by `storage.lock.wait.duration`; derived from their duration, as the engine's delays are fixed. */
export const METRIC_STORAGE_LOCK_RETRIES = {
  name: "storage.lock.retries",
  instrument: "counter",
  unit: "{retry}",
  valueType: "int",
  description: "Number of attempts to get a lock after the first one, in the waits recorded by `storage.lock.wait.duration`; derived from their duration, as the engine's delays are fixed.",
  attributes: ["db.system.name", "db.namespace", "storage.lock.type"],
} as const;

/** Number of statements refused because of a conflict with another transaction. */
export const METRIC_STORAGE_TRANSACTION_CONFLICTS = {
  name: "storage.transaction.conflicts",
  instrument: "counter",
  unit: "{conflict}",
  valueType: "int",
  description: "Number of statements refused because of a conflict with another transaction.",
  attributes: ["db.system.name", "db.namespace", "storage.conflict.reason"],
} as const;

/** Number of records that the engine has written to the write-ahead log, as it counts them itself. */
export const METRIC_STORAGE_WAL_RECORDS = {
  name: "storage.wal.records",
  instrument: "counter",
  unit: "{record}",
  valueType: "int",
  description: "Number of records that the engine has written to the write-ahead log, as it counts them itself.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Bytes of the records that a transaction, or a write outside of one, has written to the write-ahead log, whatever its outcome. */
export const METRIC_STORAGE_TRANSACTION_WAL_SIZE = {
  name: "storage.transaction.wal.size",
  instrument: "histogram",
  unit: "By",
  valueType: "int",
  description: "Bytes of the records that a transaction, or a write outside of one, has written to the write-ahead log, whatever its outcome.",
  boundaries: [256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864, 268435456, 1073741824],
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Number of checkpoints, including those of unknown duration. Automatic checkpoints that could not move a page are not counted. */
export const METRIC_STORAGE_CHECKPOINTS = {
  name: "storage.checkpoints",
  instrument: "counter",
  unit: "{checkpoint}",
  valueType: "int",
  description: "Number of checkpoints, including those of unknown duration. Automatic checkpoints that could not move a page are not counted.",
  attributes: ["db.system.name", "db.namespace", "storage.checkpoint.mode", "storage.checkpoint.trigger", "error.type", "storage.measurement"],
} as const;

/** Duration of checkpoints. */
export const METRIC_STORAGE_CHECKPOINT_DURATION = {
  name: "storage.checkpoint.duration",
  instrument: "histogram",
  unit: "s",
  valueType: "double",
  description: "Duration of checkpoints.",
  boundaries: [0.0001, 0.00025, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048, 4.096, 8.192],
  attributes: ["db.system.name", "db.namespace", "storage.checkpoint.mode", "storage.checkpoint.trigger", "error.type", "storage.measurement"],
} as const;

/** Number of log pages checkpoints have moved into the database, where the engine reports it. */
export const METRIC_STORAGE_CHECKPOINT_PAGES = {
  name: "storage.checkpoint.pages",
  instrument: "counter",
  unit: "{page}",
  valueType: "int",
  description: "Number of log pages checkpoints have moved into the database, where the engine reports it.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Unix timestamp of the last successful checkpoint. */
export const METRIC_STORAGE_CHECKPOINT_LAST_SUCCESS_TIMESTAMP = {
  name: "storage.checkpoint.last_success.timestamp",
  instrument: "gauge",
  unit: "s",
  valueType: "double",
  description: "Unix timestamp of the last successful checkpoint.",
  outlivesDatabase: true,
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Bytes of pages in the write-ahead log that are not yet in the database. */
export const METRIC_STORAGE_WAL_CHECKPOINT_LAG = {
  name: "storage.wal.checkpoint_lag",
  instrument: "updowncounter",
  unit: "By",
  valueType: "int",
  description: "Bytes of pages in the write-ahead log that are not yet in the database.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Number of pages in the write-ahead log, where the engine reports it. */
export const METRIC_STORAGE_WAL_PAGES = {
  name: "storage.wal.pages",
  instrument: "updowncounter",
  unit: "{page}",
  valueType: "int",
  description: "Number of pages in the write-ahead log, where the engine reports it.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Number of times the write-ahead log was restarted or truncated, where the engine reports it. */
export const METRIC_STORAGE_WAL_RESETS = {
  name: "storage.wal.resets",
  instrument: "counter",
  unit: "{reset}",
  valueType: "int",
  description: "Number of times the write-ahead log was restarted or truncated, where the engine reports it.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Time for which the process has been running. */
export const METRIC_PROCESS_UPTIME = {
  name: "process.uptime",
  instrument: "gauge",
  unit: "s",
  valueType: "double",
  description: "Time for which the process has been running.",
  attributes: [],
} as const;

/** Duration of HTTP server requests. */
export const METRIC_HTTP_SERVER_REQUEST_DURATION = {
  name: "http.server.request.duration",
  instrument: "histogram",
  unit: "s",
  valueType: "double",
  description: "Duration of HTTP server requests.",
  boundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  attributes: ["http.request.method", "url.scheme", "http.response.status_code", "http.route", "network.protocol.version", "error.type"],
} as const;

/** Number of active HTTP server requests. */
export const METRIC_HTTP_SERVER_ACTIVE_REQUESTS = {
  name: "http.server.active_requests",
  instrument: "updowncounter",
  unit: "{request}",
  valueType: "int",
  description: "Number of active HTTP server requests.",
  attributes: ["http.request.method", "url.scheme"],
} as const;

/** Duration of HTTP client requests. */
export const METRIC_HTTP_CLIENT_REQUEST_DURATION = {
  name: "http.client.request.duration",
  instrument: "histogram",
  unit: "s",
  valueType: "double",
  description: "Duration of HTTP client requests.",
  boundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  attributes: ["http.request.method", "server.address", "server.port", "http.response.status_code", "network.protocol.version", "error.type"],
} as const;

/** Number of spans exported over OTLP or lost. */
export const METRIC_OTEL_SDK_EXPORTER_SPAN_EXPORTED = {
  name: "otel.sdk.exporter.span.exported",
  instrument: "counter",
  unit: "{span}",
  valueType: "int",
  description: "Number of spans exported over OTLP or lost.",
  attributes: ["otel.component.type", "error.type"],
} as const;

/** Number of metric data points exported over OTLP or lost, and of those left out of `/metrics`. */
export const METRIC_OTEL_SDK_EXPORTER_METRIC_DATA_POINT_EXPORTED = {
  name: "otel.sdk.exporter.metric_data_point.exported",
  instrument: "counter",
  unit: "{data_point}",
  valueType: "int",
  description: "Number of metric data points exported over OTLP or lost, and of those left out of `/metrics`.",
  attributes: ["otel.component.type", "error.type"],
} as const;

/** Number of log records exported over OTLP or lost. */
export const METRIC_OTEL_SDK_EXPORTER_LOG_EXPORTED = {
  name: "otel.sdk.exporter.log.exported",
  instrument: "counter",
  unit: "{log_record}",
  valueType: "int",
  description: "Number of log records exported over OTLP or lost.",
  attributes: ["otel.component.type", "error.type"],
} as const;

/** Number of spans put into a batch, or dropped because the queue was full. */
export const METRIC_OTEL_SDK_PROCESSOR_SPAN_PROCESSED = {
  name: "otel.sdk.processor.span.processed",
  instrument: "counter",
  unit: "{span}",
  valueType: "int",
  description: "Number of spans put into a batch, or dropped because the queue was full.",
  attributes: ["otel.component.type", "error.type"],
} as const;

/** Number of spans in the queue, waiting to be put into a batch. */
export const METRIC_OTEL_SDK_PROCESSOR_SPAN_QUEUE_SIZE = {
  name: "otel.sdk.processor.span.queue.size",
  instrument: "updowncounter",
  unit: "{span}",
  valueType: "int",
  description: "Number of spans in the queue, waiting to be put into a batch.",
  attributes: ["otel.component.type"],
} as const;

/** Maximum number of spans in the queue. */
export const METRIC_OTEL_SDK_PROCESSOR_SPAN_QUEUE_CAPACITY = {
  name: "otel.sdk.processor.span.queue.capacity",
  instrument: "updowncounter",
  unit: "{span}",
  valueType: "int",
  description: "Maximum number of spans in the queue.",
  attributes: ["otel.component.type"],
} as const;

/** Number of log records put into a batch, or dropped because the queue was full. */
export const METRIC_OTEL_SDK_PROCESSOR_LOG_PROCESSED = {
  name: "otel.sdk.processor.log.processed",
  instrument: "counter",
  unit: "{log_record}",
  valueType: "int",
  description: "Number of log records put into a batch, or dropped because the queue was full.",
  attributes: ["otel.component.type", "error.type"],
} as const;

/** Number of log records in the queue, waiting to be put into a batch. */
export const METRIC_OTEL_SDK_PROCESSOR_LOG_QUEUE_SIZE = {
  name: "otel.sdk.processor.log.queue.size",
  instrument: "updowncounter",
  unit: "{log_record}",
  valueType: "int",
  description: "Number of log records in the queue, waiting to be put into a batch.",
  attributes: ["otel.component.type"],
} as const;

/** Maximum number of log records in the queue. */
export const METRIC_OTEL_SDK_PROCESSOR_LOG_QUEUE_CAPACITY = {
  name: "otel.sdk.processor.log.queue.capacity",
  instrument: "updowncounter",
  unit: "{log_record}",
  valueType: "int",
  description: "Maximum number of log records in the queue.",
  attributes: ["otel.component.type"],
} as const;

/** Duration of one call into the storage engine, including the compilation of statements. */
export const METRIC_DB_CLIENT_OPERATION_DURATION = {
  name: "db.client.operation.duration",
  instrument: "histogram",
  unit: "s",
  valueType: "double",
  description: "Duration of one call into the storage engine, including the compilation of statements.",
  boundaries: [0.000001, 0.000005, 0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
  attributes: ["db.system.name", "db.namespace", "db.operation.name", "db.collection.name", "db.query.summary", "error.type", "storage.measurement", "storage.primitive"],
} as const;

/** Bytes the process read from and wrote to disk, as counted by Linux. Bytes written divided by records changed give the bytes written per record. */
export const METRIC_PROCESS_DISK_IO = {
  name: "process.disk.io",
  instrument: "counter",
  unit: "By",
  valueType: "int",
  description: "Bytes the process read from and wrote to disk, as counted by Linux. Bytes written divided by records changed give the bytes written per record.",
  attributes: ["disk.io.direction"],
} as const;

/** An alert of a rule evaluated in this process fired or was resolved. */
export const EVENT_ALERT_TRANSITION = "alert.transition" as const;

/** An operation took at least `STRATASCOPE_SLOW_OPERATION_MS`. If it also blocked the event loop, only this event is emitted. */
export const EVENT_STORAGE_OPERATION_SLOW = "storage.operation.slow" as const;

/** An operation blocked the event loop for at least `STRATASCOPE_BLOCKED_MS` and was not slow. */
export const EVENT_STORAGE_EVENTLOOP_BLOCKED = "storage.eventloop.blocked" as const;

/** A span ended within which one statement was run at least `STRATASCOPE_REPEATED_THRESHOLD` times. */
export const EVENT_STORAGE_OPERATION_REPEATED = "storage.operation.repeated" as const;

/** A transaction or iteration was open for at least `STRATASCOPE_LONG_OPEN_MS`. One open for ten times as long is reported while it is still open. */
export const EVENT_STORAGE_SNAPSHOT_HELD = "storage.snapshot.held" as const;

/** A transaction or iteration was open for at least `STRATASCOPE_LONG_OPEN_MS` and kept the write-ahead log from being checkpointed. */
export const EVENT_STORAGE_WAL_PINNED = "storage.wal.pinned" as const;

/** The state of a health check, or of all checks of a type together, changed. The first state is reported if it is not healthy. */
export const EVENT_HEALTH_TRANSITION = "health.transition" as const;

/** A request was answered, or its connection was lost; emitted with `STRATASCOPE_LOG_REQUESTS`. */
export const EVENT_HTTP_SERVER_REQUEST_COMPLETED = "http.server.request.completed" as const;

/** An error was not handled. Severity FATAL if it ends the process, ERROR if a listener of the application receives it. */
export const EVENT_PROCESS_ERROR_UNHANDLED = "process.error.unhandled" as const;

/** The engine stopped or slowed down writes. */
export const EVENT_STORAGE_WRITE_STALL = "storage.write.stall" as const;

/** Work in the background failed, such as a flush or a compaction. */
export const EVENT_STORAGE_BACKGROUND_ERROR = "storage.background.error" as const;

/** The engine found a damaged place in a file of the database, and skipped it; what was there is lost. */
export const EVENT_STORAGE_CORRUPTION = "storage.corruption" as const;

/** Kind of the event `storage.write.stall`. */
export const KIND_EVENT_STORAGE_WRITE_STALL = {
  name: EVENT_STORAGE_WRITE_STALL,
  severity: "WARN",
  body: "writes are held back",
} as const satisfies EventKind;

/** Kind of the event `storage.background.error`. */
export const KIND_EVENT_STORAGE_BACKGROUND_ERROR = {
  name: EVENT_STORAGE_BACKGROUND_ERROR,
  severity: "ERROR",
  body: "background work of the engine failed",
  counted: METRIC_STORAGE_BACKGROUND_ERRORS,
} as const satisfies EventKind;

/** Kind of the event `storage.corruption`. */
export const KIND_EVENT_STORAGE_CORRUPTION = {
  name: EVENT_STORAGE_CORRUPTION,
  severity: "ERROR",
  body: "data is damaged and was skipped",
  counted: METRIC_STORAGE_CORRUPTIONS,
} as const satisfies EventKind;

/** A load of an entry within a recorded trace. */
export const SPAN_STORAGE_CACHE_LOAD: SpanDefinition = {
  kind: "internal",
  name: (attributes) => attributes["storage.cache.name"] === undefined ? "load" : `load ${String(attributes["storage.cache.name"])}`,
};

/** A compaction. One that a statement runs replaces the span of the statement within a recorded trace; one in the background is the root of a trace. */
export const SPAN_STORAGE_COMPACTION: SpanDefinition = {
  kind: "internal",
  name: (attributes) => attributes["db.namespace"] === undefined ? "compaction" : `compaction ${String(attributes["db.namespace"])}`,
};

/** A memtable was written to a file. The root of a trace, unless the application waits for it. */
export const SPAN_STORAGE_FLUSH: SpanDefinition = {
  kind: "internal",
  name: (attributes) => attributes["db.namespace"] === undefined ? "flush" : `flush ${String(attributes["db.namespace"])}`,
};

/** Writes were stopped or slowed down. The root of a trace, unless one write waits for it. */
export const SPAN_STORAGE_STALL: SpanDefinition = {
  kind: "internal",
  name: (attributes) => attributes["db.namespace"] === undefined ? "stall" : `stall ${String(attributes["db.namespace"])}`,
};

/** A search within a recorded trace, which replaces the span of its statement. */
export const SPAN_STORAGE_SEARCH: SpanDefinition = {
  kind: "internal",
  name: (attributes) => attributes["storage.search.index.name"] === undefined ? "search" : `search ${String(attributes["storage.search.index.name"])}`,
};

/** A snapshot taken within a recorded trace, which replaces the span of its statement. */
export const SPAN_STORAGE_SNAPSHOT: SpanDefinition = {
  kind: "internal",
  name: (attributes) => attributes["db.namespace"] === undefined ? "snapshot" : `snapshot ${String(attributes["db.namespace"])}`,
};

/** The load of a snapshot within a recorded trace. */
export const SPAN_STORAGE_RESTORE: SpanDefinition = {
  kind: "internal",
  name: (attributes) => attributes["db.namespace"] === undefined ? "restore" : `restore ${String(attributes["db.namespace"])}`,
};

/** An explicit transaction from begin to end, within a recorded trace. */
export const SPAN_STORAGE_TRANSACTION: SpanDefinition = {
  kind: "internal",
  name: (attributes) => attributes["db.namespace"] === undefined ? "transaction" : `transaction ${String(attributes["db.namespace"])}`,
};

/** A checkpoint within a recorded trace. An automatic one lies within the commit that ran it. */
export const SPAN_STORAGE_CHECKPOINT: SpanDefinition = {
  kind: "internal",
  name: (attributes) => attributes["db.namespace"] === undefined ? "checkpoint" : `checkpoint ${String(attributes["db.namespace"])}`,
};

/** A message received over a WebSocket of a server, while its listeners run; the root of a trace, linked to the span of the upgrade. Named `message` if no route is known. */
export const SPAN_WEBSOCKET_MESSAGE: SpanDefinition = {
  kind: "consumer",
  name: (attributes) => attributes["http.route"] === undefined ? "message" : `message ${String(attributes["http.route"])}`,
};

/** One call into the storage engine that was slow or failed, recorded after the call with its actual start and end. */
export const SPAN_DB_CLIENT: SpanDefinition = {
  kind: "client",
  name: (attributes) => String(attributes["db.query.summary"]),
};

/** Kind of the span `storage.cache.load`. */
export const KIND_STORAGE_CACHE_LOAD = {
  span: SPAN_STORAGE_CACHE_LOAD,
  duration: { metric: METRIC_STORAGE_CACHE_LOAD_DURATION },
} as const satisfies ActivityKind;

/** Kind of the span `storage.compaction`. */
export const KIND_STORAGE_COMPACTION = {
  span: SPAN_STORAGE_COMPACTION,
  duration: { metric: METRIC_STORAGE_COMPACTION_DURATION },
  active: { metric: METRIC_STORAGE_COMPACTION_ACTIVE },
  lastSuccess: { metric: METRIC_STORAGE_COMPACTION_LAST_SUCCESS_TIMESTAMP },
  bytes: { metric: METRIC_STORAGE_RECLAIM_SIZE, attribute: "storage.compaction.reclaimed" },
} as const satisfies ActivityKind;

/** Kind of the span `storage.flush`. */
export const KIND_STORAGE_FLUSH = {
  span: SPAN_STORAGE_FLUSH,
  duration: { metric: METRIC_STORAGE_FLUSH_DURATION },
  bytes: { metric: METRIC_STORAGE_FLUSH_IO, attribute: "storage.flush.byte_count" },
} as const satisfies ActivityKind;

/** Kind of the span `storage.stall`. */
export const KIND_STORAGE_STALL = {
  span: SPAN_STORAGE_STALL,
  duration: { metric: METRIC_STORAGE_WRITE_STALL_DURATION },
  active: { metric: METRIC_STORAGE_WRITE_STALL_ACTIVE },
} as const satisfies ActivityKind;

/** Kind of the span `storage.search`. */
export const KIND_STORAGE_SEARCH = {
  span: SPAN_STORAGE_SEARCH,
  duration: { metric: METRIC_STORAGE_SEARCH_DURATION },
  items: { metric: METRIC_STORAGE_SEARCH_RESULTS, attribute: "db.response.returned_rows" },
} as const satisfies ActivityKind;

/** Kind of the span `storage.snapshot`. */
export const KIND_STORAGE_SNAPSHOT = {
  span: SPAN_STORAGE_SNAPSHOT,
  duration: { metric: METRIC_STORAGE_SNAPSHOT_DURATION },
  lastSuccess: { metric: METRIC_STORAGE_SNAPSHOT_LAST_SUCCESS_TIMESTAMP },
  items: { metric: METRIC_STORAGE_SNAPSHOT_PAGES, attribute: "storage.snapshot.page_count" },
  bytes: { metric: METRIC_STORAGE_SNAPSHOT_SIZE, attribute: "storage.snapshot.byte_count" },
} as const satisfies ActivityKind;

/** Kind of the span `storage.restore`. */
export const KIND_STORAGE_RESTORE = {
  span: SPAN_STORAGE_RESTORE,
  duration: { metric: METRIC_STORAGE_RESTORE_DURATION },
  bytes: { metric: METRIC_STORAGE_RESTORE_SIZE, attribute: "storage.snapshot.byte_count" },
} as const satisfies ActivityKind;

/** Kind of the span `storage.transaction`. */
export const KIND_STORAGE_TRANSACTION = {
  span: SPAN_STORAGE_TRANSACTION,
  duration: { metric: METRIC_STORAGE_TRANSACTION_DURATION },
  active: { metric: METRIC_STORAGE_TRANSACTION_ACTIVE },
  oldestAge: { metric: METRIC_STORAGE_TRANSACTION_OLDEST_AGE },
} as const satisfies ActivityKind;

/** Kind of the span `storage.checkpoint`. */
export const KIND_STORAGE_CHECKPOINT = {
  span: SPAN_STORAGE_CHECKPOINT,
  duration: { metric: METRIC_STORAGE_CHECKPOINT_DURATION },
  lastSuccess: { metric: METRIC_STORAGE_CHECKPOINT_LAST_SUCCESS_TIMESTAMP },
  items: { metric: METRIC_STORAGE_CHECKPOINT_PAGES, attribute: "storage.checkpoint.page_count" },
} as const satisfies ActivityKind;

/** Every metric, by name. */
export type MetricDefinition = typeof METRIC_ALERT_ACTIVE | typeof METRIC_ALERT_NOTIFICATIONS | typeof METRIC_STORAGE_CACHE_REQUESTS | typeof METRIC_STORAGE_CACHE_WRITES | typeof METRIC_STORAGE_CACHE_EVICTIONS | typeof METRIC_STORAGE_CACHE_USAGE | typeof METRIC_STORAGE_CACHE_LIMIT | typeof METRIC_STORAGE_CACHE_ENTRY_COUNT | typeof METRIC_STORAGE_CACHE_ENTRY_LIMIT | typeof METRIC_STORAGE_CACHE_LOAD_DURATION | typeof METRIC_STORAGE_COMPACTION_DURATION | typeof METRIC_STORAGE_COMPACTION_LAST_SUCCESS_TIMESTAMP | typeof METRIC_STORAGE_RECLAIM_SIZE | typeof METRIC_STORAGE_SNAPSHOT_HELD | typeof METRIC_STORAGE_OPERATION_SLOW | typeof METRIC_STORAGE_EVENTLOOP_BLOCKED_TIME | typeof METRIC_STORAGE_OPERATION_REPEATED | typeof METRIC_HEALTH_STATUS | typeof METRIC_HEALTH_CHECK_STATUS | typeof METRIC_HEALTH_CHECK_DURATION | typeof METRIC_HEALTH_TRANSITIONS | typeof METRIC_HEALTH_UNHANDLED_ERRORS | typeof METRIC_STORAGE_INSTRUMENTATION_ERRORS | typeof METRIC_STORAGE_INSTRUMENTATION_CALLBACK_ERRORS | typeof METRIC_STORAGE_INSTRUMENTATION_CUT_VALUES | typeof METRIC_STORAGE_INSTRUMENTATION_TIME | typeof METRIC_STORAGE_INSTRUMENTATION_TIMING_INTERVAL | typeof METRIC_STORAGE_INSTRUMENTATION_BACKLOG | typeof METRIC_STORAGE_FLUSH_DURATION | typeof METRIC_STORAGE_FLUSH_IO | typeof METRIC_STORAGE_COMPACTION_IO | typeof METRIC_STORAGE_FLUSH_ACTIVE | typeof METRIC_STORAGE_COMPACTION_WRITE_AMPLIFICATION | typeof METRIC_STORAGE_CPU_TIME | typeof METRIC_STORAGE_AMPLIFICATION_WRITE | typeof METRIC_STORAGE_AMPLIFICATION_READ | typeof METRIC_STORAGE_CORRUPTIONS | typeof METRIC_STORAGE_COMPACTION_FILES | typeof METRIC_STORAGE_COMPACTION_ACTIVE | typeof METRIC_STORAGE_COMPACTION_PENDING | typeof METRIC_STORAGE_WAL_SIZE | typeof METRIC_STORAGE_WAL_SYNC_DURATION | typeof METRIC_STORAGE_WAL_SYNCS | typeof METRIC_STORAGE_LEVEL_FILE_COUNT | typeof METRIC_STORAGE_LEVEL_SIZE | typeof METRIC_STORAGE_MEMORY_USAGE | typeof METRIC_STORAGE_BACKGROUND_ERRORS | typeof METRIC_STORAGE_WRITE_STALL_DURATION | typeof METRIC_STORAGE_WRITE_STALL_ACTIVE | typeof METRIC_STORAGE_WRITE_STALL_STATUS | typeof METRIC_STORAGE_BRANCH_COUNT | typeof METRIC_STORAGE_COLLECTOR_TIME | typeof METRIC_STORAGE_COLLECTOR_ERRORS | typeof METRIC_STORAGE_OPERATION_RECORDS | typeof METRIC_STORAGE_OPERATION_ACTIVE | typeof METRIC_STORAGE_OPERATION_SCANNED_RECORDS | typeof METRIC_STORAGE_SEARCH_DURATION | typeof METRIC_STORAGE_SEARCH_RESULTS | typeof METRIC_STORAGE_SEARCH_SEGMENTS | typeof METRIC_STORAGE_SEARCH_INDEX_UPDATE_DURATION | typeof METRIC_STORAGE_SEARCH_CANDIDATES | typeof METRIC_STORAGE_SEARCH_INDEX_UPDATES | typeof METRIC_STORAGE_SEARCH_INDEX_DOCUMENT_COUNT | typeof METRIC_STORAGE_SEARCH_INDEX_DOCUMENT_LIMIT | typeof METRIC_STORAGE_SEARCH_INDEX_TERM_COUNT | typeof METRIC_STORAGE_SEARCH_INDEX_DIMENSIONS | typeof METRIC_STORAGE_TOMBSTONE_COUNT | typeof METRIC_STORAGE_TOMBSTONE_RATIO | typeof METRIC_STORAGE_SNAPSHOT_DURATION | typeof METRIC_STORAGE_SNAPSHOT_SIZE | typeof METRIC_STORAGE_SNAPSHOT_PAGES | typeof METRIC_STORAGE_SNAPSHOT_REMAINING | typeof METRIC_STORAGE_SNAPSHOT_LAST_SUCCESS_TIMESTAMP | typeof METRIC_STORAGE_RESTORE_DURATION | typeof METRIC_STORAGE_RESTORE_SIZE | typeof METRIC_STORAGE_SNAPSHOT_ACTIVE | typeof METRIC_STORAGE_SNAPSHOT_OLDEST_AGE | typeof METRIC_STORAGE_ITERATOR_ACTIVE | typeof METRIC_STORAGE_READER_COUNT | typeof METRIC_STORAGE_READER_LIMIT | typeof METRIC_STORAGE_READER_LAG | typeof METRIC_STORAGE_SPACE_USAGE | typeof METRIC_STORAGE_SPACE_ALLOCATED | typeof METRIC_STORAGE_SPACE_LIMIT | typeof METRIC_STORAGE_RECORD_COUNT | typeof METRIC_STORAGE_FILE_IO | typeof METRIC_STORAGE_FILE_OPERATION_TIME | typeof METRIC_STORAGE_TRANSACTION_DURATION | typeof METRIC_STORAGE_TRANSACTION_COMMIT_DURATION | typeof METRIC_STORAGE_TRANSACTION_COMMIT_OFF_CPU_DURATION | typeof METRIC_STORAGE_TRANSACTION_ACTIVE | typeof METRIC_STORAGE_TRANSACTION_OLDEST_AGE | typeof METRIC_STORAGE_LOCK_WAIT_DURATION | typeof METRIC_STORAGE_LOCK_RETRIES | typeof METRIC_STORAGE_TRANSACTION_CONFLICTS | typeof METRIC_STORAGE_WAL_RECORDS | typeof METRIC_STORAGE_TRANSACTION_WAL_SIZE | typeof METRIC_STORAGE_CHECKPOINTS | typeof METRIC_STORAGE_CHECKPOINT_DURATION | typeof METRIC_STORAGE_CHECKPOINT_PAGES | typeof METRIC_STORAGE_CHECKPOINT_LAST_SUCCESS_TIMESTAMP | typeof METRIC_STORAGE_WAL_CHECKPOINT_LAG | typeof METRIC_STORAGE_WAL_PAGES | typeof METRIC_STORAGE_WAL_RESETS | typeof METRIC_PROCESS_UPTIME | typeof METRIC_HTTP_SERVER_REQUEST_DURATION | typeof METRIC_HTTP_SERVER_ACTIVE_REQUESTS | typeof METRIC_HTTP_CLIENT_REQUEST_DURATION | typeof METRIC_OTEL_SDK_EXPORTER_SPAN_EXPORTED | typeof METRIC_OTEL_SDK_EXPORTER_METRIC_DATA_POINT_EXPORTED | typeof METRIC_OTEL_SDK_EXPORTER_LOG_EXPORTED | typeof METRIC_OTEL_SDK_PROCESSOR_SPAN_PROCESSED | typeof METRIC_OTEL_SDK_PROCESSOR_SPAN_QUEUE_SIZE | typeof METRIC_OTEL_SDK_PROCESSOR_SPAN_QUEUE_CAPACITY | typeof METRIC_OTEL_SDK_PROCESSOR_LOG_PROCESSED | typeof METRIC_OTEL_SDK_PROCESSOR_LOG_QUEUE_SIZE | typeof METRIC_OTEL_SDK_PROCESSOR_LOG_QUEUE_CAPACITY | typeof METRIC_DB_CLIENT_OPERATION_DURATION | typeof METRIC_PROCESS_DISK_IO;
