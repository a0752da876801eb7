import type { Sink } from "./sink.ts";
import type { VariantName } from "./variants.ts";

export type Unit = "ns" | "µs" | "ms" | "MB";

/** One thing that is measured: a row of the table. */
export interface Row {
  readonly title: string;
  readonly unit: Unit;
  /** What says what a variant costs: how often it is the bare cost, how much is added to it, or itself. */
  readonly compare: "ratio" | "difference" | "itself";
  /** The most it is to be for stratascope. */
  readonly aim?: number;
  /** The variants it cannot be measured for, and why. */
  readonly absent: Readonly<Partial<Record<VariantName, string>>>;
}

/** What one measurement of a row found. */
export interface Sample {
  /** In the unit of the row. */
  readonly value: number;
  /** How often it is that of unobserved work beside it in the same process, where there is such work. */
  readonly ratio?: number;
}

/** What a measurement is made with. */
export interface Bench {
  /** Where the telemetry goes. */
  readonly sink: Sink;
  /** The share of the usual work that is done. */
  readonly effort: number;
}

/** How often something is done. */
export const scaled = (usual: number, { effort }: Bench): number => Math.ceil(usual * effort);

/** What is measured together. */
export interface Scenario<Id extends string = string> {
  /** The rows, by a name for machines. */
  readonly rows: Readonly<Record<Id, Row>>;
  /** How often each variant has its turn in a round; once otherwise. */
  readonly turns?: number;
  /** Measures a variant once, for the rows it is not absent from. */
  readonly measure: (variant: VariantName, bench: Bench) => Promise<Readonly<Partial<Record<Id, Sample>>>>;
  /** Ends what was started for the measurements. */
  readonly close?: () => Promise<void>;
}
