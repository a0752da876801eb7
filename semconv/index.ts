// Generated from semconv/registry by `npm run generate`. Do not edit.

/** An attribute set that fits a metric: its attributes and no others. */
export type AttributesOf<D extends { readonly attributes: readonly string[] }> = {
  readonly [K in D["attributes"][number]]?: string | number | boolean | undefined;
};

/** Name of the rule. */
export const ATTR_ALERT_NAME = "alert.name" as const;

/** How urgent it is, as the rule says. */
export const ATTR_ALERT_SEVERITY = "alert.severity" as const;
/** Good to know. */
export const ALERT_SEVERITY_VALUE_INFO = "info" as const;
/** Somebody should look during working hours. */
export const ALERT_SEVERITY_VALUE_WARNING = "warning" as const;
/** Somebody should look now. */
export const ALERT_SEVERITY_VALUE_CRITICAL = "critical" as const;
/** Somebody should be woken up. */
export const ALERT_SEVERITY_VALUE_EMERGENCY = "emergency" as const;
export type AlertSeverity = "info" | "warning" | "critical" | "emergency";

/** What became of the alert. */
export const ATTR_ALERT_STATE = "alert.state" as const;
/** What the rule is about has been so for long enough. */
export const ALERT_STATE_VALUE_FIRING = "firing" as const;
/** It is not so any more. */
export const ALERT_STATE_VALUE_RESOLVED = "resolved" as const;
export type AlertState = "firing" | "resolved";

/** What the value was compared with. */
export const ATTR_ALERT_THRESHOLD = "alert.threshold" as const;

/** What was compared with the threshold, in the unit of the metric; for a rate, of it in a second. */
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

/** Name of the health check. Those of the application have names of their own. */
export const ATTR_HEALTH_CHECK_NAME = "health.check.name" as const;
/** The event loop turns. */
export const HEALTH_CHECK_NAME_VALUE_EVENT_LOOP = "event_loop" as const;
/** There is memory left, of the heap and of what the process may have. */
export const HEALTH_CHECK_NAME_VALUE_PROCESS_MEMORY = "process.memory" as const;
/** The databases that have to be open are, and their files are those that were opened. */
export const HEALTH_CHECK_NAME_VALUE_STORAGE_OPEN = "storage.open" as const;
/** What a crash left behind has been dealt with. */
export const HEALTH_CHECK_NAME_VALUE_STORAGE_RECOVERY = "storage.recovery" as const;
/** The databases may be written, and what the application wrote last was. */
export const HEALTH_CHECK_NAME_VALUE_STORAGE_WAL_WRITABLE = "storage.wal_writable" as const;
/** There is room beside the databases. */
export const HEALTH_CHECK_NAME_VALUE_STORAGE_DISK_SPACE = "storage.disk_space" as const;
/** What is written to a file of its own is what is read from it. */
export const HEALTH_CHECK_NAME_VALUE_STORAGE_RW_PROBE = "storage.rw_probe" as const;
/** Write-ahead logs are checkpointed. */
export const HEALTH_CHECK_NAME_VALUE_STORAGE_CHECKPOINT = "storage.checkpoint" as const;
/** Not too many operations or requests fail. */
export const HEALTH_CHECK_NAME_VALUE_ERROR_RATE = "error_rate" as const;
export type HealthCheckName = "event_loop" | "process.memory" | "storage.open" | "storage.recovery" | "storage.wal_writable" | "storage.disk_space" | "storage.rw_probe" | "storage.checkpoint" | "error_rate";

/** What the check is asked for. */
export const ATTR_HEALTH_CHECK_TYPE = "health.check.type" as const;
/** Whether the process should go on at all; it depends on nothing outside of it. */
export const HEALTH_CHECK_TYPE_VALUE_LIVENESS = "liveness" as const;
/** Whether the process should be given work. */
export const HEALTH_CHECK_TYPE_VALUE_READINESS = "readiness" as const;
export type HealthCheckType = "liveness" | "readiness";

/** How an error reached the process without anybody handling it. */
export const ATTR_HEALTH_ERROR_TYPE = "health.error.type" as const;
/** It was thrown and not caught. */
export const HEALTH_ERROR_TYPE_VALUE_UNCAUGHT_EXCEPTION = "uncaught_exception" as const;
/** A promise was rejected and nobody listened. */
export const HEALTH_ERROR_TYPE_VALUE_UNHANDLED_REJECTION = "unhandled_rejection" as const;
export type HealthErrorType = "uncaught_exception" | "unhandled_rejection";

/** How well it is. */
export const ATTR_HEALTH_STATE = "health.state" as const;
/** As it should be. */
export const HEALTH_STATE_VALUE_HEALTHY = "healthy" as const;
/** It works, and somebody should look; also what cannot be known. */
export const HEALTH_STATE_VALUE_DEGRADED = "degraded" as const;
/** It does not work. */
export const HEALTH_STATE_VALUE_UNHEALTHY = "unhealthy" as const;
/** It does not work, and data is in danger. */
export const HEALTH_STATE_VALUE_CRITICAL = "critical" as const;
export type HealthState = "healthy" | "degraded" | "unhealthy" | "critical";

export const ATTR_HTTP_REQUEST_METHOD = "http.request.method" as const;

export const ATTR_HTTP_REQUEST_METHOD_ORIGINAL = "http.request.method_original" as const;

export const ATTR_HTTP_RESPONSE_STATUS_CODE = "http.response.status_code" as const;

export const ATTR_HTTP_ROUTE = "http.route" as const;

/** Records of the same subsystem that sampling left out since the last one; `dropped` in lines. */
export const ATTR_LOG_SAMPLING_DROPPED = "log.sampling.dropped" as const;

export const ATTR_NETWORK_PEER_ADDRESS = "network.peer.address" as const;

export const ATTR_NETWORK_PEER_PORT = "network.peer.port" as const;

export const ATTR_NETWORK_PROTOCOL_NAME = "network.protocol.name" as const;

export const ATTR_NETWORK_PROTOCOL_VERSION = "network.protocol.version" as const;

export const ATTR_OTEL_COMPONENT_TYPE = "otel.component.type" as const;

/** Identifies what the request is part of, over all services; `correlation_id` in lines. As it came in, otherwise the trace id. */
export const ATTR_REQUEST_CORRELATION_ID = "request.correlation_id" as const;

/** Time in seconds the request or job took; `duration_ms` in lines, in milliseconds. */
export const ATTR_REQUEST_DURATION = "request.duration" as const;

/** Identifies the request within the service; `request_id` in lines. As the caller named it, otherwise the id of the span it is served in. */
export const ATTR_REQUEST_ID = "request.id" as const;

/** How the request or job ended; `outcome` in lines. */
export const ATTR_REQUEST_OUTCOME = "request.outcome" as const;
/** It was done. */
export const REQUEST_OUTCOME_VALUE_SUCCESS = "success" as const;
/** It was not done. */
export const REQUEST_OUTCOME_VALUE_ERROR = "error" as const;
/** It was not done, and is to be tried again; of HTTP the statuses 408, 425, 429 and 503. */
export const REQUEST_OUTCOME_VALUE_RETRY = "retry" as const;
export type RequestOutcome = "success" | "error" | "retry";

