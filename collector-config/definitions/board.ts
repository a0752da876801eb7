/** Definition of a dashboard. */
export interface Board {
  /** Part of its address; never changed, so that links stay valid. */
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
  /** PromQL, narrowed by the variables, with `$__rate_interval`; the legend names series by `{{label}}`. */
  readonly queries: readonly (readonly [query: string, legend: string])[];
  /** Explanation that the names of the metrics do not give. */
  readonly note?: string;
  /** Alert on its metric, whose threshold is drawn and whose runbook is linked. */
  readonly alert?: string;
  /** Width in columns of 24; 8 by default, 4 for one number. */
  readonly width?: number;
  /** Examples of series that exist only after a failure, by name. */
  readonly example?: Readonly<Record<string, string>>;
}
