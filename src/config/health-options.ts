import { amount, choice, list, milliseconds, option, optional, ratio, secret, text, url, whole } from "./option.ts";

const MEBIBYTE = 1024 * 1024;

/** Settings of health checks, of alerts, and of overrides at run time. */
export const HEALTH_OPTIONS = {
  health: option(
    "STRATASCOPE_HEALTH",
    choice("auto", "on", "off"),
    "auto",
    "Whether health is checked and answered for: where there is a listener for `/metrics` with `auto`; `on` opens one without `/metrics` if need be.",
  ),
  healthInterval: option(
    "STRATASCOPE_HEALTH_INTERVAL_MS",
    milliseconds(0),
    10_000,
    "Milliseconds between two runs of the health checks that nobody asked for, of which metrics and events tell; 0 leaves it to the probes.",
  ),
  healthTimeout: option(
    "STRATASCOPE_HEALTH_TIMEOUT_MS",
    milliseconds(1),
    5_000,
    "Milliseconds a health check may take, unless it says otherwise itself.",
  ),
  healthRequired: optional(
    "STRATASCOPE_HEALTH_REQUIRED",
    list,
    "The readiness checks of ours without which the process is not ready, the others make it no more than degraded; those of storage but `storage.checkpoint` where it is not set.",
  ),
  healthDatabases: option(
    "STRATASCOPE_HEALTH_DATABASES",
    list,
    [],
    "Databases, by `db.namespace`, that have to be open for the process to be ready.",
  ),
  healthAliases: option(
    "STRATASCOPE_HEALTH_ALIASES",
    list,
    ["/api/v1/health"],
    "Further paths that are answered as `/readyz` is.",
  ),
  healthProbeFolder: option(
    "STRATASCOPE_HEALTH_PROBE_FOLDER",
    text,
    "",
    "A folder beside the databases in which a file may be written, synced, read and removed to see whether that works; nothing is written without it.",
  ),
  healthDiskDegraded: option(
    "STRATASCOPE_HEALTH_DISK_DEGRADED_BYTES",
    whole(0),
    1024 * MEBIBYTE,
    "Free bytes beside a database below which disk space is degraded.",
  ),
  healthDiskCritical: option(
    "STRATASCOPE_HEALTH_DISK_CRITICAL_BYTES",
    whole(0),
    100 * MEBIBYTE,
    "Free bytes beside a database below which disk space is critical.",
  ),
  healthLogBytes: option(
    "STRATASCOPE_HEALTH_WAL_BYTES",
    whole(0),
    64 * MEBIBYTE,
    "Bytes of a write-ahead log waiting to be checkpointed from which that is degraded.",
  ),
  healthErrorRatio: option(
    "STRATASCOPE_HEALTH_ERROR_RATIO",
    ratio,
    0.02,
    "The share of operations that storage failed, or of requests answered with 5xx, from which that is degraded; five times as much is unhealthy.",
  ),
  healthLagMilliseconds: option(
    "STRATASCOPE_HEALTH_LAG_MS",
    amount,
    5_000,
    "Milliseconds from which an event loop that stood still makes the process not live; a tenth of that is degraded.",
  ),
  adminToken: option(
    "STRATASCOPE_ADMIN_TOKEN",
    secret,
    "",
    "The token `/debug` is answered for over TCP, as `Authorization: Bearer`; without it, only the private socket answers.",
  ),
  adminSocket: option(
    "STRATASCOPE_ADMIN_SOCKET",
    choice("on", "off"),
    "on",
    "Whether the process answers the command line tool of its own user, on a Unix socket or a named pipe.",
  ),
  adminFolder: option(
    "STRATASCOPE_ADMIN_FOLDER",
    text,
    "",
    "The folder of the Unix socket, which only the user may be able to enter; otherwise one of the user's own among the temporary files of the system.",
  ),
  alerts: option(
    "STRATASCOPE_ALERTS",
    text,
    "",
    "Rules of alerts that are evaluated in the process: a file of JSON or YAML, that text itself, or `default` for a set of ours.",
  ),
  alertsInterval: option(
    "STRATASCOPE_ALERTS_INTERVAL_MS",
    milliseconds(1),
    15_000,
    "Milliseconds between two evaluations of the alerts.",
  ),
  alertsWebhook: option(
    "STRATASCOPE_ALERTS_WEBHOOK",
    { ...url, isSecret: true, show: () => "none" },
    "",
    "Where alerts are sent, as Alertmanager sends them to its webhooks.",
  ),
  incidentSignal: option(
    "STRATASCOPE_INCIDENT_SIGNAL",
    choice("sigusr2", "none"),
    "none",
    "The signal that raises sampling for the time of an incident, and given again ends that.",
  ),
  incidentRatio: option("STRATASCOPE_INCIDENT_RATIO", ratio, 1, "The share of new traces recorded during an incident."),
  incidentSeconds: option(
    "STRATASCOPE_INCIDENT_SECONDS",
    whole(1, 86_400),
    900,
    "Seconds after which what was changed for an incident goes back, unless the change says otherwise.",
  ),
};
