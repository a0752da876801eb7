/** Definition of a dashboard. */
export interface Board {
  /** Part of its address; never changed, so that links stay valid. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** What one chooses by beside the service and the database: the label, by variable and its title. */
  readonly choices?: readonly Choice[];
  /** Numbers that one types in. */
  readonly inputs?: readonly Input[];
  readonly rows: readonly Row[];
}

interface Choice {
  readonly name: string;
  readonly title: string;
  /** A metric that has the label, and the label. */
  readonly metric: string;
  readonly label: string;
}

/** `$name` in the queries of the dashboard. */
interface Input {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly value: string;
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** Units as Grafana names them. */
type Unit = "s" | "bytes" | "Bps" | "cps" | "percentunit" | "short" | "dateTimeFromNow" | "currencyUSD";

export interface Panel {
  readonly title: string;
  /** `stat` for one number, `gauge` for a share of one, `table` for a list; a curve otherwise. */
  readonly kind?: "stat" | "gauge" | "table";
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
