/** Resolved form of the registry: every reference is replaced by its definition. */
export interface Registry {
  readonly schemaUrl: string;
  /** Version of the registry, the last part of the schema URL. */
  readonly version: string;
  /** File and line of the schema URL. */
  readonly place: string;
  /** Attributes defined here, in the order of definition. */
  readonly attributes: readonly Attribute[];
  readonly metrics: readonly Metric[];
  readonly spans: readonly Span[];
  readonly events: readonly Event[];
  /** Definitions and values that are no longer emitted. */
  readonly deprecated: readonly Deprecation[];
}

/** Kinds of definitions. */
export type DefinitionKind = "attribute" | "metric" | "span" | "event";

/** Definition, or value of an enum, that is no longer emitted, in Weaver's `deprecated` form. */
export interface Deprecation {
  readonly kind: DefinitionKind | "value";
  readonly name: string;
  /** Attribute that a value belongs to. */
  readonly attribute: string | undefined;
  /** New name, if nothing but the name has changed. */
  readonly renamedTo: string | undefined;
  readonly note: string | undefined;
}

/** Properties of a definition that queries depend on. */
export type Aspect = "unit" | "instrument" | "value_type" | "attributes" | "buckets" | "type" | "kind" | "name";

/** Declaration that a property of a definition is another one than in the release before. */
export interface DeclaredChange {
  /** Version that changes it. */
  readonly since: string;
  readonly of: Aspect;
  /** Action to take. */
  readonly note: string;
}

/** Fields that all definitions have. */
interface Definition {
  /** File and line of the definition. */
  readonly place: string;
  readonly changes: readonly DeclaredChange[];
}

export interface Attribute extends Definition {
  readonly key: string;
  readonly type: PrimitiveType | readonly EnumMember[];
  readonly brief: string;
  readonly examples: readonly (string | number | boolean)[];
}

export interface EnumMember {
  readonly id: string;
  readonly value: string;
  readonly brief: string;
}

/** Attribute as one signal uses it. */
export interface AttributeUse {
  readonly key: string;
  readonly requirement: string;
  readonly note: string | undefined;
}

export interface Metric extends Definition {
  readonly name: string;
  readonly instrument: Instrument;
  readonly unit: string;
  readonly valueType: ValueType;
  readonly brief: string;
  /** True if the value describes the last occurrence, which stays valid after its database is closed. */
  readonly outlivesDatabase: boolean;
  /** Bucket bounds of a histogram, ascending, in the unit of the metric. */
  readonly boundaries: readonly number[] | undefined;
  readonly attributes: readonly AttributeUse[];
  /** True if OpenTelemetry defines this metric and the registry only narrows it. */
  readonly upstream: boolean;
}

export interface Span extends Definition {
  readonly type: string;
  readonly kind: SpanKind;
  /** Name with attributes in braces, such as `search {storage.search.index.name}`; undefined if code determines it. */
  readonly name: string | undefined;
  readonly brief: string;
  readonly attributes: readonly AttributeUse[];
  readonly upstream: boolean;
  /** Metrics that each run is recorded in; undefined if code records them. */
  readonly records: Records | undefined;
}

/** Metrics of an activity that has a span, by what they measure. */
export type Records = Readonly<Partial<Record<Recorded, Measure>>>;

/** Metric, and the attribute of the span that has the same value. */
export interface Measure {
  readonly metric: string;
  readonly attribute: string | undefined;
}

export const RECORDED = ["duration", "active", "oldest_age", "last_success", "items", "bytes"] as const;
export type Recorded = (typeof RECORDED)[number];

/** Log record with an event name. */
export interface Event extends Definition {
  readonly name: string;
  readonly brief: string;
  readonly attributes: readonly AttributeUse[];
  /** Severity and body of its log records, and the counter of its occurrences, if there is one; undefined if code sets them. */
  readonly report:
    | { readonly severity: Severity; readonly body: string; readonly counted: string | undefined }
    | undefined;
}

export const SEVERITIES = ["INFO", "WARN", "ERROR"] as const;
export type Severity = (typeof SEVERITIES)[number];

export const INSTRUMENTS = ["counter", "updowncounter", "gauge", "histogram"] as const;
export type Instrument = (typeof INSTRUMENTS)[number];

export const VALUE_TYPES = ["int", "double"] as const;
export type ValueType = (typeof VALUE_TYPES)[number];

export const SPAN_KINDS = ["client", "server", "internal", "producer", "consumer"] as const;
export type SpanKind = (typeof SPAN_KINDS)[number];

export const PRIMITIVE_TYPES = ["string", "int", "double", "boolean", "string[]", "int[]", "double[]"] as const;
type PrimitiveType = (typeof PRIMITIVE_TYPES)[number];
export const REQUIREMENT_LEVELS = ["required", "recommended", "opt_in", "conditionally_required"] as const;
