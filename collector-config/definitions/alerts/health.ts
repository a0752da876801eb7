import type { Alert } from "../alert.ts";
import { TARGET, one } from "./series.ts";

const NOT_HEALTHY =
  'max by (job, instance, health_check_name, health_state) (health_check_status{health_state!="healthy"}) > 0';

/** Alerts on the health checks of a process. */
export const healthAlerts: readonly Alert[] = [
  {
    name: "ServiceNotReady",
    severity: "critical",
    for: "2m",
    expression: `max by (job, instance, health_check_type) (
  health_status{health_state=~"unhealthy|critical"}
) >= $threshold`,
    threshold: 1,
    summary:
      "{{ $labels.job }} at {{ $labels.instance }} has failed its {{ $labels.health_check_type }} probe for two minutes.",
    meaning: "A required check is unhealthy or critical: the liveness or readiness probe gets a 503 response.",
    impact: "The orchestrator that runs the probe stops sending requests to the process, or restarts it.",
    look: [
      ["the failing checks", NOT_HEALTHY],
      ["changes of the state", "sum by (job, instance, health_state) (changes(health_status[1h]))"],
    ],
    actions: [
      "`/readyz` of the process describes the failure of each check; so does the event `health.transition`.",
      "`storage.wal_writable`, `storage.disk_space`: free disk space, or correct the permissions. Writes fail until then.",
      "`event_loop`: the last log record of `storage.eventloop.blocked` has the line of code that blocks it.",
    ],
    fires: {
      series: one(
        "health_status",
        { ...TARGET, health_check_type: "readiness", health_state: "unhealthy" },
        "0x10 1x30",
      ),
      at: "14m",
      labels: { ...TARGET, health_check_type: "readiness" },
      summary: "api at a has failed its readiness probe for two minutes.",
    },
    silent: {
      series: {
        ...one(
          "health_status",
          { ...TARGET, health_check_type: "readiness", health_state: "unhealthy" },
          "0x10 1x1 0x30",
        ),
        ...one("health_status", { ...TARGET, health_check_type: "readiness", health_state: "degraded" }, "1x40"),
      },
      at: "14m",
    },
  },
  {
    name: "HealthCheckFailing",
    severity: "warning",
    for: "10m",
    expression: `max by (job, instance, health_check_name, health_state) (
  health_check_status{health_state!="healthy"}
) >= $threshold`,
    threshold: 1,
    summary:
      "{{ $labels.health_check_name }} of {{ $labels.job }} at {{ $labels.instance }} has been {{ $labels.health_state }} for ten minutes.",
    meaning: "A check of the process is not healthy. The process still gets requests unless the check is required.",
    impact: "None yet, as long as the probes succeed.",
    look: [
      ["the failing checks by process", NOT_HEALTHY],
      [
        "the rate of state changes",
        "sum by (job, instance, health_check_type, health_state) (rate(health_transitions_total[1h]))",
      ],
    ],
    actions: [
      "`/readyz/NAME` of the process describes the failure.",
      "`process.memory`: the heap or the container's memory is nearly used up. A heap profile shows the cause; more memory delays the failure.",
      "`storage.disk_space`, `storage.checkpoint`: see the pages on StorageFillingUp and StorageWalPinned.",
      "`error_rate`: the failing operations or requests have the cause in `error.type`.",
    ],
    fires: {
      series: one(
        "health_check_status",
        { ...TARGET, health_check_name: "process.memory", health_check_type: "readiness", health_state: "degraded" },
        "0x5 1x30",
      ),
      at: "17m",
      labels: { ...TARGET, health_check_name: "process.memory", health_state: "degraded" },
      summary: "process.memory of api at a has been degraded for ten minutes.",
    },
    silent: {
      series: one(
        "health_check_status",
        { ...TARGET, health_check_name: "process.memory", health_check_type: "readiness", health_state: "degraded" },
        "0x5 1x8 0x30",
      ),
      at: "17m",
    },
  },
];
