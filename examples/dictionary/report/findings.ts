import {
  ATTR_CODE_FILE_PATH,
  ATTR_CODE_FUNCTION_NAME,
  ATTR_CODE_LINE_NUMBER,
  ATTR_DB_QUERY_SUMMARY,
  ATTR_ERROR_TYPE,
  ATTR_STORAGE_OPERATION_BLOCKED_TIME,
  ATTR_STORAGE_OPERATION_TIME,
  ATTR_STORAGE_QUERY_PLAN,
  ATTR_STORAGE_ROLLUP_REPEATED_COUNT,
  ATTR_STORAGE_SNAPSHOT_AGE,
  ATTR_STORAGE_WAL_PINNED_SIZE,
  EVENT_STORAGE_EVENTLOOP_BLOCKED,
  EVENT_STORAGE_OPERATION_REPEATED,
  EVENT_STORAGE_OPERATION_SLOW,
  EVENT_STORAGE_SNAPSHOT_HELD,
  EVENT_STORAGE_WAL_PINNED,
} from "../../../semconv/index.ts";
import type { Event } from "../receiver/events.ts";
import { formatSums } from "./sums.ts";
import type { Metrics } from "../receiver/metrics.ts";
import type { Attributes } from "../receiver/otlp.ts";
import { amount, cut, duration } from "./units.ts";

/** What an event says in plain words, and what makes one of its kind worse than another. */
interface Kind {
  readonly measure: (attributes: Attributes) => number;
  readonly sentence: (attributes: Attributes) => string;
}

const number = (name: string) => (attributes: Attributes) => Number(attributes[name]);
const statement = (attributes: Attributes): string => String(attributes[ATTR_DB_QUERY_SUMMARY]);
const seconds = (attributes: Attributes, name: string): string => duration(Number(attributes[name]));

const BLOCKED: Kind = {
  measure: number(ATTR_STORAGE_OPERATION_TIME),
  sentence: (attributes) =>
    ATTR_STORAGE_OPERATION_BLOCKED_TIME in attributes
      ? `the event loop was blocked for ${seconds(attributes, ATTR_STORAGE_OPERATION_BLOCKED_TIME)} by ${statement(attributes)}`
      : `${statement(attributes)} took ${seconds(attributes, ATTR_STORAGE_OPERATION_TIME)}`,
};

/** Findings of one kind that are shown. */
const LIMIT = 3;

/** Those that cost most come first. */
const KINDS: Readonly<Record<string, Kind>> = {
  [EVENT_STORAGE_WAL_PINNED]: {
    measure: number(ATTR_STORAGE_WAL_PINNED_SIZE),
    sentence: (attributes) => {
      const size = (Number(attributes[ATTR_STORAGE_WAL_PINNED_SIZE]) / 1e6).toFixed(1);
      const age = seconds(attributes, ATTR_STORAGE_SNAPSHOT_AGE);
      return `${size} MB of the WAL could not be checkpointed, because ${statement(attributes)} stayed open for ${age}`;
    },
  },
  [EVENT_STORAGE_SNAPSHOT_HELD]: {
    measure: number(ATTR_STORAGE_SNAPSHOT_AGE),
    sentence: (attributes) =>
      `${statement(attributes)} stayed open for ${seconds(attributes, ATTR_STORAGE_SNAPSHOT_AGE)}`,
  },
  [EVENT_STORAGE_OPERATION_SLOW]: BLOCKED,
  [EVENT_STORAGE_EVENTLOOP_BLOCKED]: BLOCKED,
  [EVENT_STORAGE_OPERATION_REPEATED]: {
    measure: number(ATTR_STORAGE_ROLLUP_REPEATED_COUNT),
    sentence: (attributes) =>
      `one request ran ${statement(attributes)} ${amount(Number(attributes[ATTR_STORAGE_ROLLUP_REPEATED_COUNT]))} times`,
  },
};

/** What was found without having been looked for, in plain words: of the same statement at the same place, the worst. */
export function formatFindings(events: readonly Event[], metrics: Metrics): string[] {
  const lines = [...worst(events).flatMap(formatFinding), ...formatSums(metrics)];
  return lines.length === 0 ? [] : ["", "findings", ...lines];
}

function worst(events: readonly Event[]): Event[] {
  const byPlace = new Map<string, Event>();
  for (const event of events) {
    const kind = KINDS[event.name];
    if (kind === undefined) continue;
    const key = `${event.name} ${statement(event.attributes)} ${place(event.attributes)}`;
    const known = byPlace.get(key);
    if (known === undefined || kind.measure(event.attributes) > kind.measure(known.attributes)) byPlace.set(key, event);
  }
  return Object.entries(KINDS).flatMap(([name, { measure }]) => {
    const events = [...byPlace.values()].filter((event) => event.name === name);
    return events.sort((a, b) => measure(b.attributes) - measure(a.attributes)).slice(0, LIMIT);
  });
}

function formatFinding({ name, traceId, attributes }: Event): string[] {
  const failure = attributes[ATTR_ERROR_TYPE];
  const text = KINDS[name]!.sentence(attributes) + (failure === undefined ? "" : `, which ended in ${failure}`);
  const plan = attributes[ATTR_STORAGE_QUERY_PLAN];
  const details = [
    `at ${place(attributes)}`,
    ...(traceId === "" ? [] : [`trace ${traceId}`]),
    ...(plan === undefined ? [] : [`plan: ${String(plan).replace(/ {2,}/g, " ")}`]),
  ];
  return [`  - ${text}`, ...details.map((detail) => cut(`      ${detail}`, 120))];
}

function place(attributes: Attributes): string {
  const file = attributes[ATTR_CODE_FILE_PATH];
  if (file === undefined) return "a place that is not known";
  const name = attributes[ATTR_CODE_FUNCTION_NAME];
  return `${file}:${attributes[ATTR_CODE_LINE_NUMBER]}${name === undefined ? "" : ` (${name})`}`;
}
