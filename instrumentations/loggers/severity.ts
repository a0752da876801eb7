const FIRST = 10;
const LAST = 60;

/** Returns the severity number of a level of pino or bunyan: 10 for trace to 60 for fatal, and the levels between. */
export function severityOf(level: unknown): number {
  if (typeof level !== "number" || Number.isNaN(level)) return 0;
  const bounded = Math.min(Math.max(level, FIRST), LAST);
  return 1 + Math.floor(((bounded - FIRST) / FIRST) * 4);
}
