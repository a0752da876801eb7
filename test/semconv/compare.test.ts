import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { compare, type Comparison } from "../../semconv/compare.ts";
import { emitMigrations } from "../../semconv/emit/migrations.ts";
import { emitSchemaFile } from "../../semconv/emit/schema-file.ts";
import { migrationsOf } from "../../semconv/history.ts";
import { formatRelease, readReleases, shapesOf } from "../../semconv/release.ts";
import { loadRegistry } from "../../semconv/resolve.ts";
import type { Registry } from "../../semconv/schema.ts";
import { RegistryError } from "../../semconv/source.ts";
import { temporaryFolder } from "../helpers/temp.ts";

const D = "stability: development, brief: B.";
const INT = "code_generation: { metric_value_type: int }";

/** The registry of version 1.0.0. */
const BEFORE = `file_format: definition/2
attributes:
  - { key: a.mode, ${D}, type: { members: [{ id: s, value: slow, ${D} }, { id: f, value: fast, ${D} }] } }
  - { key: a.size, ${D}, type: int, examples: [1] }
metrics:
  - { name: a.time, instrument: histogram, unit: s, ${D}, attributes: [{ ref: a.mode }], annotations: { ${INT}, explicit_bucket_boundaries: [1, 2] } }
  - { name: a.runs, instrument: counter, unit: "{run}", ${D}, attributes: [{ ref: a.mode }], annotations: { ${INT} } }
spans:
  - { type: a.work, kind: internal, name: { note: work }, ${D}, attributes: [{ ref: a.size }] }
events:
  - { name: a.event, ${D}, attributes: [{ ref: a.size }] }
`;

class Project {
  readonly registry = join(temporaryFolder(), "registry");
  readonly releases = join(temporaryFolder(), "releases");

  constructor() {
    mkdirSync(this.registry);
    mkdirSync(this.releases);
  }

  /** Writes the definitions of a version, and reads them. */
  write(version: string, definitions: string): Registry {
    writeFileSync(join(this.registry, "manifest.yaml"), `schema_url: https://example.com/${version}\n`);
    writeFileSync(join(this.registry, "x.yaml"), definitions);
    return loadRegistry(this.registry);
  }

  release(version: string, definitions: string): void {
    const registry = this.write(version, definitions);
    const last = readReleases(this.releases).at(-1);
    const migration = last && { migration: compare(last, registry).migration };
    const text = formatRelease({ version, shapes: shapesOf(registry), ...migration });
    writeFileSync(join(this.releases, `${version}.json`), text);
  }

  compare(version: string, definitions: string): Comparison {
    return compare(readReleases(this.releases).at(-1)!, this.write(version, definitions), this.releases);
  }
}

/** Replaces a part of the definitions, which must be there. */
function edited(...edits: readonly (readonly [from: string, to: string])[]): string {
  return edits.reduce((text, [from, to]) => {
    expect(text).to.contain(from);
    return text.replace(from, to);
  }, BEFORE);
}

const CHANGE = (of: string): string => `; declare it under "annotations: changes" (since: 1.1.0, of: ${of})`;
const KEEP = `; keep it with "deprecated", and the reason renamed, obsoleted or uncategorized`;
const SINCE = ": a break since 1.0.0";

