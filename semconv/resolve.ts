import * as upstream from "@opentelemetry/semantic-conventions/incubating";
import { Deprecations, readChanges, readVersion } from "./deprecation.ts";
import {
  INSTRUMENTS,
  PRIMITIVE_TYPES,
  REQUIREMENT_LEVELS,
  SPAN_KINDS,
  VALUE_TYPES,
  type Attribute,
  type AttributeUse,
  type Deprecation,
  type EnumMember,
  type Event,
  type DefinitionKind,
  type Metric,
  type Registry,
  type Span,
} from "./schema.ts";
import { checkRecords, readRecords, readReport } from "./records.ts";
import { readRegistry, type Entry } from "./source.ts";

const SECTIONS = [
  "file_format",
  "attributes",
  "attribute_groups",
  "metrics",
  "metric_refinements",
  "spans",
  "span_refinements",
  "events",
] as const;

const NAME = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$/;

/** Returns the names that OpenTelemetry defines, from the installed package of semantic conventions. */
const upstreamNames = (prefix: string): ReadonlySet<unknown> =>
  new Set(
    Object.entries(upstream)
      .filter(([key]) => key.startsWith(prefix))
      .map(([, name]) => name),
  );
const UPSTREAM_ATTRIBUTES = upstreamNames("ATTR_");
const UPSTREAM_METRICS = upstreamNames("METRIC_");
/** Span types of the specification that we refine; the package does not contain span types. */
const UPSTREAM_SPANS: ReadonlySet<string> = new Set(["db.client", "http.client", "http.server"]);

/**
 * Reads a registry folder in Weaver's `definition/2` form and resolves it.
 * @throws RegistryError naming file and line of the first rule that is broken.
 */
export function loadRegistry(folder: string): Registry {
  const { manifest, files } = readRegistry(folder);
  for (const file of files) {
    file.allow(...SECTIONS);
    file.oneOf("file_format", ["definition/2"]);
  }
  const all = (section: string): Entry[] => files.flatMap((file) => file.entries(section));

  const deprecations = new Deprecations();
  const live = (section: string, kind: DefinitionKind, field: string): Entry[] =>
    deprecations.sift(all(section), kind, field);

  const names = new Names();
  const attributes = live("attributes", "attribute", "key").map((entry) => readAttribute(entry, names, deprecations));
  const uses = new AttributeUses(new Set(attributes.map(({ key }) => key)), all("attribute_groups"));
  const metrics = [
    ...live("metrics", "metric", "name").map((entry) => readMetric(entry, names, uses)),
    ...live("metric_refinements", "metric", "ref").map((entry) => readMetricRefinement(entry, uses)),
  ];
  const spans = [
    ...live("spans", "span", "type").map((entry) => readSpan(entry, uses)),
    ...live("span_refinements", "span", "ref").map((entry) => readSpanRefinement(entry, uses)),
  ];
  // The name of an event can be that of the metric which counts it.
  const eventNames = new Names();
  const events = live("events", "event", "name").map((entry) => readEvent(entry, eventNames, uses));
  checkRecords({ spans, events, metrics }, folder);
  names.rejectNamespaces();
  eventNames.rejectNamespaces();
  const registry: Registry = {
    schemaUrl: manifest.text("schema_url"),
    version: readVersion(manifest),
    place: manifest.place("schema_url"),
    attributes,
    metrics,
    spans,
    events,
    deprecated: deprecations.all,
  };
  deprecations.rejectContradictions(
    (deprecation, name) => isDefined(registry, deprecation, name),
    (name) => UPSTREAM_ATTRIBUTES.has(name),
  );
  return registry;
}

/** Tells whether a registry has a definition or value of the kind that is deprecated. */
function isDefined({ attributes, ...signals }: Registry, { kind, attribute }: Deprecation, name: string): boolean {
  switch (kind) {
    case "attribute":
      return attributes.some(({ key }) => key === name);
    case "value":
      return attributes.some(
        ({ key, type }) => key === attribute && typeof type !== "string" && type.some(({ value }) => value === name),
      );
    case "metric":
      return signals.metrics.some((metric) => metric.name === name);
    case "span":
      return signals.spans.some(({ type }) => type === name);
    case "event":
      return signals.events.some((event) => event.name === name);
  }
}

/** Names defined here: each unique, well formed, and never also the namespace of another name. */
class Names {
  readonly #seen = new Map<string, { readonly entry: Entry; readonly field: string }>();