/** What part of the system the record comes from; `source` in lines. */
export const ATTR_REQUEST_SOURCE = "request.source" as const;
/** A server that answers requests. */
export const REQUEST_SOURCE_VALUE_API = "api" as const;
/** A job. */
export const REQUEST_SOURCE_VALUE_JOB = "job" as const;
/** What people use. */
export const REQUEST_SOURCE_VALUE_FRONTEND = "frontend" as const;
/** A process that works on jobs. */
export const REQUEST_SOURCE_VALUE_WORKER = "worker" as const;
export type RequestSource = "api" | "job" | "frontend" | "worker";

export const ATTR_SERVER_ADDRESS = "server.address" as const;

export const ATTR_SERVER_PORT = "server.port" as const;

/** Time in seconds for which that has been open. */
export const ATTR_STORAGE_CHECKPOINT_BLOCKER_AGE = "storage.checkpoint.blocker.age" as const;

/** Summary of the statement that began what this process has open for the longest time, where a checkpoint could not be completed. */
export const ATTR_STORAGE_CHECKPOINT_BLOCKER_SUMMARY = "storage.checkpoint.blocker.summary" as const;

/** How far the checkpoint was to go. */
export const ATTR_STORAGE_CHECKPOINT_MODE = "storage.checkpoint.mode" as const;
/** As far as it went without waiting for anyone. */
export const STORAGE_CHECKPOINT_MODE_VALUE_PASSIVE = "passive" as const;
/** Waited for the writer, so that the whole log was in the database. */
export const STORAGE_CHECKPOINT_MODE_VALUE_FULL = "full" as const;
/** Waited for readers too, so that the next writer starts the log over. */
export const STORAGE_CHECKPOINT_MODE_VALUE_RESTART = "restart" as const;
/** Waited for readers too, and cut the log to nothing. */
export const STORAGE_CHECKPOINT_MODE_VALUE_TRUNCATE = "truncate" as const;
export type StorageCheckpointMode = "passive" | "full" | "restart" | "truncate";

/** Pages of the log the checkpoint brought into the database. */
export const ATTR_STORAGE_CHECKPOINT_PAGE_COUNT = "storage.checkpoint.page_count" as const;

/** Pages of the log the checkpoint could not bring into the database. */
export const ATTR_STORAGE_CHECKPOINT_PAGES_LEFT = "storage.checkpoint.pages_left" as const;

/** What started the checkpoint. */
export const ATTR_STORAGE_CHECKPOINT_TRIGGER = "storage.checkpoint.trigger" as const;
/** A commit that left the log longer than the engine lets it grow; the commit waited for it. */
export const STORAGE_CHECKPOINT_TRIGGER_VALUE_AUTO = "auto" as const;
/** A statement of the application. */
export const STORAGE_CHECKPOINT_TRIGGER_VALUE_MANUAL = "manual" as const;
/** The last connection was closed. */
export const STORAGE_CHECKPOINT_TRIGGER_VALUE_SHUTDOWN = "shutdown" as const;
/** Not known; the checkpoint was noticed later, by the change of the file. It was run by another process, or was too short to stand out of its commit. */
export const STORAGE_CHECKPOINT_TRIGGER_VALUE_OTHER = "other" as const;
export type StorageCheckpointTrigger = "auto" | "manual" | "shutdown" | "other";

/** Bytes by which the compaction made the database smaller. */
export const ATTR_STORAGE_COMPACTION_RECLAIMED = "storage.compaction.reclaimed" as const;

/** How the data is compacted. */
export const ATTR_STORAGE_COMPACTION_TYPE = "storage.compaction.type" as const;
/** The database is written anew, without free pages. */
export const STORAGE_COMPACTION_TYPE_VALUE_VACUUM = "vacuum" as const;
/** Free pages are cut off the end of the file. */
export const STORAGE_COMPACTION_TYPE_VALUE_INCREMENTAL_VACUUM = "incremental_vacuum" as const;
/** Some segments of a search index are merged. */
export const STORAGE_COMPACTION_TYPE_VALUE_MERGE = "merge" as const;
/** All segments of a search index are merged into one. */
export const STORAGE_COMPACTION_TYPE_VALUE_OPTIMIZE = "optimize" as const;
/** A search index is made anew from what it indexes. */
export const STORAGE_COMPACTION_TYPE_VALUE_REBUILD = "rebuild" as const;
export type StorageCompactionType = "vacuum" | "incremental_vacuum" | "merge" | "optimize" | "rebuild";

/** What the transaction lost. */
export const ATTR_STORAGE_CONFLICT_REASON = "storage.conflict.reason" as const;
/** Another connection held the lock for longer than this one would wait. */
export const STORAGE_CONFLICT_REASON_VALUE_BUSY = "busy" as const;
/** Another connection wrote after the snapshot of this transaction was taken. */
export const STORAGE_CONFLICT_REASON_VALUE_SERIALIZATION = "serialization" as const;
export type StorageConflictReason = "busy" | "serialization";

/** The npm package through which the application drives the engine. */
export const ATTR_STORAGE_DRIVER_NAME = "storage.driver.name" as const;

/** Events about the same statement that were left out since the last one, to keep their number within bounds. */
export const ATTR_STORAGE_EVENT_SUPPRESSED = "storage.event.suppressed" as const;

/** What a file of the engine holds. */
export const ATTR_STORAGE_FILE_TYPE = "storage.file.type" as const;
/** The data itself. */
export const STORAGE_FILE_TYPE_VALUE_TABLE = "table" as const;
/** The write-ahead log. */
export const STORAGE_FILE_TYPE_VALUE_WAL = "wal" as const;
export type StorageFileType = "table" | "wal";

/** The lock that was waited for. */
export const ATTR_STORAGE_LOCK_TYPE = "storage.lock.type" as const;
/** The one lock that lets a transaction write to the database. */
export const STORAGE_LOCK_TYPE_VALUE_WRITE = "write" as const;
export type StorageLockType = "write";

/** How the value was obtained; absent where it is exact. */
export const ATTR_STORAGE_MEASUREMENT = "storage.measurement" as const;
/** Counts are exact, durations are measured on a sample. */
export const STORAGE_MEASUREMENT_VALUE_ESTIMATED = "estimated" as const;
/** Some of what happened was measured, and that alone is counted. */
export const STORAGE_MEASUREMENT_VALUE_SAMPLED = "sampled" as const;
export type StorageMeasurement = "estimated" | "sampled";

/** Time in seconds for which the operation kept the event loop from everything else, without a break as long as the threshold. */
export const ATTR_STORAGE_OPERATION_BLOCKED_TIME = "storage.operation.blocked_time" as const;

/** Records the engine read one after the other because no index leads to those that were wanted. */
export const ATTR_STORAGE_OPERATION_SCANNED_ROWS = "storage.operation.scanned_rows" as const;

/** Time in seconds the operation took; the application's own time between two steps of an iteration is not part of it. */
export const ATTR_STORAGE_OPERATION_TIME = "storage.operation.time" as const;

