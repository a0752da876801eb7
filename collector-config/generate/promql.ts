import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";
import { prometheusLabel, prometheusName } from "../../semconv/prometheus-names.ts";
import type { ForeignSeries } from "../definitions/foreign.ts";
import type { Metric, Registry } from "../../semconv/schema.ts";
import { isUnambiguous } from "./scrape.ts";

/** Time series that can be queried: its metric and its labels. */
interface Series {
  readonly metric: Metric | undefined;
  readonly labels: ReadonlySet<string>;
}

/** Labels that Prometheus adds to every series of a target. */
const TARGET_LABELS = ["job", "instance"] as const;

/** Names that queries may use, as metrics are named in Prometheus. */
export class Vocabulary {
  readonly #series = new Map<string, Series>();

  constructor({ metrics }: Registry, foreign: ForeignSeries = {}) {
    for (const metric of metrics) this.#addMetric(metric);
    for (const [name, labels] of Object.entries(foreign)) this.add(name, [...TARGET_LABELS, ...labels]);
  }

  /** Adds a name that is not a metric of the registry, such as that of a recording rule. */
  add(name: string, labels: Iterable<string>): void {
    this.#series.set(name, { metric: undefined, labels: new Set(labels) });
  }

  get(name: string): Series | undefined {
    return this.#series.get(name);
  }

  #addMetric(metric: Metric): void {
    const family = prometheusName(metric);
    const labels = [...TARGET_LABELS, ...metric.attributes.map(({ key }) => prometheusLabel(key))];
    const series = { metric, labels: new Set(labels) };
    if (metric.instrument !== "histogram") {
      this.#series.set(family, series);
      return;
    }
    for (const suffix of ["_count", "_sum"]) this.#series.set(family + suffix, series);
    this.#series.set(`${family}_bucket`, { metric, labels: new Set([...labels, "le"]) });
  }
}

/** Error about a query that cannot be run, or would find nothing. */
export class QueryError extends Error {
  override name = "QueryError";
}

/** PromQL query in which all names are known. */
export class Query {
  readonly text: string;
  readonly #selectors: readonly Selector[];

  /**
   * @throws QueryError for a mistake of syntax, a metric that nothing emits, a label the metric does not have, or a
   * bucket it does not have
   */
  constructor(text: string, vocabulary: Vocabulary) {
    this.text = text;
    this.#selectors = findAll(parser.parse(text).topNode, (node) => this.#select(node, vocabulary));
    this.#checkGrouping();
  }

  /** Returns the metrics of the registry that it queries, each once. */
  get metrics(): Metric[] {
    return [...new Set(this.#selectors.flatMap(({ series }) => series.metric ?? []))];
  }

  get usesBuckets(): boolean {
    return this.#selectors.some(({ name }) => name.endsWith("_bucket"));
  }

  /** Returns the query with conditions added to each of its series that has the label. */
  where(conditions: Readonly<Record<string, string>>): string {
    let text = this.text;
    // From the end, so that what was found before stays where it is.
    for (const { series, end, hasMatchers } of this.#selectors.toReversed()) {
      const added = Object.entries(conditions)
        .filter(([label]) => series.labels.has(label))
        .map(([label, condition]) => label + condition)
        .join(",");
      const inserted = hasMatchers ? `,${added}}` : `{${added}}`;
      text = text.slice(0, hasMatchers ? end - 1 : end) + inserted + text.slice(end);
    }
    return text;
  }

  #select(node: SyntaxNode, vocabulary: Vocabulary): Selector | undefined {
    if (node.type.isError) throw this.#error(`is not PromQL at "${this.text.slice(node.from)}"`);
    if (node.name !== "VectorSelector") return undefined;
    const name = this.#textOf(node.getChild("Identifier"));
    const series = vocabulary.get(name);
    if (series === undefined) throw this.#error(`asks for ${name}, which nothing emits`);
    const matchers = node.getChild("LabelMatchers");
    for (const matcher of matchers?.getChildren("UnquotedLabelMatcher") ?? [])
      this.#checkMatcher(matcher, name, series);
    return { name, series, end: node.to, hasMatchers: matchers !== null && matchers.firstChild !== null };
  }

  #checkMatcher(matcher: SyntaxNode, name: string, { metric, labels }: Series): void {
    const label = this.#textOf(matcher.getChild("LabelName"));
    if (!labels.has(label)) throw this.#error(`asks ${name} for ${label}, a label it does not have`);
    const value = this.#textOf(matcher.getChild("StringLiteral")).slice(1, -1);
    if (label === "le" && !metric!.boundaries!.filter(isUnambiguous).map(String).includes(value)) {
      throw this.#error(`asks ${name} for the bucket ${value}, which it does not have, or not always so spelled`);
    }
  }

  /** Rejects grouping by a label that none of the series has. */
  #checkGrouping(): void {
    const known = new Set(this.#selectors.flatMap(({ series }) => [...series.labels]));
    const groupings = findAll(parser.parse(this.text).topNode, (node) =>
      node.name === "GroupingLabels" ? node : undefined,
    );
    for (const label of groupings.flatMap((node) => node.getChildren("LabelName")).map((node) => this.#textOf(node))) {
      if (!known.has(label)) throw this.#error(`groups by ${label}, a label none of its series has`);
    }
  }

  #textOf(node: SyntaxNode | null): string {
    return node === null ? "" : this.text.slice(node.from, node.to);
  }

  #error(problem: string): QueryError {
    return new QueryError(`the query ${problem}: ${this.text}`);
  }
}

interface Selector {
  readonly name: string;
  readonly series: Series;
  /** Offset of its end in the text. */
  readonly end: number;
  readonly hasMatchers: boolean;
}

/** Returns the results of a function for the nodes below a node, in the order of the text. */
function findAll<T>(top: SyntaxNode, find: (node: SyntaxNode) => T | undefined): T[] {
  const found: T[] = [];
  top.cursor().iterate(({ node }) => {
    const result = find(node);
    if (result !== undefined) found.push(result);
  });
  return found;
}
