import type { Alert } from "../alert.ts";
import { TARGET, one } from "./series.ts";

const NOT_HEALTHY =
  'max by (job, instance, health_check_name, health_state) (health_check_status{health_state!="healthy"}) > 0';

/** What the checks of a process say of it. */
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
      "{{ $labels.job }} at {{ $labels.instance }} has failed its {{ $labels.health_check_type }} for two minutes.",
    meaning:
      "A check that the process needs is unhealthy or critical: a probe of its liveness or readiness is answered with 503.",
    impact: "Whoever asks the probe takes its work away, or starts it again. What it would serve is not served.",
    look: [
      ["which checks", NOT_HEALTHY],
      ["since when, and how often it changes", "sum by (job, instance, health_state) (changes(health_status[1h]))"],
    ],
    actions: [
      "`/readyz` of the process says of each check what is wrong, in words; so does the event `health.transition`.",
      "`storage.wal_writable`, `storage.disk_space`: make room on the disk, or see to its permissions. Nothing is written until then.",
      "`event_loop`: the last log record of `storage.eventloop.blocked` says where it stands still.",
    ],
    fires: {
      series: one(
        "health_status",
        { ...TARGET, health_check_type: "readiness", health_state: "unhealthy" },
        "0x10 1x30",
      ),
      at: "14m",
      labels: { ...TARGET, health_check_type: "readiness" },
      summary: "api at a has failed its readiness for two minutes.",
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
    meaning:
      "A check of the process is not healthy. Whether the process still gets work depends on whether the check is required.",
    impact: "None yet, as long as the probes answer; what is checked gets worse before it fails.",
    look: [
      ["which checks, of which processes", NOT_HEALTHY],
      [
        "how often the state changes",
        "sum by (job, instance, health_check_type, health_state) (rate(health_transitions_total[1h]))",
      ],
    ],
    actions: [
      "`/readyz/NAME` of the process says what is wrong, in words.",
      "`process.memory`: the heap or the container's memory is nearly used up. A heap profile says by what; more memory gives time.",
      "`storage.disk_space`, `storage.checkpoint`: see the pages on StorageFillingUp and StorageWalPinned.",
      "`error_rate`: the operations or requests that fail say why by `error.type`.",
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
