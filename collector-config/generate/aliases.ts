import { prometheusLabel, prometheusName } from "../../semconv/prometheus-names.ts";
import { aliases, futureAliases, setOf, type Alias, type Selection } from "../../src/export/prometheus/alias-table.ts";
import { ALIAS_SETS } from "../../src/config/alias-set.ts";
import { Query, type Vocabulary } from "./promql.ts";
import type { Rule } from "./rules.ts";

/** Labels of a target, which the sums keep. */
const TARGET = ["job", "instance"];

const HISTOGRAM = ["_bucket", "_sum", "_count"];

/** Returns the suffixes of the series that an alias has in Prometheus, and its source with it. */
function suffixesOf({ source, take }: Alias): readonly (readonly [alias: string, source: string])[] {
  if (take === "count") return [["", "_count"]];
  return source.instrument === "histogram" ? HISTOGRAM.map((suffix) => [suffix, suffix]) : [["", ""]];
}

const matchers = (selection: Selection): string =>
  Object.entries(selection)
    .map(([key, values]) => {
      const label = prometheusLabel(key);
      if (values === true) return `${label}!=""`;
      return values.length === 1 ? `${label}="${values[0]}"` : `${label}=~"${values.join("|")}"`;
    })
    .join(",");

/** Returns the query whose result an alias is. */
function expressionOf(alias: Alias, suffix: string): string {
  const { source, among = {}, where, labels = {} } = alias;
  const name = prometheusName(source) + suffix;
  const kept = Object.values(labels).map(prometheusLabel);
  const by = [...TARGET, ...kept, ...(suffix === "_bucket" ? ["le"] : [])].join(", ");
  const sum = (selection: Selection): string => {
    const conditions = matchers(selection);
    return `sum by (${by}) (${name}${conditions === "" ? "" : `{${conditions}}`})`;
  };
  if (where !== undefined) return `${sum({ ...among, ...where })} or 0 * ${sum(among)}`;
  const renamed = Object.entries(labels).reduce(
    (query, [label, key]) => `label_replace(${query}, "${label}", "$1", "${prometheusLabel(key)}", "(.*)")`,
    sum(among),
  );
  return kept.length === 0 ? renamed : `sum without (${kept.join(", ")}) (${renamed})`;
}

/** Returns the recording rules of all names of other systems, by set. */
export const aliasGroups = (vocabulary: Vocabulary): Record<string, Rule[]> =>
  Object.fromEntries(
    ALIAS_SETS.map((set) => [
      set,
      aliases
        .filter(({ name }) => setOf(name) === set)
        .flatMap((alias) =>
          suffixesOf(alias).map(([suffix, sourceSuffix]) => ({
            record: alias.name + suffix,
            expr: new Query(expressionOf(alias, sourceSuffix), vocabulary).text,
          })),
        ),
    ]),
  );

/** Series in an example, by labels. */
type Labels = Readonly<Record<string, string>>;

/** Returns each combination of one value of each label; an empty value is that of a series without the label. */
const combinations = (values: Readonly<Record<string, readonly string[]>>): Labels[] =>
  Object.entries(values).reduce<Labels[]>(
    (all, [label, each]) => all.flatMap((labels) => each.map((value) => ({ ...labels, [label]: value }))),
    [{}],
  );

/** Returns example values of the attributes that a selection asks for: those that it takes, and one that it does not. */
const examplesOf = (selection: Selection): Record<string, readonly string[]> =>
  Object.fromEntries(
    Object.entries(selection).map(([key, values]) => [
      key,
      values === true ? ["E1", "E2", ""] : [...values, "none of them"],
    ]),
  );

const isTaken = (labels: Labels, selection: Selection): boolean =>
  Object.entries(selection).every(([key, values]) =>
    values === true ? labels[key] !== "" : values.includes(labels[key]!),
  );

/** Formats a series: `name{label="value"}`, with the names of labels in Prometheus. */
function seriesText(name: string, labels: Labels): string {
  const pairs = Object.entries(labels).filter(([, value]) => value !== "");
  return `${name}{${pairs.map(([key, value]) => `${prometheusLabel(key)}=${JSON.stringify(value)}`).join(",")}}`;
}

