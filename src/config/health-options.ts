import { amount, choice, list, milliseconds, option, optional, ratio, secret, text, url, whole } from "./option.ts";

const MEBIBYTE = 1024 * 1024;

/** Settings of health checks, of alerts, and of overrides at run time. */
export const HEALTH_OPTIONS = {
  health: option(
    "STRATASCOPE_HEALTH",
    choice("auto", "on", "off"),
    "auto",
    "Health checks and their endpoints: `auto` enables them if there is a listener for `/metrics`; `on` opens a listener without `/metrics` if necessary.",
  ),
  healthInterval: option(
    "STRATASCOPE_HEALTH_INTERVAL_MS",
    milliseconds(0),
    10_000,
    "Milliseconds between two scheduled runs of the health checks, reported as metrics and events; 0 runs them for probes only.",
  ),
  healthTimeout: option(
    "STRATASCOPE_HEALTH_TIMEOUT_MS",
    milliseconds(1),
    5_000,
    "Milliseconds after which a health check times out, unless it sets its own timeout.",
  ),
  healthRequired: optional(
    "STRATASCOPE_HEALTH_REQUIRED",
    list,
    "Built-in readiness checks that must pass for the process to be ready; the others make it degraded at most. Defaults to the storage checks except `storage.checkpoint` and `storage.compaction`.",
  ),
  healthDatabases: option(
    "STRATASCOPE_HEALTH_DATABASES",
    list,
    [],
    "Databases, by `db.namespace`, that must be open for the process to be ready.",
  ),
  healthAliases: option(
    "STRATASCOPE_HEALTH_ALIASES",
    list,
    ["/api/v1/health"],
    "Additional paths answered like `/readyz`.",
  ),
  healthProbeFolder: option(
    "STRATASCOPE_HEALTH_PROBE_FOLDER",
    text,
    "",
    "Folder beside the databases for the read-write probe, which writes, syncs, reads and removes a file; without it, nothing is written.",
  ),
  healthEngineProbe: option(
    "STRATASCOPE_HEALTH_ENGINE_PROBE",
    list,
    [],
    "Engines that write, read and delete a record in a database of their own in that folder, every 30 seconds: any of better-sqlite3, classic-level, lmdb, node-sqlite, rocksdb-native. SQLite blocks the event loop while it syncs two commits.",
  ),
  healthDiskDegraded: option(
    "STRATASCOPE_HEALTH_DISK_DEGRADED_BYTES",
    whole(0),
    1024 * MEBIBYTE,
    "Free bytes on the volume of a database below which disk space is degraded.",
  ),
  healthDiskCritical: option(
    "STRATASCOPE_HEALTH_DISK_CRITICAL_BYTES",
    whole(0),
    100 * MEBIBYTE,
    "Free bytes on the volume of a database below which disk space is critical.",
  ),
  healthLogBytes: option(
    "STRATASCOPE_HEALTH_WAL_BYTES",
    whole(0),
    64 * MEBIBYTE,
    "Bytes of a write-ahead log waiting for a checkpoint at which `storage.checkpoint` is degraded.",
  ),
  healthStallMilliseconds: option(
    "STRATASCOPE_HEALTH_STALL_MS",
    amount,
    10_000,
    "Milliseconds for which an engine stops writes after which `storage.compaction` is unhealthy; a tenth of that is degraded.",
  ),
  healthCompactionMilliseconds: option(
    "STRATASCOPE_HEALTH_COMPACTION_MS",
    amount,
    600_000,
    "Milliseconds for which data waits to be compacted, without a compaction being completed, after which `storage.compaction` is degraded.",
  ),
  healthErrorRatio: option(
    "STRATASCOPE_HEALTH_ERROR_RATIO",
    ratio,
    0.02,
    "Ratio of operations that failed in storage, or of requests answered with 5xx, at which `error_rate` is degraded; five times that ratio is unhealthy.",
  ),
  healthLagMilliseconds: option(
    "STRATASCOPE_HEALTH_LAG_MS",
    amount,
    5_000,
    "Milliseconds after which a blocked event loop makes the process not live; a tenth of that is degraded.",
  ),
  adminToken: option(
    "STRATASCOPE_ADMIN_TOKEN",
    secret,
    "",
    "Token required for `/debug` over TCP, as `Authorization: Bearer`; without it, only the private socket serves `/debug`.",
  ),
  adminSocket: option(
    "STRATASCOPE_ADMIN_SOCKET",
    choice("on", "off"),
    "on",
    "Answers the command line tool of the process's own user, on a Unix socket or a named pipe.",
  ),
  adminFolder: option(
    "STRATASCOPE_ADMIN_FOLDER",
    text,
    "",
    "Folder of the Unix socket, which must be accessible only to the user; defaults to a folder of the user in the system's temporary directory.",
  ),
  alerts: option(
    "STRATASCOPE_ALERTS",
    text,
    "",
    "Alert rules evaluated in the process: a JSON or YAML file, its text, or `default` for the built-in rules.",
  ),
  alertsInterval: option(
    "STRATASCOPE_ALERTS_INTERVAL_MS",
    milliseconds(1),
    15_000,
    "Milliseconds between two evaluations of the alert rules.",
  ),
  alertsWebhook: option(
    "STRATASCOPE_ALERTS_WEBHOOK",
    { ...url, isSecret: true, show: () => "none" },
    "",
    "URL alerts are sent to, in the format of Alertmanager's webhooks.",
  ),
  incidentSignal: option(
    "STRATASCOPE_INCIDENT_SIGNAL",
    choice("sigusr2", "none"),
    "none",
    "Signal that raises sampling for an incident, and restores it if sent again.",
  ),
  incidentRatio: option("STRATASCOPE_INCIDENT_RATIO", ratio, 1, "Ratio of new traces recorded during an incident."),
  incidentSeconds: option(
    "STRATASCOPE_INCIDENT_SECONDS",
    whole(1, 86_400),
    900,
    "Seconds after which a change made for an incident is reverted, unless the change sets its own duration.",
  ),
};
