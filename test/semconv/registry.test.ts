import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { generate } from "../../generate.ts";
import * as generated from "../../semconv/index.ts";
import { loadRegistry } from "../../semconv/resolve.ts";
import { RegistryError } from "../../semconv/source.ts";
import { temporaryFolder } from "../helpers/temp.ts";

/** A registry folder with a manifest and these files. */
function registryOf(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  const all = { "manifest.yaml": "schema_url: https://example.com/1.0.0\n", ...files };
  for (const [name, text] of Object.entries(all)) writeFileSync(join(folder, name), text);
  return folder;
}

function errorOf(folder: string): string {
  try {
    loadRegistry(folder);
  } catch (error) {
    expect(error).to.be.instanceOf(RegistryError);
    return (error as RegistryError).message;
  }
  return "no error";
}

const FORMAT = "file_format: definition/2\n";
/** What a definition needs beside what a mistake is about. */
const BRIEF = "stability: development, brief: B.";
const INT = "annotations: { code_generation: { metric_value_type: int } }";

/** Files that each begin with a mistake's name; `#!` stands in the line that has to be named, before what is said of it. */
const MISTAKES = `
# a section that is misspelt
metric: [] #! unknown field "metric"; known here: file_format, attributes, attribute_groups, metrics,
# a field that is misspelt
attributes: [{ key: a.b, type: int, ${BRIEF},
  example: 1 }] #! unknown field "example"; known here: key, type, stability, brief, note, examples
# YAML that is malformed
metrics:
  - name: @a.b #! Plain value cannot start with reserved character @
# a field given twice
metrics:
  - name: a.b
    name: a.c #! Map keys must be unique
# a section that is no list
metrics: 1 #! "metrics" must be a list
# a section left empty
attributes: #! "attributes" must be a list
# an entry that is no mapping
metrics:
  - a.b #! expected a mapping
# a name that is a number
metrics: [{ instrument: counter, stability: development,
  name: 1 }] #! "name" must be a text
# a brief left empty
attributes: [{ key: a.b, type: int, stability: development, examples: [1],
  brief: }] #! "brief" must be a text
# a unit left out
metrics:
  - name: a.b #! "unit" is missing
    stability: development
    instrument: counter
# a capital in a name
attributes: [{ type: int, ${BRIEF}, examples: [1],
  key: a.B }] #! "a.B" is not a lower-case dotted name
# a name without a namespace
attributes: [{ type: int, ${BRIEF}, examples: [1],
  key: ab }] #! "ab" is not a lower-case dotted name
# a name that ends in a dot
attributes: [{ type: int, ${BRIEF}, examples: [1],
  key: a.b. }] #! "a.b." is not a lower-case dotted name
# a name that is used twice
attributes: [{ key: a.b, type: int, ${BRIEF}, examples: [1] }]
metrics: [{ instrument: counter, stability: development,
  name: a.b }] #! "a.b" is defined twice
# a metric that is a namespace
attributes: [{ key: a.b.c, type: int, ${BRIEF}, examples: [1] }]
metrics: [{ instrument: counter, unit: s, ${BRIEF}, ${INT},
  name: a.b }] #! "a.b" is also the namespace of "a.b.c"
# an attribute that is a namespace
attributes: [{ key: a.b.c, type: int, ${BRIEF}, examples: [1] }, { type: int, ${BRIEF}, examples: [1],
  key: a.b }] #! "a.b" is also the namespace of "a.b.c"
# a stability we do not have
attributes: [{ key: a.b, type: int, brief: B., examples: [1],
  stability: stable }] #! "stability" must be one of development, not "stable"
# a type that is misspelt
attributes: [{ key: a.b, ${BRIEF}, examples: [1],
  type: integer }] #! "type" must be one of string, int, double, boolean, string[], int[], double[], not "integer"
# an attribute without examples
attributes: [{ type: int, ${BRIEF},
  key: a.b }] #! "examples" are missing
# a brief without a period
attributes: [{ key: a.b, type: int, stability: development, examples: [1],
  brief: B }] #! "brief" must be a sentence that ends with a period
# an example that is a list
attributes: [{ key: a.b, type: string, ${BRIEF}, examples: [
  [x]]}] #! "examples" must hold plain values
# an enum with a value twice
attributes: [{ key: a.b, ${BRIEF}, type: { members: [{ id: p, value: v, ${BRIEF} }, { id: q, ${BRIEF},
  value: v }] } }] #! value "v" is listed twice
# an enum member without a period
attributes: [{ key: a.b, ${BRIEF}, type: { members: [{ id: p, value: v, stability: development,
  brief: B }] } }] #! "brief" must be a sentence that ends with a period
# an instrument that is misspelt
metrics: [{ name: a.b, unit: s, ${BRIEF},
  instrument: count }] #! "instrument" must be one of counter, updowncounter, gauge, histogram, not "count"
# a metric without a value type
metrics: [{ name: a.b, instrument: counter, unit: s, ${BRIEF}, annotations: { code_generation:
  {} } }] #! "metric_value_type" is missing
# a value type that is misspelt
metrics: [{ name: a.b, instrument: counter, unit: s, ${BRIEF}, annotations: { code_generation: {
  metric_value_type: float } } }] #! "metric_value_type" must be one of int, double, not "float"
# an annotation that is misspelt
metrics: [{ name: a.b, instrument: counter, unit: s, ${BRIEF}, annotations: {
  boundaries: [1] } }] #! unknown field "boundaries"
# a histogram without bounds
metrics: [{ name: a.b, instrument: histogram, unit: s, ${BRIEF}, annotations:
  { code_generation: { metric_value_type: int } } }] #! a histogram needs ascending "explicit_bucket_boundaries"
# bounds that are equal
metrics: [{ name: a.b, instrument: histogram, unit: s, ${BRIEF}, annotations: { code_generation: {
  metric_value_type: int },
  explicit_bucket_boundaries: [1, 2, 2] } }] #! a histogram needs ascending "explicit_bucket_boundaries"
# a bound that is no number
metrics: [{ name: a.b, instrument: histogram, unit: s, ${BRIEF}, annotations: { code_generation: {
  metric_value_type: int },
  explicit_bucket_boundaries: [1, x] } }] #! "explicit_bucket_boundaries" must hold numbers, not "x"
# an attribute nobody defines
metrics: [{ name: a.b, instrument: counter, unit: s, ${BRIEF}, ${INT}, attributes: [
  { ref: db.nam }] }] #! attribute "db.nam" is defined neither here nor by OpenTelemetry
# an attribute listed twice
metrics: [{ name: a.b, instrument: counter, unit: s, ${BRIEF}, ${INT}, attributes: [{ ref: db.namespace },
  { ref: db.namespace }] }] #! attribute "db.namespace" is listed twice
# an attribute a group lists too
attribute_groups: [{ id: g, visibility: internal, attributes: [{ ref: db.namespace }] }]
metrics: [{ name: a.b, instrument: counter, unit: s, ${BRIEF}, ${INT}, attributes: [{ ref: db.namespace },
  { ref_group: g }] }] #! attribute "db.namespace" is listed twice
# a group nobody defines
metrics: [{ name: a.b, instrument: counter, unit: s, ${BRIEF}, ${INT}, attributes: [
  { ref_group: g }] }] #! attribute group "g" is not defined
# a visibility that is misspelt
attribute_groups: [{ id: g,
  visibility: intern }] #! "visibility" must be one of internal, public, not "intern"
# a level that is misspelt
metrics: [{ name: a.b, instrument: counter, unit: s, ${BRIEF}, ${INT}, attributes: [{ ref: db.namespace,
  requirement_level: must }] }] #! "requirement_level" must be one of required, recommended, opt_in,
# a condition that is misspelt
metrics: [{ name: a.b, instrument: counter, unit: s, ${BRIEF}, ${INT}, attributes: [{ ref: db.namespace,
  requirement_level: { if: x } }] }] #! unknown field "if"; known here: conditionally_required
# a metric OpenTelemetry lacks
metric_refinements: [{ id: x,
  ref: db.client.operation.time }] #! OpenTelemetry defines no metric "db.client.operation.time"
# an instrument that is not repeated
metric_refinements: [{ id: x, ref: db.client.operation.duration, annotations: { code_generation:
  { unit: s } } }] #! "instrument" is missing
# an event field that is misspelt
events: [{ ${BRIEF},
  id: a.b }] #! unknown field "id"; known here: name, stability, brief, note, attributes
# an event that is used twice
events: [{ name: a.b, ${BRIEF} }, { ${BRIEF},
  name: a.b }] #! "a.b" is defined twice
# an event that is a namespace
events: [{ name: a.b.c, ${BRIEF} }, { ${BRIEF},
  name: a.b }] #! "a.b" is also the namespace of "a.b.c"
# an event without a period
events: [{ name: a.b, stability: development,
  brief: B }] #! "brief" must be a sentence that ends with a period
# a span kind that is misspelt
spans: [{ type: a,
  kind: inner }] #! "kind" must be one of client, server, internal, producer, consumer, not "inner"
# a span name that is a text
spans: [{ type: a, kind: client, name:
  b }] #! expected a mapping
# a span OpenTelemetry lacks
span_refinements: [{ id: x,
  ref: db.server }] #! OpenTelemetry defines no span "db.server"
`;