/**
 * Returns promtool's test of one series of an alias: it is the sum of the series of the source that are taken. The expected
 * sums are added up here, without PromQL.
 */
function testOf(alias: Alias, [suffix, sourceSuffix]: readonly [string, string]): object {
  const { name, source, among = {}, where = {}, labels = {} } = alias;
  const bucket = suffix === "_bucket" ? { le: ["0.5", "+Inf"] } : {};
  const kept = Object.values(labels);
  const cases = combinations({
    job: ["api", "idle"],
    "db.namespace": ["main", "other"],
    ...examplesOf(among),
    ...examplesOf(where),
    ...Object.fromEntries(kept.map((key) => [key, ["1", "2"]])),
    ...bucket,
  });
  // At the idle service nothing of it has happened.
  const inputs = cases.filter((each) => each["job"] === "api" || !isTaken(each, where) || alias.where === undefined);
  const sums = new Map<string, number>();
  for (const [i, each] of inputs.entries()) {
    if (!isTaken(each, among)) continue;
    const renamed = Object.fromEntries(Object.entries(labels).map(([label, key]) => [label, each[key]!]));
    const { le = "" } = each;
    const series = seriesText(name + suffix, { instance: "a", job: each["job"]!, le, ...renamed });
    sums.set(series, (sums.get(series) ?? 0) + (isTaken(each, where) ? i + 1 : 0));
  }
  return {
    name: name + suffix,
    interval: "1m",
    input_series: inputs.map((each, i) => ({
      series: seriesText(prometheusName(source) + sourceSuffix, { ...each, instance: "a" }),
      values: `${i + 1}x2`,
    })),
    promql_expr_test: [
      {
        expr: name + suffix,
        eval_time: "1m",
        exp_samples: Array.from(sums, ([series, value]) => ({ labels: series, value })),
      },
    ],
  };
}

/** Returns promtool's tests of all names of other systems. */
export const aliasTests = (): object[] =>
  aliases.flatMap((alias) => suffixesOf(alias).map((each) => testOf(alias, each)));

const code = (text: string): string => `\`${text}\``;

function rowOf(alias: Alias): string {
  const { name, source, take, labels = {} } = alias;
  const kept = Object.entries(labels).map(([label, key]) => `${code(label)} from ${code(key)}`);
  const [[, suffix]] = suffixesOf(alias) as [[string, string]];
  const query = expressionOf(alias, take === undefined && source.instrument === "histogram" ? "_bucket" : suffix);
  return `| ${code(name)} | ${code(source.name)} | ${kept.join(", ")} | ${code(query.replaceAll("|", "\\|"))} |`;
}

/** Writes the page about the names of other systems. */
export function emitAliasPage(): string {
  const future = Object.entries(futureAliases).map(([name, metric]) => `| ${code(name)} | ${code(metric)} |`);
  return `<!-- Generated from src/export/prometheus/alias-table.ts by \`npm run generate\`. Do not edit. -->

# Names of other systems

Dashboards and alerts that were written for another system can go on with its names. They have the values of our metrics, added up over
all labels but those in the table. A value that no engine of the process tells is absent; a counter of failures, hits or misses is
0 if nothing of it has happened. Choose one of two ways: both at once would write the same series twice.

- **At the process**: \`STRATASCOPE_METRIC_ALIASES=db,streamhouse,deltaforge\` adds them to \`/metrics\`, by prefix. Not over OTLP.
- **In Prometheus**: [aliases.yaml](prometheus/aliases.yaml) has a recording rule for each, to be added to \`rule_files\`.

The sum of counters falls when a database with a name of its own has been closed for some minutes: \`rate()\` takes that for a restart.

| name | metric | labels | query |
| --- | --- | --- | --- |
${aliases.map(rowOf).join("\n")}

## To come

The metrics of these names do not exist yet, as nothing that is instrumented has streams, pipelines or an object store.

| name | metric |
| --- | --- |
${future.join("\n")}
`;
}
