import type { OtlpSpan } from "./otlp.ts";

/** Kinds of work an LSM engine does in the background, and of waiting for it, as the names of spans begin. */
const KINDS = ["flush", "compaction", "stall"] as const;

/** Background work of a database. */
export interface BackgroundRun {
  readonly kind: (typeof KINDS)[number];
  readonly database: string;
  /** Unix times in seconds. */
  readonly start: number;
  readonly end: number;
}

const MAX_KEPT = 10_000;

/** Background work of LSM engines, as far as it was sent. */
export class Background {
  readonly runs: BackgroundRun[] = [];

  add({ name, startTimeUnixNano, endTimeUnixNano }: OtlpSpan): void {
    const kind = KINDS.find((each) => name.startsWith(`${each} `));
    if (kind === undefined || this.runs.length >= MAX_KEPT) return;
    const database = name.slice(kind.length + 1);
    this.runs.push({ kind, database, start: Number(startTimeUnixNano) / 1e9, end: Number(endTimeUnixNano) / 1e9 });
  }
}