  add(entry: Entry, field: string): string {
    const name = entry.text(field);
    if (!NAME.test(name)) throw entry.error(field, `"${name}" is not a lower-case dotted name`);
    if (this.#seen.has(name)) throw entry.error(field, `"${name}" is defined twice`);
    this.#seen.set(name, { entry, field });
    return name;
  }

  rejectNamespaces(): void {
    for (const [name, { entry, field }] of this.#seen) {
      for (const other of this.#seen.keys()) {
        if (other.startsWith(`${name}.`)) throw entry.error(field, `"${name}" is also the namespace of "${other}"`);
      }
    }
  }
}

/** Resolver of `ref` and `ref_group` lists. */
class AttributeUses {
  readonly #own: ReadonlySet<string>;
  readonly #groups = new Map<string, AttributeUse[]>();

  constructor(own: ReadonlySet<string>, groups: readonly Entry[]) {
    this.#own = own;
    for (const group of groups) {
      group.allow("id", "visibility", "stability", "brief", "attributes");
      group.oneOf("visibility", ["internal", "public"]);
      this.#groups.set(group.text("id"), this.of(group));
    }
  }

  of(signal: Entry): AttributeUse[] {
    const found = new Map<string, AttributeUse>();
    for (const entry of signal.entries("attributes")) {
      const uses = entry.has("ref_group") ? this.#group(entry) : [this.#single(entry)];
      for (const use of uses) {
        if (found.has(use.key)) throw entry.error("ref", `attribute "${use.key}" is listed twice`);
        found.set(use.key, use);
      }
    }
    return [...found.values()];
  }

  #group(entry: Entry): AttributeUse[] {
    const id = entry.allow("ref_group").text("ref_group");
    const uses = this.#groups.get(id);
    if (uses === undefined) throw entry.error("ref_group", `attribute group "${id}" is not defined`);
    return uses;
  }

  #single(entry: Entry): AttributeUse {
    const key = entry.allow("ref", "requirement_level", "note").text("ref");
    if (!this.#own.has(key) && !UPSTREAM_ATTRIBUTES.has(key)) {
      throw entry.error("ref", `attribute "${key}" is defined neither here nor by OpenTelemetry`);
    }
    return { key, requirement: readRequirement(entry), note: entry.optionalText("note") };
  }
}

function readRequirement(entry: Entry): string {
  if (!entry.has("requirement_level")) return "recommended";
  if (entry.isText("requirement_level")) return entry.oneOf("requirement_level", REQUIREMENT_LEVELS);
  const level = entry.entry("requirement_level").allow("conditionally_required");
  return `conditionally_required: ${level.text("conditionally_required")}`;
}

function readBrief(entry: Entry): string {
  const brief = entry.text("brief").trim();
  if (!brief.endsWith(".")) throw entry.error("brief", `"brief" must be a sentence that ends with a period`);
  return brief;
}

function readAttribute(entry: Entry, names: Names, deprecations: Deprecations): Attribute {
  entry.allow("key", "type", "stability", "brief", "note", "examples", "annotations");
  allowAnnotations(entry);
  entry.oneOf("stability", ["development"]);
  const readType = (): EnumMember[] => readMembers(entry.entry("type"), entry.text("key"), deprecations);
  const type = entry.isText("type") ? entry.oneOf("type", PRIMITIVE_TYPES) : readType();
  const examples = entry.scalars("examples");
  if (typeof type === "string" && examples.length === 0) throw entry.error("key", `"examples" are missing`);
  const key = names.add(entry, "key");
  return { key, type, brief: readBrief(entry), examples, ...definitionOf(entry, "attribute", "key") };
}

/** Reads the fields that all definitions have. */
function definitionOf(entry: Entry, kind: DefinitionKind, nameField: string): Pick<Metric, "place" | "changes"> {
  return { place: entry.place(nameField), changes: readChanges(entry, kind) };
}

/** Reads the values of an enum that are emitted. */
function readMembers(type: Entry, attribute: string, deprecations: Deprecations): EnumMember[] {
  const members = type.allow("members").entries("members");
  const values = new Set<string>();
  return members.flatMap((member) => {
    member.allow("id", "value", "brief", "stability", "deprecated").oneOf("stability", ["development"]);
    const value = member.text("value");
    if (values.has(value)) throw member.error("value", `value "${value}" is listed twice`);
    values.add(value);
    const read = { id: member.text("id"), value, brief: readBrief(member) };
    if (!member.has("deprecated")) return read;
    deprecations.add("value", value, member, attribute);
    return [];
  });
}

const METRIC_FIELDS = ["brief", "note", "attributes", "annotations"] as const;