describe("the registry", () => {
  for (const definitions of MISTAKES.trim().split(/\n(?=# )/)) {
    it(`reports ${definitions.split("\n", 1)[0]!.slice(2)} with its line`, () => {
      const folder = registryOf({ "x.yaml": FORMAT + definitions });
      const lines = (FORMAT + definitions).split("\n");
      const line = lines.findIndex((text) => text.includes("#!"));
      const expected = `${folder}/x.yaml:${line + 1}: ${lines[line]!.split("#! ")[1]}`;
      expect(errorOf(folder).slice(0, expected.length)).to.equal(expected);
    });
  }

  it("reports mistakes of a file as a whole", () => {
    const old = registryOf({ "x.yaml": "# old\nfile_format: definition/1\n" });
    expect(errorOf(old)).to.equal(`${old}/x.yaml:2: "file_format" must be one of definition/2, not "definition/1"`);
    const unnamed = registryOf({ "manifest.yaml": "name: x\n" });
    expect(errorOf(unnamed)).to.equal(`${unnamed}/manifest.yaml:1: "schema_url" is missing`);
    const empty = registryOf({ "x.yaml": "" });
    expect(errorOf(empty)).to.equal(`${empty}/x.yaml:1: expected a mapping`);
  });

  it("reports a name two files define in the second one", () => {
    const definition = `attributes:\n  - { key: a.b, type: int, ${BRIEF}, examples: [1] }`;
    const folder = registryOf({ "x.yaml": FORMAT + definition, "y.yaml": `${FORMAT}\n${definition}` });
    expect(errorOf(folder)).to.equal(`${folder}/y.yaml:4: "a.b" is defined twice`);
  });

  it("resolves references, groups and levels", () => {
    const definitions = `${FORMAT}
attribute_groups: [{ id: g, visibility: internal, attributes: [{ ref: db.namespace, note: The file. }] }]
metrics: [{ name: a.b, instrument: counter, unit: s, ${BRIEF}, ${INT}, attributes: [{ ref_group: g },
  { ref: error.type, requirement_level: { conditionally_required: If it failed. } }, { ref: error.message }]}]`;
    expect(loadRegistry(registryOf({ "x.yaml": definitions })).metrics[0]!.attributes).to.deep.equal([
      { key: "db.namespace", requirement: "recommended", note: "The file." },
      { key: "error.type", requirement: "conditionally_required: If it failed.", note: undefined },
      { key: "error.message", requirement: "recommended", note: undefined },
    ]);
  });
});

describe("the generated code", () => {
  const registry = loadRegistry("semconv/registry");
  const exported = (pattern: RegExp): unknown[] =>
    Object.entries(generated)
      .filter(([name]) => pattern.test(name))
      .map(([, value]) => value);

  it("is up to date in the repository", () => {
    for (const [file, text] of generate()) expect(readFileSync(file, "utf8") === text, file).to.equal(true);
  });

  it("defines each metric of the registry and no other", () => {
    const definitions = registry.metrics.map((metric) => {
      const { name, instrument, unit, valueType, brief, outlivesDatabase, boundaries, attributes } = metric;
      const keys = attributes.map(({ key }) => key);
      return {
        name,
        instrument,
        unit,
        valueType,
        description: brief,
        attributes: keys,
        ...(outlivesDatabase && { outlivesDatabase }),
        ...(boundaries !== undefined && { boundaries }),
      };
    });
    expect(definitions).to.have.length.above(5);
    expect(exported(/^METRIC_/)).to.have.deep.members(definitions);
  });

  it("names each event of the registry and no other", () => {
    expect(exported(/^EVENT_/)).to.have.members(registry.events.map(({ name }) => name));
  });

  it("names each attribute that is defined or used, and each value of an enum", () => {
    const used = [...registry.metrics, ...registry.spans, ...registry.events].flatMap(({ attributes }) =>
      attributes.map(({ key }) => key),
    );
    const own = registry.attributes.map(({ key }) => key);
    expect(exported(/^ATTR_/)).to.have.members([...new Set([...used, ...own])]);
    const values = registry.attributes.flatMap(({ type }) =>
      typeof type === "string" ? [] : type.map((m) => m.value),
    );
    expect(exported(/_VALUE_/)).to.have.members(values);
  });
});