/** What is changed, the definitions, and the place and text of the line that reports it. */
const BREAKS: readonly (readonly [change: string, definitions: string, place: string, report: string])[] = [
  [
    "a metric with another unit",
    edited(["unit: s", "unit: ms"]),
    "x.yaml:6",
    `metric "a.time" has the unit "ms", not "s"${SINCE}${CHANGE("unit")}`,
  ],
  [
    "a metric with another instrument",
    edited(["instrument: counter", "instrument: updowncounter"]),
    "x.yaml:7",
    `metric "a.runs" has the instrument "updowncounter", not "counter"${SINCE}${CHANGE("instrument")}`,
  ],
  [
    "a metric with another value type",
    edited([
      `[{ ref: a.mode }], annotations: { ${INT} }`,
      `[{ ref: a.mode }], annotations: { ${INT.replace("int", "double")} }`,
    ]),
    "x.yaml:7",
    `metric "a.runs" has the value type "double", not "int"${SINCE}${CHANGE("value_type")}`,
  ],
  [
    "a histogram with other buckets",
    edited(["[1, 2]", "[1, 4]"]),
    "x.yaml:6",
    `metric "a.time" no longer has the buckets 2 and has the new buckets 4${SINCE}${CHANGE("buckets")}`,
  ],
  [
    "a metric with a label less",
    edited([`"{run}", ${D}, attributes: [{ ref: a.mode }]`, `"{run}", ${D}`]),
    "x.yaml:7",
    `metric "a.runs" no longer has the attributes a.mode${SINCE}${CHANGE("attributes")}`,
  ],
  [
    "a metric with a label more",
    edited([`"{run}", ${D}, attributes: [`, `"{run}", ${D}, attributes: [{ ref: db.namespace }, `]),
    "x.yaml:7",
    `metric "a.runs" has the new attributes db.namespace${SINCE}${CHANGE("attributes")}`,
  ],
  [
    "an attribute of another type",
    edited(["type: int, examples: [1]", "type: string, examples: [1]"]),
    "x.yaml:4",
    `attribute "a.size" has the type "string", not "int"${SINCE}${CHANGE("type")}`,
  ],
  [
    "an enum that is one no longer",
    BEFORE.replace(/key: a\.mode.*\n/, `key: a.mode, ${D}, type: string, examples: [x] }\n`),
    "x.yaml:3",
    `attribute "a.mode" has the type "string", not "enum"${SINCE}${CHANGE("type")}`,
  ],
  [
    "an enum with another value",
    edited(["value: slow", "value: slower"]),
    "x.yaml:3",
    `value "slow" of attribute "a.mode" is gone${SINCE}${KEEP}`,
  ],
  [
    "a span of another kind",
    edited(["kind: internal", "kind: client"]),
    "x.yaml:9",
    `span "a.work" has the kind "client", not "internal"${SINCE}${CHANGE("kind")}`,
  ],
  [
    "a span with another name",
    edited(["note: work", "note: to work"]),
    "x.yaml:9",
    `span "a.work" has the name "to work", not "work"${SINCE}${CHANGE("name")}`,
  ],
  [
    "a span without an attribute",
    edited([`note: work }, ${D}, attributes: [{ ref: a.size }]`, `note: work }, ${D}`]),
    "x.yaml:9",
    `span "a.work" no longer has the attributes a.size${SINCE}${CHANGE("attributes")}`,
  ],
  [
    "an event that is gone",
    edited(["name: a.event", "name: a.happening"]),
    "1.0.0.json",
    `event "a.event" is gone${SINCE}${KEEP}`,
  ],
  [
    "a metric that is gone",
    BEFORE.replace(/ {2}- \{ name: a\.time.*\n/, ""),
    "1.0.0.json",
    `metric "a.time" is gone${SINCE}${KEEP}`,
  ],
  [
    "a span that is gone",
    edited(["type: a.work", "type: a.labour"]),
    "1.0.0.json",
    `span "a.work" is gone${SINCE}${KEEP}`,
  ],
  [
    "a metric with another name",
    edited(["name: a.runs", "name: a.starts"]),
    "1.0.0.json",
    `metric "a.runs" is gone${SINCE}${KEEP}`,
  ],
];

/** The registry of version 1.1.0, with all of its changes declared. */
const AFTER = edited(
  ["value: slow,", "value: slower,"],
  ["[{ id: s", `[{ id: o, value: slow, ${D}, deprecated: { reason: renamed, renamed_to: slower } }, { id: s`],
  ["key: a.mode", "key: a.pace"],
  ["[{ ref: a.mode }], annotations: { code", "[{ ref: a.pace }], annotations: { code"],
  ["ref: a.mode", "ref: a.pace"],
  ["unit: s,", "unit: ms,"],
  ["[1, 2] }", `[1, 2], changes: [{ since: 1.1.0, of: unit, note: Multiply by 1000. }] }`],
  ["name: a.runs", "name: a.starts"],
  ["  - { name: a.event", `  - { name: a.event, deprecated: { reason: obsoleted, note: Nothing wrote it. }`],
  ["attributes:\n", `attributes:\n  - { key: a.mode, deprecated: { reason: renamed, renamed_to: a.pace } }\n`],
  ["metrics:\n", `metrics:\n  - { name: a.runs, deprecated: { reason: renamed, renamed_to: a.starts } }\n`],
);

describe("a registry compared with the last release", () => {
  const project = new Project();
  project.release("1.0.0", BEFORE);

  for (const [change, definitions, place, report] of BREAKS) {
    it(`reports ${change}, in one line with its place`, () => {
      const { breaks } = project.compare("1.1.0", definitions);
      expect(breaks).to.have.length(1);
      const [, file, line, text] = /^(.*):(\d+): (.*)$/.exec(breaks[0]!)!;
      expect(text).to.equal(report);
      expect(`${file!}:${line!}`).to.contain(place);
      const subject = /"(a\.\w+)"/g.exec(report.replace(/^value "\w+"/, ""))![1]!;
      expect(readFileSync(file!, "utf8").split("\n")[Number(line) - 1]).to.contain(subject);
    });
  }

  it("reports nothing for additions and changed descriptions", () => {
    const more = edited(
      [`{ id: f`, `{ id: m, value: middling, ${D} }, { id: f`],
      [`note: work }, ${D}, attributes: [`, `note: work }, ${D}, attributes: [{ ref: a.mode }, `],
      ["metrics:\n", `metrics:\n  - { name: a.more, instrument: counter, unit: s, ${D}, annotations: { ${INT} } }\n`],
      ["type: int, examples: [1]", "type: int, note: N, examples: [2]"],
    );
    const { breaks, migration } = project.compare("1.0.0", more);
    expect(breaks).to.deep.equal([]);
    expect([...migration.renamed, ...migration.changed]).to.deep.equal([]);
  });

  it("lists declared changes, with their names in Prometheus", () => {
    const { breaks, migration } = project.compare("1.1.0", AFTER);
    expect(breaks).to.deep.equal([]);
    expect(migration).to.deep.equal({
      since: "1.0.0",
      version: "1.1.0",
      renamed: [
        { kind: "attribute", from: "a.mode", to: "a.pace" },
        { kind: "value", attribute: "a.mode", from: "slow", to: "slower" },
        { kind: "metric", from: "a.runs", to: "a.starts" },
      ],
      changed: [
        { kind: "metric", name: "a.time", change: `has the unit "ms", not "s"`, note: "Multiply by 1000." },
        { kind: "event", name: "a.event", change: "is no longer emitted", note: "Nothing wrote it." },
      ],
      prometheus: {
        names: { a_mode: "a_pace", a_runs_total: "a_starts_total" },
        values: { a_mode: { slow: "slower" } },
        review: Object.fromEntries(
          ["", "_bucket", "_sum", "_count"].map((suffix) => [
            `a_time_seconds${suffix}`,
            `has the unit "ms", not "s": Multiply by 1000.; is called a_time_milliseconds now`,
          ]),
        ),
      },
    });
  });

  it("reports declared changes of a version that is released, and declarations without a change", () => {
    const needless = edited(["[1, 2] }", "[1, 2], changes: [{ since: 1.1.0, of: unit, note: N }] }"]);
    expect(project.compare("1.1.0", needless).breaks.map((line) => line.split(": ").slice(1).join(": "))).to.deep.equal(
      [`a change of "unit" in 1.1.0 is declared, and 1.1.0 has none since 1.0.0`],
    );
    const renamed = edited(
      ["name: a.runs", "name: a.starts"],
      ["metrics:\n", `metrics:\n  - { name: a.runs, deprecated: { reason: renamed, renamed_to: a.starts } }\n`],
    );
    const [line, ...others] = project.compare("1.0.0", renamed).breaks;
    expect(line).to.match(/manifest\.yaml:1: version 1\.0\.0 is released with other names/);
    expect(others).to.deep.equal([]);
  });

  it("follows names that change once more in a later version", () => {
    const later = new Project();
    later.release("1.0.0", BEFORE);
    later.release("1.1.0", AFTER);
    const again = AFTER.replace("name: a.starts", "name: a.begins").replace(
      "metrics:\n",
      "metrics:\n  - { name: a.starts, deprecated: { reason: renamed, renamed_to: a.begins } }\n",
    );
    const { breaks, migration } = later.compare("1.2.0", again);
    expect(breaks).to.deep.equal([]);
    expect(migration.renamed).to.deep.equal([{ kind: "metric", from: "a.starts", to: "a.begins" }]);
    const registry = later.write("1.2.0", again);
    const migrations = migrationsOf(readReleases(later.releases), registry);
    expect(migrations.map(({ version }) => version)).to.deep.equal(["1.1.0", "1.2.0"]);

    const schema = emitSchemaFile(registry, readReleases(later.releases), migrations);
    expect(parse(schema)).to.deep.equal({
      file_format: "1.1.0",
      schema_url: "https://example.com/1.2.0",
      versions: {
        "1.2.0": { metrics: { changes: [{ rename_metrics: { "a.starts": "a.begins" } }] } },
        "1.1.0": {
          all: { changes: [{ rename_attributes: { attribute_map: { "a.mode": "a.pace" } } }] },
          metrics: { changes: [{ rename_metrics: { "a.runs": "a.starts" } }] },
        },
        "1.0.0": {},
      },
    });
    expect(schema.indexOf("1.2.0:")).to.be.below(schema.indexOf("1.1.0:"));

    const page = emitMigrations(migrations);
    expect(page.indexOf("## 1.2.0, from 1.1.0")).to.be.above(0).and.below(page.indexOf("## 1.1.0, from 1.0.0"));
    for (const row of [
      "| metric | `a.runs` | `a.starts` |",
      "| value of `a.mode` | `slow` | `slower` |",
      "| `a_runs_total` | `a_starts_total` |",
      '| metric | `a.time` | has the unit "ms", not "s" | Multiply by 1000. |',
    ])
      expect(page).to.contain(`${row}\n`);
  });
});

const MISTAKES: readonly (readonly [mistake: string, deprecated: string, message: string])[] = [
  ["a new name that nothing has", "{ reason: renamed, renamed_to: a.c }", `there is no metric "a.c"`],
  [
    "a new name that is the old one",
    "{ reason: renamed, renamed_to: a.old }",
    `the new names of metric "a.old" lead in a circle`,
  ],
  ["a rename without a new name", "{ reason: renamed }", `"renamed_to" is missing`],
  ["a removal without a note", "{ reason: obsoleted }", `"note" is missing`],
  [
    "a reason that is misspelt",
    "{ reason: removed, note: N }",
    `"reason" must be one of renamed, obsoleted, uncategorized, not "removed"`,
  ],
  [
    "a new name of what is not renamed",
    "{ reason: obsoleted, renamed_to: a.time, note: N }",
    `"renamed_to" needs the reason "renamed"`,
  ],
];

describe("a deprecated definition", () => {
  const errorOf = (definitions: string): string => {
    try {
      new Project().write("1.0.0", definitions);
    } catch (error) {
      expect(error).to.be.instanceOf(RegistryError);
      return (error as RegistryError).message.replace(/^.*\//, "");
    }
    return "no error";
  };

  for (const [mistake, deprecated, message] of MISTAKES) {
    it(`reports ${mistake} with its line`, () => {
      const definition = `metrics:\n  - { name: a.old, deprecated: ${deprecated} }\n`;
      expect(errorOf(edited(["metrics:\n", definition]))).to.equal(`x.yaml:6: ${message}`);
    });
  }

  it("must not be defined as well, or used by a signal", () => {
    const twice = `metrics:\n  - { name: a.runs, deprecated: { reason: obsoleted, note: N } }\n`;
    expect(errorOf(edited(["metrics:\n", twice]))).to.equal(`x.yaml:6: metric "a.runs" is also defined`);
    const used = edited(["key: a.size", "deprecated: { reason: obsoleted, note: N }, key: a.size"]);
    expect(errorOf(used)).to.match(/attribute "a\.size" is defined neither here nor by OpenTelemetry$/);
  });
});
