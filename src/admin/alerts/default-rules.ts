import {
  ATTR_DB_NAMESPACE,
  ATTR_HEALTH_CHECK_NAME,
  ATTR_HEALTH_CHECK_TYPE,
  ATTR_HEALTH_STATE,
  HEALTH_CHECK_NAME_VALUE_ERROR_RATE,
  HEALTH_CHECK_NAME_VALUE_PROCESS_MEMORY,
  HEALTH_CHECK_NAME_VALUE_STORAGE_DISK_SPACE,
  METRIC_DB_CLIENT_OPERATION_DURATION,
  METRIC_HEALTH_CHECK_STATUS,
  METRIC_HEALTH_STATUS,
  METRIC_HTTP_SERVER_REQUEST_DURATION,
  METRIC_STORAGE_TRANSACTION_OLDEST_AGE,
  METRIC_STORAGE_WAL_CHECKPOINT_LAG,
  type HealthCheckName,
  type HealthState,
} from "../../../semconv/index.ts";
import type { AlertRule } from "../../alerts/rule.ts";

/** Defines a rule that holds while a check is in a state. */
const inState = (
  check: HealthCheckName,
  state: HealthState,
): Pick<AlertRule, "metric" | "condition" | "threshold" | "where"> => ({
  metric: METRIC_HEALTH_CHECK_STATUS.name,
  condition: "above",
  threshold: 0,
  where: { [ATTR_HEALTH_CHECK_NAME]: check, [ATTR_HEALTH_STATE]: state },
});

const notReady = (state: HealthState): AlertRule => ({
  name: "NotReady",
  metric: METRIC_HEALTH_STATUS.name,
  condition: "above",
  threshold: 0,
  where: { [ATTR_HEALTH_CHECK_TYPE]: "readiness", [ATTR_HEALTH_STATE]: state },
  severity: "critical",
  duration: 120,
  message: "The process has not been ready for two minutes.",
});

/** Rules of the value `default`. */
export const DEFAULT_RULES: readonly AlertRule[] = [
  notReady("unhealthy"),
  notReady("critical"),
  {
    name: "HighErrorRate",
    ...inState(HEALTH_CHECK_NAME_VALUE_ERROR_RATE, "degraded"),
    duration: 300,
    message: "More operations or requests fail than should.",
  },
  {
    name: "VeryHighErrorRate",
    ...inState(HEALTH_CHECK_NAME_VALUE_ERROR_RATE, "unhealthy"),
    severity: "critical",
    duration: 60,
    message: "Far more operations or requests fail than should.",
  },
  {
    name: "DiskSpaceLow",
    ...inState(HEALTH_CHECK_NAME_VALUE_STORAGE_DISK_SPACE, "degraded"),
    duration: 60,
    message: "The disk fills up.",
  },
  {
    name: "DiskFull",
    ...inState(HEALTH_CHECK_NAME_VALUE_STORAGE_DISK_SPACE, "critical"),
    severity: "emergency",
    message: "There is next to no room on the disk of a database.",
  },
  {
    name: "MemoryHigh",
    ...inState(HEALTH_CHECK_NAME_VALUE_PROCESS_MEMORY, "unhealthy"),
    severity: "critical",
    duration: 60,
    message: "The process is about to run out of memory.",
  },
  {
    name: "CheckpointStarved",
    metric: METRIC_STORAGE_WAL_CHECKPOINT_LAG.name,
    condition: "above",
    threshold: 64 * 1024 * 1024,
    by: [ATTR_DB_NAMESPACE],
    duration: 900,
    message: "The write-ahead log grows: something keeps it from being checkpointed.",
  },
  {
    name: "LongTransaction",
    metric: METRIC_STORAGE_TRANSACTION_OLDEST_AGE.name,
    condition: "above",
    threshold: 300,
    by: [ATTR_DB_NAMESPACE],
    message: "A transaction has been open for five minutes.",
  },
  {
    name: "SlowOperations",
    metric: METRIC_DB_CLIENT_OPERATION_DURATION.name,
    condition: "above",
    statistic: "p99",
    threshold: 0.25,
    by: [ATTR_DB_NAMESPACE],
    duration: 300,
    message: "One operation in a hundred takes longer than 250 ms.",
  },
  {
    name: "SlowRequests",
    metric: METRIC_HTTP_SERVER_REQUEST_DURATION.name,
    condition: "above",
    statistic: "p95",
    threshold: 1,
    duration: 300,
    message: "One request in twenty takes longer than a second.",
  },
];