/** How the engine runs the statement, a line for each step, as it says after the run. It is planned without the values bound to it. */
export const ATTR_STORAGE_QUERY_PLAN = "storage.query.plan" as const;

/** Operations that went to each of the databases, in the same order. */
export const ATTR_STORAGE_ROLLUP_DATABASE_OPERATIONS = "storage.rollup.database.operations" as const;

/** Time in seconds the operations of each of the databases took, in the same order. */
export const ATTR_STORAGE_ROLLUP_DATABASE_TIME = "storage.rollup.database.time" as const;

/** The databases the operations went to. */
export const ATTR_STORAGE_ROLLUP_DATABASES = "storage.rollup.databases" as const;

/** Storage operations of the span that failed. */
export const ATTR_STORAGE_ROLLUP_ERRORS = "storage.rollup.errors" as const;

/** Transactions, searches, checkpoints, snapshots and compactions inside of the span that have no span of their own, as it had as many as the span budget allows and they were neither slow nor failed. */
export const ATTR_STORAGE_ROLLUP_OMITTED_SPANS = "storage.rollup.omitted_spans" as const;

/** Storage operations performed while the span was the active one, without the preparing of statements. */
export const ATTR_STORAGE_ROLLUP_OPERATIONS = "storage.rollup.operations" as const;

/** Operations of the span of no other kind, such as pragmas and maintenance. */
export const ATTR_STORAGE_ROLLUP_OTHER_OPERATIONS = "storage.rollup.other.operations" as const;

/** Time in seconds of the operations of no other kind. */
export const ATTR_STORAGE_ROLLUP_OTHER_TIME = "storage.rollup.other.time" as const;

/** Statements compiled while the span was the active one. */
export const ATTR_STORAGE_ROLLUP_PREPARE_OPERATIONS = "storage.rollup.prepare.operations" as const;

/** Time in seconds spent compiling statements. */
export const ATTR_STORAGE_ROLLUP_PREPARE_TIME = "storage.rollup.prepare.time" as const;

/** Operations of the span that read data. */
export const ATTR_STORAGE_ROLLUP_READ_OPERATIONS = "storage.rollup.read.operations" as const;

/** Time in seconds of the operations that read data. */
export const ATTR_STORAGE_ROLLUP_READ_TIME = "storage.rollup.read.time" as const;

/** How often the statement that was run most often inside the span was run, if that was often enough to be told. */
export const ATTR_STORAGE_ROLLUP_REPEATED_COUNT = "storage.rollup.repeated_count" as const;

/** Summary of the statement that was run most often inside the span, if that was often enough to be told. */
export const ATTR_STORAGE_ROLLUP_REPEATED_OPERATION = "storage.rollup.repeated_operation" as const;

/** Rows the storage operations of the span returned or changed. */
export const ATTR_STORAGE_ROLLUP_ROWS = "storage.rollup.rows" as const;

/** Time in seconds the storage operations of the span took. */
export const ATTR_STORAGE_ROLLUP_TIME = "storage.rollup.time" as const;

/** Operations of the span that began, ended or marked a transaction. */
export const ATTR_STORAGE_ROLLUP_TRANSACTION_OPERATIONS = "storage.rollup.transaction.operations" as const;

/** Time in seconds of the operations that began, ended or marked a transaction. A commit pays for its durability here. */
export const ATTR_STORAGE_ROLLUP_TRANSACTION_TIME = "storage.rollup.transaction.time" as const;

/** Storage operations of the span that were not timed themselves, see `storage.instrumentation.timing_interval`. Each is summed up with the time that the last one of its kind took. */
export const ATTR_STORAGE_ROLLUP_UNTIMED_OPERATIONS = "storage.rollup.untimed_operations" as const;

/** Time in seconds of the operations that was spent waiting for a lock, as far as that is told apart. */
export const ATTR_STORAGE_ROLLUP_WAIT_TIME = "storage.rollup.wait_time" as const;

/** Operations of the span that changed data or schema. */
export const ATTR_STORAGE_ROLLUP_WRITE_OPERATIONS = "storage.rollup.write.operations" as const;

/** Time in seconds of the operations that changed data or schema. */
export const ATTR_STORAGE_ROLLUP_WRITE_TIME = "storage.rollup.write.time" as const;

/** The search index, as the schema names it. */
export const ATTR_STORAGE_SEARCH_INDEX_NAME = "storage.search.index.name" as const;

/** What the index searches by. */
export const ATTR_STORAGE_SEARCH_TYPE = "storage.search.type" as const;
/** Words or parts of words. */
export const STORAGE_SEARCH_TYPE_VALUE_FULLTEXT = "fulltext" as const;
/** The nearest vectors. */
export const STORAGE_SEARCH_TYPE_VALUE_VECTOR = "vector" as const;
export type StorageSearchType = "fulltext" | "vector";

/** Time in seconds from which an operation counts as slow. */
export const ATTR_STORAGE_SLOW_THRESHOLD = "storage.slow.threshold" as const;

/** Time in seconds for which the transaction or the iteration has been open. */
export const ATTR_STORAGE_SNAPSHOT_AGE = "storage.snapshot.age" as const;

/** Bytes of the snapshot. */
export const ATTR_STORAGE_SNAPSHOT_BYTE_COUNT = "storage.snapshot.byte_count" as const;

/** Whether it is still open. */
export const ATTR_STORAGE_SNAPSHOT_OPEN = "storage.snapshot.open" as const;

/** Pages of the snapshot. */
export const ATTR_STORAGE_SNAPSHOT_PAGE_COUNT = "storage.snapshot.page_count" as const;

/** How the snapshot was taken. */
export const ATTR_STORAGE_SNAPSHOT_TYPE = "storage.snapshot.type" as const;
/** Copied step by step, while the database is used in between. */
export const STORAGE_SNAPSHOT_TYPE_VALUE_BACKUP = "backup" as const;
/** Copied to memory in one call. */
export const STORAGE_SNAPSHOT_TYPE_VALUE_SERIALIZE = "serialize" as const;
/** Written compacted to a file by one statement. */
export const STORAGE_SNAPSHOT_TYPE_VALUE_VACUUM_INTO = "vacuum_into" as const;
export type StorageSnapshotType = "backup" | "serialize" | "vacuum_into";

/** What space of the engine is good for. */
export const ATTR_STORAGE_SPACE_STATE = "storage.space.state" as const;
/** It holds data, or what the engine needs to find it. */
export const STORAGE_SPACE_STATE_VALUE_LIVE = "live" as const;
/** It held data once, and will again or be given back by a compaction. */
export const STORAGE_SPACE_STATE_VALUE_FREE = "free" as const;
export type StorageSpaceState = "live" | "free";

