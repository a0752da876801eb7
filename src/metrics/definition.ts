import type { InstrumentationScope } from "@opentelemetry/core";

/** How what is recorded into an instrument becomes what it exports. */
export type Kind =
  | "counter"
  | "updowncounter"
  | "gauge"
  | "histogram"
  /** An up-down counter of which one thread can take what another one added. */
  | "balance"
  /** A gauge of which the latest value counts, whichever thread set it. */
  | "reading"
  /** A histogram of any values, with nothing but its explicit buckets. */
  | "distribution";

/** What there is to know of an instrument: of ours by the registry, of the application's by how it was made. */
export interface Definition {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly valueType: "int" | "double";
  readonly instrument: Kind;
  /** Whether it says what happened last, which is as true once the database it happened in is closed. */
  readonly outlivesDatabase?: boolean;
  /** Bucket bounds of a histogram, in its unit. */
  readonly boundaries?: readonly number[];
  /** The attributes that tell its series apart; where none are listed, all do. */
  readonly attributes?: readonly string[];
  /** Who made it, if it is none of ours. */
  readonly scope?: InstrumentationScope;
}
