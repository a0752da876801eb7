/** A dashboard, as its definition says it. */
export interface Board {
  /** Part of its address; never changed, so that links stay. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly rows: readonly Row[];
}

interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** Units as Grafana names them. */
type Unit = "s" | "bytes" | "Bps" | "cps" | "percentunit" | "short" | "dateTimeFromNow";

export interface Panel {
  readonly title: string;
  /** `stat` for one number, `table` for a list; a curve otherwise. */
  readonly kind?: "stat" | "table";
  readonly unit: Unit;
  /** PromQL over what the variables choose, with `$__rate_interval`; the legend names series by `{{label}}`. */
  readonly queries: readonly (readonly [query: string, legend: string])[];
  /** What the names of the metrics do not say. */
  readonly note?: string;
  /** The alert about it: its threshold is drawn, its runbook linked. */
  readonly alert?: string;
  /** Of 24; 8 unless told, 4 for one number. */
  readonly width?: number;
  /** Series that exist only once something has gone wrong, and what such a one looks like. */
  readonly example?: Readonly<Record<string, string>>;
}