/** How the transaction was opened. */
export const ATTR_STORAGE_TRANSACTION_MODE = "storage.transaction.mode" as const;
/** Takes its locks at the first read and the first write. */
export const STORAGE_TRANSACTION_MODE_VALUE_DEFERRED = "deferred" as const;
/** Takes the write lock at once. */
export const STORAGE_TRANSACTION_MODE_VALUE_IMMEDIATE = "immediate" as const;
/** Takes an exclusive lock at once. */
export const STORAGE_TRANSACTION_MODE_VALUE_EXCLUSIVE = "exclusive" as const;
/** The transaction of a single write outside an explicit transaction. */
export const STORAGE_TRANSACTION_MODE_VALUE_AUTOCOMMIT = "autocommit" as const;
export type StorageTransactionMode = "deferred" | "immediate" | "exclusive" | "autocommit";

/** How the transaction ended. */
export const ATTR_STORAGE_TRANSACTION_OUTCOME = "storage.transaction.outcome" as const;
/** Its changes became visible. */
export const STORAGE_TRANSACTION_OUTCOME_VALUE_COMMIT = "commit" as const;
/** The application rolled it back, or closed the database on it. */
export const STORAGE_TRANSACTION_OUTCOME_VALUE_ROLLBACK = "rollback" as const;
/** It lost a lock or a snapshot to another transaction. */
export const STORAGE_TRANSACTION_OUTCOME_VALUE_CONFLICT = "conflict" as const;
/** A statement of it failed, and it was rolled back for that by the application or by the engine. */
export const STORAGE_TRANSACTION_OUTCOME_VALUE_ERROR = "error" as const;
export type StorageTransactionOutcome = "commit" | "rollback" | "conflict" | "error";

/** Savepoints set inside the transaction. */
export const ATTR_STORAGE_TRANSACTION_SAVEPOINTS = "storage.transaction.savepoints" as const;

/** Statements executed inside the transaction; those that begin, end or mark it are not counted. */
export const ATTR_STORAGE_TRANSACTION_STATEMENTS = "storage.transaction.statements" as const;

/** Bytes of the write-ahead log that should have been checkpointed by then and could not be. */
export const ATTR_STORAGE_WAL_PINNED_SIZE = "storage.wal.pinned_size" as const;

/** The tenant or organisation the work is done for; `org_id` in lines. */
export const ATTR_TENANT_ID = "tenant.id" as const;

/** The project of the tenant; `project_id` in lines. */
export const ATTR_TENANT_PROJECT_ID = "tenant.project.id" as const;

export const ATTR_THREAD_ID = "thread.id" as const;

export const ATTR_THREAD_NAME = "thread.name" as const;

export const ATTR_URL_FULL = "url.full" as const;

export const ATTR_URL_PATH = "url.path" as const;

export const ATTR_URL_QUERY = "url.query" as const;

export const ATTR_URL_SCHEME = "url.scheme" as const;

export const ATTR_USER_ID = "user.id" as const;

export const ATTR_USER_AGENT_ORIGINAL = "user_agent.original" as const;

/** Bytes of the message, decompressed and put together of its frames. */
export const ATTR_WEBSOCKET_MESSAGE_SIZE = "websocket.message.size" as const;

/** What kind of data the message was sent as. */
export const ATTR_WEBSOCKET_MESSAGE_TYPE = "websocket.message.type" as const;
/** UTF-8 text. */
export const WEBSOCKET_MESSAGE_TYPE_VALUE_TEXT = "text" as const;
/** Bytes. */
export const WEBSOCKET_MESSAGE_TYPE_VALUE_BINARY = "binary" as const;
export type WebsocketMessageType = "text" | "binary";

/** Alerts of the rule that are firing. */
export const METRIC_ALERT_ACTIVE = {
  name: "alert.active",
  instrument: "updowncounter",
  unit: "{alert}",
  valueType: "int",
  description: "Alerts of the rule that are firing.",
  attributes: ["alert.name", "alert.severity"],
} as const;

/** Notifications for the webhook, delivered or given up. */
export const METRIC_ALERT_NOTIFICATIONS = {
  name: "alert.notifications",
  instrument: "counter",
  unit: "{notification}",
  valueType: "int",
  description: "Notifications for the webhook, delivered or given up.",
  attributes: ["error.type"],
} as const;

/** Duration of compactions. */
export const METRIC_STORAGE_COMPACTION_DURATION = {
  name: "storage.compaction.duration",
  instrument: "histogram",
  unit: "s",
  valueType: "double",
  description: "Duration of compactions.",
  boundaries: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68, 655.36],
  attributes: ["db.system.name", "db.namespace", "storage.compaction.type", "storage.search.index.name", "error.type"],
} as const;

