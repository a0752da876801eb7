/** Severity numbers of OpenTelemetry by level name, the least urgent first. */
export const SEVERITY = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 } as const;

/** Severity of a record. */
export type LogLevel = keyof typeof SEVERITY;

/** Least urgent level that is written; `off` writes none. */
export type LogThreshold = LogLevel | "off";

const NUMBERS: Readonly<Record<LogThreshold, number>> = { ...SEVERITY, off: Infinity };

export const LOG_THRESHOLDS = Object.keys(NUMBERS) as LogThreshold[];

/** Returns the severity number from which records are written. */
export const numberOf = (threshold: LogThreshold): number => NUMBERS[threshold];

/** Thresholds by subsystem name; the empty name stands for all others. */
export type LevelRules = Readonly<Record<string, LogThreshold>>;

/** Finds the rule for a subsystem: its own, or that of the nearest enclosing one. `db` encloses `db.sqlite`. */
export function ruleFor(subsystem: string, rules: ReadonlyMap<string, LogThreshold>): LogThreshold {
  for (let name = subsystem; name !== ""; name = name.slice(0, Math.max(name.lastIndexOf("."), 0))) {
    const rule = rules.get(name);
    if (rule !== undefined) return rule;
  }
  return rules.get("") ?? "info";
}