function readMetric(entry: Entry, names: Names, uses: AttributeUses): Metric {
  entry.allow("name", "instrument", "unit", "stability", ...METRIC_FIELDS);
  entry.oneOf("stability", ["development"]);
  const shape = {
    name: names.add(entry, "name"),
    instrument: entry.oneOf("instrument", INSTRUMENTS),
    unit: entry.text("unit"),
    upstream: false,
  };
  return completeMetric(entry, shape, uses, "name");
}

/** Reads a metric of OpenTelemetry's. The installed package lacks its instrument and unit, so the registry repeats them. */
function readMetricRefinement(entry: Entry, uses: AttributeUses): Metric {
  entry.allow("id", "ref", ...METRIC_FIELDS);
  const name = entry.text("ref");
  if (!UPSTREAM_METRICS.has(name)) throw entry.error("ref", `OpenTelemetry defines no metric "${name}"`);
  const generation = entry.entry("annotations").entry("code_generation");
  const shape = {
    name,
    instrument: generation.oneOf("instrument", INSTRUMENTS),
    unit: generation.text("unit"),
    upstream: true,
  };
  return completeMetric(entry, shape, uses, "ref");
}

type MetricShape = Pick<Metric, "name" | "instrument" | "unit" | "upstream">;

// oxlint-disable-next-line max-params -- each is of its own kind
function completeMetric(entry: Entry, shape: MetricShape, uses: AttributeUses, nameField: string): Metric {
  const annotations = entry
    .entry("annotations")
    .allow("code_generation", "explicit_bucket_boundaries", "lifetime", "changes");
  const generation = annotations.entry("code_generation").allow("metric_value_type", "instrument", "unit");
  return {
    ...shape,
    valueType: generation.oneOf("metric_value_type", VALUE_TYPES),
    brief: readBrief(entry),
    outlivesDatabase: annotations.isText("lifetime") && annotations.oneOf("lifetime", ["process"]) === "process",
    boundaries: shape.instrument === "histogram" ? readBoundaries(annotations) : undefined,
    attributes: uses.of(entry),
    ...definitionOf(entry, "metric", nameField),
  };
}

function readBoundaries(annotations: Entry): number[] {
  const key = "explicit_bucket_boundaries";
  const boundaries = annotations.numbers(key);
  const ascending = boundaries.every((bound, i) => i === 0 || bound > boundaries[i - 1]!);
  if (boundaries.length === 0 || !ascending) throw annotations.error(key, `a histogram needs ascending "${key}"`);
  return boundaries;
}

function readSpan(entry: Entry, uses: AttributeUses): Span {
  entry.allow("type", "kind", "name", "stability", "brief", "attributes", "annotations");
  const annotations = allowAnnotations(entry, "records");
  return {
    type: entry.text("type"),
    kind: entry.oneOf("kind", SPAN_KINDS),
    name: entry.entry("name").allow("note").text("note"),
    brief: readBrief(entry),
    attributes: uses.of(entry),
    upstream: false,
    records: annotations?.has("records") === true ? readRecords(annotations) : undefined,
    ...definitionOf(entry, "span", "type"),
  };
}

function readSpanRefinement(entry: Entry, uses: AttributeUses): Span {
  entry.allow("id", "ref", "name", "brief", "attributes", "annotations");
  const type = entry.text("ref");
  if (!UPSTREAM_SPANS.has(type)) throw entry.error("ref", `OpenTelemetry defines no span "${type}"`);
  return {
    type,
    kind: entry.entry("annotations").entry("code_generation").oneOf("kind", SPAN_KINDS),
    name: entry.has("name") ? entry.entry("name").text("note") : undefined,
    brief: readBrief(entry),
    attributes: uses.of(entry),
    upstream: true,
    records: undefined,
    ...definitionOf(entry, "span", "ref"),
  };
}

function readEvent(entry: Entry, names: Names, uses: AttributeUses): Event {
  entry.allow("name", "stability", "brief", "note", "attributes", "annotations").oneOf("stability", ["development"]);
  const annotations = allowAnnotations(entry, "severity", "body", "counted");
  return {
    name: names.add(entry, "name"),
    brief: readBrief(entry),
    attributes: uses.of(entry),
    report: annotations?.has("severity") === true ? readReport(annotations) : undefined,
    ...definitionOf(entry, "event", "name"),
  };
}

/** Rejects annotations other than changes and those given. */
function allowAnnotations(entry: Entry, ...others: string[]): Entry | undefined {
  return entry.has("annotations") ? entry.entry("annotations").allow("changes", ...others) : undefined;
}