/** Unix time of the last compaction that succeeded. */
export const METRIC_STORAGE_COMPACTION_LAST_SUCCESS_TIMESTAMP = {
  name: "storage.compaction.last_success.timestamp",
  instrument: "gauge",
  unit: "s",
  valueType: "double",
  description: "Unix time of the last compaction that succeeded.",
  outlivesDatabase: true,
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Bytes by which compactions made the database smaller, where that can be told without waiting for a lock. */
export const METRIC_STORAGE_RECLAIM_SIZE = {
  name: "storage.reclaim.size",
  instrument: "counter",
  unit: "By",
  valueType: "int",
  description: "Bytes by which compactions made the database smaller, where that can be told without waiting for a lock.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Transactions and iterations that were open for at least as long as `STRATASCOPE_LONG_OPEN_MS` says, by the statement that opened them. */
export const METRIC_STORAGE_SNAPSHOT_HELD = {
  name: "storage.snapshot.held",
  instrument: "counter",
  unit: "{snapshot}",
  valueType: "int",
  description: "Transactions and iterations that were open for at least as long as `STRATASCOPE_LONG_OPEN_MS` says, by the statement that opened them.",
  attributes: ["db.system.name", "db.namespace", "db.operation.name", "db.collection.name", "db.query.summary"],
} as const;

/** Operations that took at least as long as `STRATASCOPE_SLOW_OPERATION_MS` says. */
export const METRIC_STORAGE_OPERATION_SLOW = {
  name: "storage.operation.slow",
  instrument: "counter",
  unit: "{operation}",
  valueType: "int",
  description: "Operations that took at least as long as `STRATASCOPE_SLOW_OPERATION_MS` says.",
  attributes: ["db.system.name", "db.namespace", "db.operation.name", "db.collection.name", "db.query.summary"],
} as const;

/** Time for which operations kept the event loop from everything else, of those calls alone that took at least as long as `STRATASCOPE_BLOCKED_MS` says. */
export const METRIC_STORAGE_EVENTLOOP_BLOCKED_TIME = {
  name: "storage.eventloop.blocked_time",
  instrument: "counter",
  unit: "s",
  valueType: "double",
  description: "Time for which operations kept the event loop from everything else, of those calls alone that took at least as long as `STRATASCOPE_BLOCKED_MS` says.",
  attributes: ["db.system.name", "db.namespace", "db.operation.name", "db.collection.name", "db.query.summary"],
} as const;

/** Spans inside which the statement was run at least as often as `STRATASCOPE_REPEATED_THRESHOLD` says. */
export const METRIC_STORAGE_OPERATION_REPEATED = {
  name: "storage.operation.repeated",
  instrument: "counter",
  unit: "{detection}",
  valueType: "int",
  description: "Spans inside which the statement was run at least as often as `STRATASCOPE_REPEATED_THRESHOLD` says.",
  attributes: ["db.system.name", "db.namespace", "db.operation.name", "db.collection.name", "db.query.summary"],
} as const;

/** 1 for the state all checks of the type are in together, 0 for the others. */
export const METRIC_HEALTH_STATUS = {
  name: "health.status",
  instrument: "updowncounter",
  unit: "1",
  valueType: "int",
  description: "1 for the state all checks of the type are in together, 0 for the others.",
  attributes: ["health.check.type", "health.state"],
} as const;

/** 1 for the state the check is in, 0 for the others. */
export const METRIC_HEALTH_CHECK_STATUS = {
  name: "health.check.status",
  instrument: "updowncounter",
  unit: "1",
  valueType: "int",
  description: "1 for the state the check is in, 0 for the others.",
  attributes: ["health.check.name", "health.check.type", "health.state"],
} as const;

/** Time a run of the check took. */
export const METRIC_HEALTH_CHECK_DURATION = {
  name: "health.check.duration",
  instrument: "histogram",
  unit: "s",
  valueType: "double",
  description: "Time a run of the check took.",
  boundaries: [0.0001, 0.001, 0.01, 0.1, 1, 10],
  attributes: ["health.check.name", "error.type"],
} as const;

/** Changes of the state all checks of the type are in together, by the state they changed to. */
export const METRIC_HEALTH_TRANSITIONS = {
  name: "health.transitions",
  instrument: "counter",
  unit: "{transition}",
  valueType: "int",
  description: "Changes of the state all checks of the type are in together, by the state they changed to.",
  attributes: ["health.check.type", "health.state"],
} as const;

/** Errors that nobody handled; by default each of them ends the process. */
export const METRIC_HEALTH_UNHANDLED_ERRORS = {
  name: "health.unhandled_errors",
  instrument: "counter",
  unit: "{error}",
  valueType: "int",
  description: "Errors that nobody handled; by default each of them ends the process.",
  attributes: ["health.error.type"],
} as const;

/** Failures inside stratascope itself. The part that failed has switched itself off; the application was not affected. */
export const METRIC_STORAGE_INSTRUMENTATION_ERRORS = {
  name: "storage.instrumentation.errors",
  instrument: "counter",
  unit: "{error}",
  valueType: "int",
  description: "Failures inside stratascope itself. The part that failed has switched itself off; the application was not affected.",
  attributes: ["storage.driver.name"],
} as const;

/** Runs of observable callbacks of the application that failed, or had not settled when a collection stopped waiting for them; what they observe is missing. */
export const METRIC_STORAGE_INSTRUMENTATION_CALLBACK_ERRORS = {
  name: "storage.instrumentation.callback.errors",
  instrument: "counter",
  unit: "{error}",
  valueType: "int",
  description: "Runs of observable callbacks of the application that failed, or had not settled when a collection stopped waiting for them; what they observe is missing.",
  attributes: ["error.type"],
} as const;

/** Values the application gave a log record, a span or a measurement that could not be kept whole; what is cut of one is marked, and what it came with is kept. */
export const METRIC_STORAGE_INSTRUMENTATION_CUT_VALUES = {
  name: "storage.instrumentation.cut_values",
  instrument: "counter",
  unit: "{value}",
  valueType: "int",
  description: "Values the application gave a log record, a span or a measurement that could not be kept whole; what is cut of one is marked, and what it came with is kept.",
  attributes: ["error.type"],
} as const;

/** Time in which the event loop waited for telemetry to be serialized, the greater part of what stratascope costs outside of the operations it measures. */
export const METRIC_STORAGE_INSTRUMENTATION_TIME = {
  name: "storage.instrumentation.time",
  instrument: "counter",
  unit: "s",
  valueType: "double",
  description: "Time in which the event loop waited for telemetry to be serialized, the greater part of what stratascope costs outside of the operations it measures.",
  attributes: ["otel.component.type"],
} as const;

/** Operations of a database for each one whose duration is measured. 1 where all are; more where they are so many that reading the clock would take more than `STRATASCOPE_TIMING_PERCENT` of the time. Counts are exact either way. */
export const METRIC_STORAGE_INSTRUMENTATION_TIMING_INTERVAL = {
  name: "storage.instrumentation.timing_interval",
  instrument: "gauge",
  unit: "{operation}",
  valueType: "int",
  description: "Operations of a database for each one whose duration is measured. 1 where all are; more where they are so many that reading the clock would take more than `STRATASCOPE_TIMING_PERCENT` of the time. Counts are exact either way.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Serialized telemetry that waits to be sent over OTLP. */
export const METRIC_STORAGE_INSTRUMENTATION_BACKLOG = {
  name: "storage.instrumentation.backlog",
  instrument: "updowncounter",
  unit: "By",
  valueType: "int",
  description: "Serialized telemetry that waits to be sent over OTLP.",
  attributes: ["otel.component.type"],
} as const;

/** Records that operations returned to the application or changed for it. */
export const METRIC_STORAGE_OPERATION_RECORDS = {
  name: "storage.operation.records",
  instrument: "counter",
  unit: "{record}",
  valueType: "int",
  description: "Records that operations returned to the application or changed for it.",
  attributes: ["db.system.name", "db.namespace", "db.operation.name", "db.collection.name", "db.query.summary", "disk.io.direction"],
} as const;

/** Records an engine read one after the other because no index leads to those that were wanted. Far more than `storage.operation.records` is an index that is missing. */
export const METRIC_STORAGE_OPERATION_SCANNED_RECORDS = {
  name: "storage.operation.scanned_records",
  instrument: "counter",
  unit: "{record}",
  valueType: "int",
  description: "Records an engine read one after the other because no index leads to those that were wanted. Far more than `storage.operation.records` is an index that is missing.",
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

/** Results the application took from a search that succeeded. */
export const METRIC_STORAGE_SEARCH_RESULTS = {
  name: "storage.search.results",
  instrument: "histogram",
  unit: "{result}",
  valueType: "int",
  description: "Results the application took from a search that succeeded.",
  boundaries: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000],
  attributes: ["db.system.name", "db.namespace", "storage.search.type", "storage.search.index.name"],
} as const;

/** Segments of a search index that was used; the more there are, the longer a search takes. Asked where that waits for no lock and is in nobody's way. */
export const METRIC_STORAGE_SEARCH_SEGMENTS = {
  name: "storage.search.segments",
  instrument: "gauge",
  unit: "{segment}",
  valueType: "int",
  description: "Segments of a search index that was used; the more there are, the longer a search takes. Asked where that waits for no lock and is in nobody's way.",
  attributes: ["db.system.name", "db.namespace", "storage.search.type", "storage.search.index.name"],
} as const;

/** Duration of statements that change a search index directly; what triggers write is part of the statement that fired them. */
export const METRIC_STORAGE_SEARCH_INDEX_UPDATE_DURATION = {
  name: "storage.search.index.update.duration",
  instrument: "histogram",
  unit: "s",
  valueType: "double",
  description: "Duration of statements that change a search index directly; what triggers write is part of the statement that fired them.",
  boundaries: [0.000001, 0.000005, 0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
  attributes: ["db.system.name", "db.namespace", "storage.search.type", "storage.search.index.name", "error.type"],
} as const;

/** Duration of taking snapshots; that of a backup includes what else the process does between its steps. */
export const METRIC_STORAGE_SNAPSHOT_DURATION = {
  name: "storage.snapshot.duration",
  instrument: "histogram",
  unit: "s",
  valueType: "double",
  description: "Duration of taking snapshots; that of a backup includes what else the process does between its steps.",
  boundaries: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68, 655.36],
  attributes: ["db.system.name", "db.namespace", "storage.snapshot.type", "error.type"],
} as const;

/** Size of the snapshots that succeeded, where it is known. */
export const METRIC_STORAGE_SNAPSHOT_SIZE = {
  name: "storage.snapshot.size",
  instrument: "histogram",
  unit: "By",
  valueType: "int",
  description: "Size of the snapshots that succeeded, where it is known.",
  boundaries: [256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864, 268435456, 1073741824],
  attributes: ["db.system.name", "db.namespace", "storage.snapshot.type"],
} as const;

/** Pages of the snapshots that succeeded, where the engine tells how many. */
export const METRIC_STORAGE_SNAPSHOT_PAGES = {
  name: "storage.snapshot.pages",
  instrument: "counter",
  unit: "{page}",
  valueType: "int",
  description: "Pages of the snapshots that succeeded, where the engine tells how many.",
  attributes: ["db.system.name", "db.namespace", "storage.snapshot.type"],
} as const;

/** Pages that backups going on have still to copy, as far as they have told. */
export const METRIC_STORAGE_SNAPSHOT_REMAINING = {
  name: "storage.snapshot.remaining",
  instrument: "updowncounter",
  unit: "{page}",
  valueType: "int",
  description: "Pages that backups going on have still to copy, as far as they have told.",
  outlivesDatabase: true,
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Unix time of the last snapshot that succeeded. */
export const METRIC_STORAGE_SNAPSHOT_LAST_SUCCESS_TIMESTAMP = {
  name: "storage.snapshot.last_success.timestamp",
  instrument: "gauge",
  unit: "s",
  valueType: "double",
  description: "Unix time of the last snapshot that succeeded.",
  outlivesDatabase: true,
  attributes: ["db.system.name", "db.namespace", "storage.snapshot.type"],
} as const;

/** Connections that hold a view of the data open: by an explicit transaction, a deferred one from its first statement on, or by an iteration that has returned a row and not ended. */
export const METRIC_STORAGE_SNAPSHOT_ACTIVE = {
  name: "storage.snapshot.active",
  instrument: "updowncounter",
  unit: "{snapshot}",
  valueType: "int",
  description: "Connections that hold a view of the data open: by an explicit transaction, a deferred one from its first statement on, or by an iteration that has returned a row and not ended.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Age of the transaction or iteration that holds the oldest view of the data open, 0 where none does. */
export const METRIC_STORAGE_SNAPSHOT_OLDEST_AGE = {
  name: "storage.snapshot.oldest_age",
  instrument: "gauge",
  unit: "s",
  valueType: "double",
  description: "Age of the transaction or iteration that holds the oldest view of the data open, 0 where none does.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Iterations over the result of a query that have begun and not ended. */
export const METRIC_STORAGE_ITERATOR_ACTIVE = {
  name: "storage.iterator.active",
  instrument: "updowncounter",
  unit: "{iterator}",
  valueType: "int",
  description: "Iterations over the result of a query that have begun and not ended.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Bytes the files of the database take. */
export const METRIC_STORAGE_SPACE_USAGE = {
  name: "storage.space.usage",
  instrument: "updowncounter",
  unit: "By",
  valueType: "int",
  description: "Bytes the files of the database take.",
  attributes: ["db.system.name", "db.namespace", "storage.file.type"],
} as const;

/** Bytes of the pages of the database as its last commit left it, wherever they are. */
export const METRIC_STORAGE_SPACE_ALLOCATED = {
  name: "storage.space.allocated",
  instrument: "updowncounter",
  unit: "By",
  valueType: "int",
  description: "Bytes of the pages of the database as its last commit left it, wherever they are.",
  attributes: ["db.system.name", "db.namespace", "storage.space.state"],
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

/** Time the statement that commits an explicit transaction took. */
export const METRIC_STORAGE_TRANSACTION_COMMIT_DURATION = {
  name: "storage.transaction.commit.duration",
  instrument: "histogram",
  unit: "s",
  valueType: "double",
  description: "Time the statement that commits an explicit transaction took.",
  boundaries: [0.0001, 0.00025, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048, 4.096, 8.192],
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Time for which commits, those of single writes included, were not on the processor because they waited for a disk or a lock, where Node.js tells (from 22.19 on). Of commits that follow each other closely one in about 20 ms is measured, and stands for those before it. */
export const METRIC_STORAGE_TRANSACTION_COMMIT_OFF_CPU_DURATION = {
  name: "storage.transaction.commit.off_cpu.duration",
  instrument: "histogram",
  unit: "s",
  valueType: "double",
  description: "Time for which commits, those of single writes included, were not on the processor because they waited for a disk or a lock, where Node.js tells (from 22.19 on). Of commits that follow each other closely one in about 20 ms is measured, and stands for those before it.",
  boundaries: [0.0001, 0.00025, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048, 4.096, 8.192],
  attributes: ["db.system.name", "db.namespace", "storage.measurement"],
} as const;

/** Explicit transactions that are open. */
export const METRIC_STORAGE_TRANSACTION_ACTIVE = {
  name: "storage.transaction.active",
  instrument: "updowncounter",
  unit: "{transaction}",
  valueType: "int",
  description: "Explicit transactions that are open.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Age of the oldest open explicit transaction, 0 where none is open. */
export const METRIC_STORAGE_TRANSACTION_OLDEST_AGE = {
  name: "storage.transaction.oldest_age",
  instrument: "gauge",
  unit: "s",
  valueType: "double",
  description: "Age of the oldest open explicit transaction, 0 where none is open.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Time spent waiting for a lock, where a statement that does nothing else took at least 1 ms or was refused. A write outside of an explicit transaction waits as well, which does not show here. */
export const METRIC_STORAGE_LOCK_WAIT_DURATION = {
  name: "storage.lock.wait.duration",
  instrument: "histogram",
  unit: "s",
  valueType: "double",
  description: "Time spent waiting for a lock, where a statement that does nothing else took at least 1 ms or was refused. A write outside of an explicit transaction waits as well, which does not show here.",
  boundaries: [0.0001, 0.00025, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048, 4.096, 8.192],
  attributes: ["db.system.name", "db.namespace", "storage.lock.type", "error.type"],
} as const;

/** Tries to get a lock after the first one, in the waits that `storage.lock.wait.duration` holds; worked out from their length, as the engine's delays are fixed. */
export const METRIC_STORAGE_LOCK_RETRIES = {
  name: "storage.lock.retries",
  instrument: "counter",
  unit: "{retry}",
  valueType: "int",
  description: "Tries to get a lock after the first one, in the waits that `storage.lock.wait.duration` holds; worked out from their length, as the engine's delays are fixed.",
  attributes: ["db.system.name", "db.namespace", "storage.lock.type"],
} as const;

/** Statements refused because of a conflict with another transaction. */
export const METRIC_STORAGE_TRANSACTION_CONFLICTS = {
  name: "storage.transaction.conflicts",
  instrument: "counter",
  unit: "{conflict}",
  valueType: "int",
  description: "Statements refused because of a conflict with another transaction.",
  attributes: ["db.system.name", "db.namespace", "storage.conflict.reason"],
} as const;

/** Checkpoints, those included whose duration is not known. Automatic ones that could not move a page are none. */
export const METRIC_STORAGE_CHECKPOINTS = {
  name: "storage.checkpoints",
  instrument: "counter",
  unit: "{checkpoint}",
  valueType: "int",
  description: "Checkpoints, those included whose duration is not known. Automatic ones that could not move a page are none.",
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

/** Pages of the log that checkpoints have brought into the database, where the engine tells how many. */
export const METRIC_STORAGE_CHECKPOINT_PAGES = {
  name: "storage.checkpoint.pages",
  instrument: "counter",
  unit: "{page}",
  valueType: "int",
  description: "Pages of the log that checkpoints have brought into the database, where the engine tells how many.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Unix time of the last checkpoint that succeeded. */
export const METRIC_STORAGE_CHECKPOINT_LAST_SUCCESS_TIMESTAMP = {
  name: "storage.checkpoint.last_success.timestamp",
  instrument: "gauge",
  unit: "s",
  valueType: "double",
  description: "Unix time of the last checkpoint that succeeded.",
  outlivesDatabase: true,
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Bytes of pages in the log that are not yet in the database. */
export const METRIC_STORAGE_WAL_CHECKPOINT_LAG = {
  name: "storage.wal.checkpoint_lag",
  instrument: "updowncounter",
  unit: "By",
  valueType: "int",
  description: "Bytes of pages in the log that are not yet in the database.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Pages in the log, where the engine tells how many. */
export const METRIC_STORAGE_WAL_PAGES = {
  name: "storage.wal.pages",
  instrument: "updowncounter",
  unit: "{page}",
  valueType: "int",
  description: "Pages in the log, where the engine tells how many.",
  attributes: ["db.system.name", "db.namespace"],
} as const;

/** Times the log was begun anew or cut to nothing, where the engine tells. */
export const METRIC_STORAGE_WAL_RESETS = {
  name: "storage.wal.resets",
  instrument: "counter",
  unit: "{reset}",
  valueType: "int",
  description: "Times the log was begun anew or cut to nothing, where the engine tells.",
  attributes: ["db.system.name", "db.namespace"],
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

/** Spans that were sent over OTLP or lost. */
export const METRIC_OTEL_SDK_EXPORTER_SPAN_EXPORTED = {
  name: "otel.sdk.exporter.span.exported",
  instrument: "counter",
  unit: "{span}",
  valueType: "int",
  description: "Spans that were sent over OTLP or lost.",
  attributes: ["otel.component.type", "error.type"],
} as const;

/** Data points that were sent over OTLP or lost, and those left out of `/metrics`. */
export const METRIC_OTEL_SDK_EXPORTER_METRIC_DATA_POINT_EXPORTED = {
  name: "otel.sdk.exporter.metric_data_point.exported",
  instrument: "counter",
  unit: "{data_point}",
  valueType: "int",
  description: "Data points that were sent over OTLP or lost, and those left out of `/metrics`.",
  attributes: ["otel.component.type", "error.type"],
} as const;

/** Log records that were sent over OTLP or lost. */
export const METRIC_OTEL_SDK_EXPORTER_LOG_EXPORTED = {
  name: "otel.sdk.exporter.log.exported",
  instrument: "counter",
  unit: "{log_record}",
  valueType: "int",
  description: "Log records that were sent over OTLP or lost.",
  attributes: ["otel.component.type", "error.type"],
} as const;

/** Spans that were put into batches or dropped because too many waited. */
export const METRIC_OTEL_SDK_PROCESSOR_SPAN_PROCESSED = {
  name: "otel.sdk.processor.span.processed",
  instrument: "counter",
  unit: "{span}",
  valueType: "int",
  description: "Spans that were put into batches or dropped because too many waited.",
  attributes: ["otel.component.type", "error.type"],
} as const;

/** Spans that wait to be put into batches. */
export const METRIC_OTEL_SDK_PROCESSOR_SPAN_QUEUE_SIZE = {
  name: "otel.sdk.processor.span.queue.size",
  instrument: "updowncounter",
  unit: "{span}",
  valueType: "int",
  description: "Spans that wait to be put into batches.",
  attributes: ["otel.component.type"],
} as const;

/** Spans that may wait to be put into batches. */
export const METRIC_OTEL_SDK_PROCESSOR_SPAN_QUEUE_CAPACITY = {
  name: "otel.sdk.processor.span.queue.capacity",
  instrument: "updowncounter",
  unit: "{span}",
  valueType: "int",
  description: "Spans that may wait to be put into batches.",
  attributes: ["otel.component.type"],
} as const;

/** Log records that were put into batches or dropped because too many waited. */
export const METRIC_OTEL_SDK_PROCESSOR_LOG_PROCESSED = {
  name: "otel.sdk.processor.log.processed",
  instrument: "counter",
  unit: "{log_record}",
  valueType: "int",
  description: "Log records that were put into batches or dropped because too many waited.",
  attributes: ["otel.component.type", "error.type"],
} as const;

/** Log records that wait to be put into batches. */
export const METRIC_OTEL_SDK_PROCESSOR_LOG_QUEUE_SIZE = {
  name: "otel.sdk.processor.log.queue.size",
  instrument: "updowncounter",
  unit: "{log_record}",
  valueType: "int",
  description: "Log records that wait to be put into batches.",
  attributes: ["otel.component.type"],
} as const;

/** Log records that may wait to be put into batches. */
export const METRIC_OTEL_SDK_PROCESSOR_LOG_QUEUE_CAPACITY = {
  name: "otel.sdk.processor.log.queue.capacity",
  instrument: "updowncounter",
  unit: "{log_record}",
  valueType: "int",
  description: "Log records that may wait to be put into batches.",
  attributes: ["otel.component.type"],
} as const;

/** Duration of one call into the storage engine, compiling of statements included. */
export const METRIC_DB_CLIENT_OPERATION_DURATION = {
  name: "db.client.operation.duration",
  instrument: "histogram",
  unit: "s",
  valueType: "double",
  description: "Duration of one call into the storage engine, compiling of statements included.",
  boundaries: [0.000001, 0.000005, 0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
  attributes: ["db.system.name", "db.namespace", "db.operation.name", "db.collection.name", "db.query.summary", "error.type", "storage.measurement"],
} as const;

/** Bytes the process read from and wrote to disks, as Linux counts them. Divided by the records changed it shows how much is written for one. */
export const METRIC_PROCESS_DISK_IO = {
  name: "process.disk.io",
  instrument: "counter",
  unit: "By",
  valueType: "int",
  description: "Bytes the process read from and wrote to disks, as Linux counts them. Divided by the records changed it shows how much is written for one.",
  attributes: ["disk.io.direction"],
} as const;

/** An alert of a rule of this process fired or was resolved. */
export const EVENT_ALERT_TRANSITION = "alert.transition" as const;

/** An operation took at least as long as `STRATASCOPE_SLOW_OPERATION_MS` says. One that blocked the event loop too is this event alone. */
export const EVENT_STORAGE_OPERATION_SLOW = "storage.operation.slow" as const;

/** An operation kept the event loop from everything else for at least as long as `STRATASCOPE_BLOCKED_MS` says, and was not slow. */
export const EVENT_STORAGE_EVENTLOOP_BLOCKED = "storage.eventloop.blocked" as const;

/** A span ended inside which one statement was run at least as often as `STRATASCOPE_REPEATED_THRESHOLD` says. */
export const EVENT_STORAGE_OPERATION_REPEATED = "storage.operation.repeated" as const;

/** A transaction or an iteration was open for at least as long as `STRATASCOPE_LONG_OPEN_MS` says. One that is open for ten times as long is told of while it is. */
export const EVENT_STORAGE_SNAPSHOT_HELD = "storage.snapshot.held" as const;

/** A transaction or an iteration was open for that long, and kept the write-ahead log from being checkpointed. */
export const EVENT_STORAGE_WAL_PINNED = "storage.wal.pinned" as const;

/** A health check, or all of one type together, changed its state. The first state is told of if it is not healthy. */
export const EVENT_HEALTH_TRANSITION = "health.transition" as const;

/** A request was answered, or its connection was lost; with `STRATASCOPE_LOG_REQUESTS`. */
export const EVENT_HTTP_SERVER_REQUEST_COMPLETED = "http.server.request.completed" as const;

/** An error that nobody handled. Severity FATAL where the process ends of it, ERROR where a listener of the application's has it. */
export const EVENT_PROCESS_ERROR_UNHANDLED = "process.error.unhandled" as const;

/** Every metric, by name. */
export type MetricDefinition = typeof METRIC_ALERT_ACTIVE | typeof METRIC_ALERT_NOTIFICATIONS | typeof METRIC_STORAGE_COMPACTION_DURATION | typeof METRIC_STORAGE_COMPACTION_LAST_SUCCESS_TIMESTAMP | typeof METRIC_STORAGE_RECLAIM_SIZE | typeof METRIC_STORAGE_SNAPSHOT_HELD | typeof METRIC_STORAGE_OPERATION_SLOW | typeof METRIC_STORAGE_EVENTLOOP_BLOCKED_TIME | typeof METRIC_STORAGE_OPERATION_REPEATED | typeof METRIC_HEALTH_STATUS | typeof METRIC_HEALTH_CHECK_STATUS | typeof METRIC_HEALTH_CHECK_DURATION | typeof METRIC_HEALTH_TRANSITIONS | typeof METRIC_HEALTH_UNHANDLED_ERRORS | typeof METRIC_STORAGE_INSTRUMENTATION_ERRORS | typeof METRIC_STORAGE_INSTRUMENTATION_CALLBACK_ERRORS | typeof METRIC_STORAGE_INSTRUMENTATION_CUT_VALUES | typeof METRIC_STORAGE_INSTRUMENTATION_TIME | typeof METRIC_STORAGE_INSTRUMENTATION_TIMING_INTERVAL | typeof METRIC_STORAGE_INSTRUMENTATION_BACKLOG | typeof METRIC_STORAGE_OPERATION_RECORDS | typeof METRIC_STORAGE_OPERATION_SCANNED_RECORDS | typeof METRIC_STORAGE_SEARCH_DURATION | typeof METRIC_STORAGE_SEARCH_RESULTS | typeof METRIC_STORAGE_SEARCH_SEGMENTS | typeof METRIC_STORAGE_SEARCH_INDEX_UPDATE_DURATION | typeof METRIC_STORAGE_SNAPSHOT_DURATION | typeof METRIC_STORAGE_SNAPSHOT_SIZE | typeof METRIC_STORAGE_SNAPSHOT_PAGES | typeof METRIC_STORAGE_SNAPSHOT_REMAINING | typeof METRIC_STORAGE_SNAPSHOT_LAST_SUCCESS_TIMESTAMP | typeof METRIC_STORAGE_SNAPSHOT_ACTIVE | typeof METRIC_STORAGE_SNAPSHOT_OLDEST_AGE | typeof METRIC_STORAGE_ITERATOR_ACTIVE | typeof METRIC_STORAGE_SPACE_USAGE | typeof METRIC_STORAGE_SPACE_ALLOCATED | typeof METRIC_STORAGE_TRANSACTION_DURATION | typeof METRIC_STORAGE_TRANSACTION_COMMIT_DURATION | typeof METRIC_STORAGE_TRANSACTION_COMMIT_OFF_CPU_DURATION | typeof METRIC_STORAGE_TRANSACTION_ACTIVE | typeof METRIC_STORAGE_TRANSACTION_OLDEST_AGE | typeof METRIC_STORAGE_LOCK_WAIT_DURATION | typeof METRIC_STORAGE_LOCK_RETRIES | typeof METRIC_STORAGE_TRANSACTION_CONFLICTS | typeof METRIC_STORAGE_CHECKPOINTS | typeof METRIC_STORAGE_CHECKPOINT_DURATION | typeof METRIC_STORAGE_CHECKPOINT_PAGES | typeof METRIC_STORAGE_CHECKPOINT_LAST_SUCCESS_TIMESTAMP | typeof METRIC_STORAGE_WAL_CHECKPOINT_LAG | typeof METRIC_STORAGE_WAL_PAGES | typeof METRIC_STORAGE_WAL_RESETS | typeof METRIC_HTTP_SERVER_REQUEST_DURATION | typeof METRIC_HTTP_SERVER_ACTIVE_REQUESTS | typeof METRIC_HTTP_CLIENT_REQUEST_DURATION | typeof METRIC_OTEL_SDK_EXPORTER_SPAN_EXPORTED | typeof METRIC_OTEL_SDK_EXPORTER_METRIC_DATA_POINT_EXPORTED | typeof METRIC_OTEL_SDK_EXPORTER_LOG_EXPORTED | typeof METRIC_OTEL_SDK_PROCESSOR_SPAN_PROCESSED | typeof METRIC_OTEL_SDK_PROCESSOR_SPAN_QUEUE_SIZE | typeof METRIC_OTEL_SDK_PROCESSOR_SPAN_QUEUE_CAPACITY | typeof METRIC_OTEL_SDK_PROCESSOR_LOG_PROCESSED | typeof METRIC_OTEL_SDK_PROCESSOR_LOG_QUEUE_SIZE | typeof METRIC_OTEL_SDK_PROCESSOR_LOG_QUEUE_CAPACITY | typeof METRIC_DB_CLIENT_OPERATION_DURATION | typeof METRIC_PROCESS_DISK_IO;
