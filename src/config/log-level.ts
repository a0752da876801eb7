/** The severity numbers of OpenTelemetry by the name of the level, the least urgent first. */
export const SEVERITY = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 } as const;

/** How urgent a record is. */
export type LogLevel = keyof typeof SEVERITY;

/** The least urgent records that are written; `off` writes none. */
export type LogThreshold = LogLevel | "off";

const NUMBERS: Readonly<Record<LogThreshold, number>> = { ...SEVERITY, off: Infinity };

export const LOG_THRESHOLDS = Object.keys(NUMBERS) as LogThreshold[];

/** The severity number from which records are written. */
export const numberOf = (threshold: LogThreshold): number => NUMBERS[threshold];

/** Thresholds by the name of the subsystem they are for; the one for all others has no name. */
export type LevelRules = Readonly<Record<string, LogThreshold>>;

/** The rule for a subsystem: its own, or that of the nearest one around it: `db` is around `db.sqlite`. */
export function ruleFor(subsystem: string, rules: ReadonlyMap<string, LogThreshold>): LogThreshold {
  for (let name = subsystem; name !== ""; name = name.slice(0, Math.max(name.lastIndexOf("."), 0))) {
    const rule = rules.get(name);
    if (rule !== undefined) return rule;
  }
  return rules.get("") ?? "info";
}
