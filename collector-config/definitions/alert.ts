/** How soon somebody has to look: `critical` wakes them, `warning` is for the working day, `info` for the next review. */
type Severity = "critical" | "warning" | "info";

/** Something worth being told of, what it means, and the proof that it is told of then and only then. */
export interface Alert {
  readonly name: string;
  readonly severity: Severity;
  /** How long it has to be so, as Prometheus writes it; at once where there is none. */
  readonly for?: string;
  /** PromQL, with `$threshold` for the threshold. */
  readonly expression: string;
  /** In the unit of what is compared. */
  readonly threshold: number;
  /** One sentence, with templates of Prometheus. */
  readonly summary: string;
  /** What is the case when it fires. */
  readonly meaning: string;
  /** What users of the service notice. */
  readonly impact: string;
  /** Where to look: what a query shows, and the query. */
  readonly look: readonly Look[];
  /** What to do, the likeliest first. */
  readonly actions: readonly string[];
  readonly fires: Firing;
  readonly silent: Proof;
}

export type Look = readonly [shows: string, query: string];

/** Series by name with labels, and their values at each minute in promtool's notation. */
export type InputSeries = Readonly<Record<string, string>>;

interface Proof {
  readonly series: InputSeries;
  /** When it is looked at. */
  readonly at: string;
}

interface Firing extends Proof {
  /** The labels of the alert, without the severity. */
  readonly labels: Readonly<Record<string, string>>;
  /** The summary with its templates filled in. */
  readonly summary: string;
}

/** A query whose result is kept as a series. */
export interface Recording {
  /** `level:metric:operation`, as Prometheus recommends. */
  readonly record: string;
  readonly expression: string;
  /** The labels of the result. */
  readonly labels: readonly string[];
}

/** A share of events that have to be good over 30 days, and the alerts when that is in danger. */
export interface Objective {
  readonly name: string;
  /** What is promised, as a sentence. */
  readonly promise: string;
  /** The share of good events that is promised. */
  readonly target: number;
  /** Rate of bad events by job, with `$window` for the window. */
  readonly bad: string;
  /** Rate of all events by job, with `$window` for the window. */
  readonly total: string;
  readonly impact: string;
  readonly look: readonly Look[];
  readonly actions: readonly string[];
  /** An hour in which all is well, and then one and a half in which every second event is bad, at `job="api"`. */
  readonly fires: InputSeries;
  /** Two and a half hours in which fewer events are bad than the budget allows. */
  readonly silent: InputSeries;
}
