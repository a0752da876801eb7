/** Urgency: `critical` pages the operator on duty, `warning` is for the working day, `info` for the next review. */
type Severity = "critical" | "warning" | "info";

/** Alert: its condition, its meaning, and examples that prove when it fires and when it does not. */
export interface Alert {
  readonly name: string;
  readonly severity: Severity;
  /** Duration for which the condition must hold, as Prometheus writes it; by default it fires at once. */
  readonly for?: string;
  /** PromQL, with `$threshold` for the threshold. */
  readonly expression: string;
  /** Threshold, in the unit of the compared value. */
  readonly threshold: number;
  /** One sentence, with templates of Prometheus. */
  readonly summary: string;
  /** State of the service when it fires. */
  readonly meaning: string;
  /** Effect on users of the service. */
  readonly impact: string;
  /** Queries to look at, each with a description of its result. */
  readonly look: readonly Look[];
  /** Actions, the likeliest first. */
  readonly actions: readonly string[];
  readonly fires: Firing;
  readonly silent: Proof;
}

export type Look = readonly [shows: string, query: string];

/** Series by name with labels, and their values at each minute in promtool's notation. */
export type InputSeries = Readonly<Record<string, string>>;

interface Proof {
  readonly series: InputSeries;
  /** Time of the check. */
  readonly at: string;
}

interface Firing extends Proof {
  /** The labels of the alert, without the severity. */
  readonly labels: Readonly<Record<string, string>>;
  /** The summary with its templates filled in. */
  readonly summary: string;
}

/** Recording rule: a query whose result is stored as a series. */
export interface Recording {
  /** `level:metric:operation`, as Prometheus recommends. */
  readonly record: string;
  readonly expression: string;
  /** The labels of the result. */
  readonly labels: readonly string[];
  /** Example that proves it: the values of its series at a time, by their labels. */
  readonly example?: {
    readonly series: InputSeries;
    readonly at: string;
    readonly samples: Readonly<Record<string, number>>;
  };
}

/** Service level objective: a ratio of good events over 30 days, with alerts on the rate at which its budget burns. */
export interface Objective {
  readonly name: string;
  /** Objective, as a sentence. */
  readonly promise: string;
  /** Ratio of good events. */
  readonly target: number;
  /** Rate of bad events by job, with `$window` for the window. */
  readonly bad: string;
  /** Rate of all events by job, with `$window` for the window. */
  readonly total: string;
  readonly impact: string;
  readonly look: readonly Look[];
  readonly actions: readonly string[];
  /** Example that fires: one hour without bad events, then one and a half in which every second one is bad, at `job="api"`. */
  readonly fires: InputSeries;
  /** Example that is silent: two and a half hours in which fewer events are bad than the budget allows. */
  readonly silent: InputSeries;
}
