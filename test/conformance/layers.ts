import { expect } from "chai";
import { before, describe, it, type Context } from "mocha";
import { LAYERS, type LayerId } from "../../src/instrument/definition.ts";
import { App } from "../helpers/app.ts";
import { receiving, type ReceivedPoint, type ReceivedSpan, type Receiver } from "../helpers/receiver.ts";
import { unregisteredEvents, unregisteredMetrics, unregisteredSpans } from "../helpers/registry.ts";
import { temporaryFolder } from "../helpers/temp.ts";

/** Engine whose layers are used by a program of `test/apps/conformance`. */
export interface Subject {
  readonly id: string;
  readonly layers: readonly LayerId[];
  /** The program, and its arguments. */
  readonly program: readonly string[];
  /** Builds what the program needs, or skips its test. */
  readonly needs?: ((test: Context) => Promise<void>) | undefined;
}

/** Work that the program did. */
interface Expected {
  readonly system: string;
  /** Of a database; a cache has the name of one. */
  readonly namespace?: string;
  readonly cache?: ExpectedCache;
  /** Runs, including failed ones, by `db.query.summary`. */
  readonly operations: Readonly<Record<string, number>>;
  readonly failure: { readonly summary: string; readonly type: string };
  /** Operation that took more than 50 ms. */
  readonly slow: { readonly summary: string; readonly isAsynchronous: boolean };
  /** Number of transactions by outcome. */
  readonly transactions: Readonly<Record<string, number>>;
  readonly flushes: number;
  readonly checkpoints: number;
  readonly snapshots: number;
  readonly compactions: number;
  readonly searches: number;
  /** Number of results of all searches. */
  readonly results: number;
  /** True if searches are counted, and not timed. */
  readonly isUntimed?: boolean;
  /** Changed documents by what was changed, of an index in memory. */
  readonly updates?: Readonly<Record<string, number>>;
  /** Documents in the indexes at the end. */
  readonly documents?: number;
  /** Number of invalid values that the program passed to the instrumentation. */
  readonly mistakes?: number;
  /** Stored texts, which must not appear in any telemetry. */
  readonly secrets: readonly string[];
}

/** What a cache did. */
interface ExpectedCache {
  readonly name: string;
  /** Lookups by result. */
  readonly requests: Readonly<Record<string, number>>;
  readonly writes: number;
  /** By reason, of what can be seen. */
  readonly evictions: Readonly<Record<string, number>>;
  readonly entries: number;
  readonly limit?: number;
  /** Loads by `error.type`; those that succeeded under no name. */
  readonly loads: Readonly<Record<string, number>>;
}

/** Names of the metrics of each layer. */
export const METRICS: Readonly<Record<LayerId, RegExp>> = {
  operation: /^db\.client\.operation\.duration$/,
  transaction: /^storage\.transaction\./,
  wal: /^storage\.(?:wal|checkpoint|flush)\./,
  snapshot: /^storage\.(?:snapshot|restore)\.(?!held)/,
  compaction: /^storage\.compaction\./,
  search: /^storage\.search\./,
  cache: /^storage\.cache\./,
};

/** Telemetry of the program, and the expected work. */
class Observed {
  readonly expected: Expected;
  readonly #receiver: Receiver;

  constructor(receiver: Receiver, expected: Expected) {
    this.#receiver = receiver;
    this.expected = expected;
  }

  /** Returns the final points of a metric of the database that have the given attributes. */
  points(name: string, attributes: Readonly<Record<string, unknown>> = {}): ReceivedPoint[] {
    const { namespace, cache, system } = this.expected;
    const identity = cache === undefined ? { "db.namespace": namespace } : { "storage.cache.name": cache.name };
    const wanted = { "db.system.name": system, ...identity, ...attributes };
    return (this.#receiver.latest.get(name)?.points ?? []).filter((point) =>
      Object.entries(wanted).every(([key, value]) => point.attributes[key] === value),
    );
  }

  /** Returns the number of measurements. */
  count(name: string, attributes?: Readonly<Record<string, unknown>>): number {
    return this.points(name, attributes).reduce((sum, { count, asInt }) => sum + Number(count ?? asInt), 0);
  }

  sum(name: string, attributes?: Readonly<Record<string, unknown>>): number {
    return this.points(name, attributes).reduce((total, { sum, asInt }) => total + Number(sum ?? asInt), 0);
  }

  metrics(layer: LayerId): string[] {
    return [...this.#receiver.latest.keys()].filter(
      (name) => METRICS[layer].test(name) && this.points(name).length > 0,
    );
  }

  get request(): ReceivedSpan {
    return this.#receiver.spans.find(({ name }) => name === "request")!;
  }

  spans(name: string): ReceivedSpan[] {
    return this.#receiver.spans.filter((span) => span.name === name);
  }

  /** Tells whether a span is in the right trace: background work is a root, everything else is inside the request. */
  isPlaced(span: ReceivedSpan): boolean {
    if (span.traceId !== this.request.traceId) return span.parentSpanId === undefined || span.parentSpanId === "";
    return this.#receiver.spans.some(({ spanId }) => spanId === span.parentSpanId);
  }

  get receiver(): Receiver {
    return this.#receiver;
  }
}

/** Requirements on the telemetry of each layer that an engine reports. */
const DEMANDS: Readonly<Record<LayerId, (observed: Observed) => void>> = {
  operation(observed) {
    const { operations, failure, slow } = observed.expected;
    const name = "db.client.operation.duration";
    for (const [summary, runs] of Object.entries(operations))
      expect(observed.count(name, { "db.query.summary": summary }), summary).to.equal(runs);
    expect(observed.count(name, { "db.query.summary": failure.summary, "error.type": failure.type })).to.equal(1);
    const [failed] = observed.spans(failure.summary).filter(({ attributes }) => "error.type" in attributes);
    expect(failed).to.include({ kind: "SPAN_KIND_CLIENT", traceId: observed.request.traceId });
    expect(failed!.status.code).to.equal("STATUS_CODE_ERROR");
    expect(observed.request.attributes["storage.rollup.operations"]).to.be.at.least(
      Object.values(operations).reduce((a, b) => a + b, 0),
    );
    const blocking = observed.receiver.logs.filter(
      ({ eventName, attributes }) =>
        (eventName === "storage.eventloop.blocked" || "storage.operation.blocked_time" in attributes) &&
        attributes["db.query.summary"] === slow.summary,
    );
    expect(blocking, "events of a blocked event loop").to.have.length(slow.isAsynchronous ? 0 : 1);
  },
  transaction(observed) {
    for (const [outcome, runs] of Object.entries(observed.expected.transactions)) {
      const ended = observed
        .points("storage.transaction.duration", { "storage.transaction.outcome": outcome })
        .filter(({ attributes }) => attributes["storage.transaction.mode"] !== "autocommit");
      expect(
        ended.reduce((sum, { count }) => sum + Number(count), 0),
        outcome,
      ).to.equal(runs);
    }
    const spans = observed.spans(`transaction ${observed.expected.namespace}`);
    expect(spans.map(({ attributes }) => attributes["storage.transaction.outcome"])).to.include("commit");
    for (const span of spans) expect(observed.isPlaced(span)).to.equal(true);
    expect(observed.sum("storage.transaction.active")).to.equal(0);
  },
  wal(observed) {
    const { flushes, checkpoints } = observed.expected;
    expect(observed.count("storage.flush.duration")).to.be.at.least(flushes);
    expect(observed.count("storage.checkpoint.duration", { "storage.checkpoint.trigger": "manual" })).to.equal(
      checkpoints,
    );
    expect(flushes + checkpoints, "the program flushes, or checkpoints").to.be.above(0);
  },
  snapshot(observed) {
    expect(observed.count("storage.snapshot.duration")).to.equal(observed.expected.snapshots);
    for (const span of observed.spans(`snapshot ${observed.expected.namespace}`))
      expect(observed.isPlaced(span)).to.equal(true);
    expect(observed.sum("storage.snapshot.active")).to.equal(0);
  },
  compaction(observed) {
    expect(observed.count("storage.compaction.duration")).to.be.at.least(observed.expected.compactions);
    const spans = observed.spans(`compaction ${observed.expected.namespace}`);
    expect(spans).to.have.length.of.at.least(1);
    for (const span of spans) expect(observed.isPlaced(span)).to.equal(true);
  },
  search(observed) {
    const { searches, results, isUntimed = false, updates = {}, documents } = observed.expected;
    expect(observed.count("storage.search.duration")).to.equal(isUntimed ? 0 : searches);
    if (isUntimed) expect(observed.count("storage.search.results")).to.equal(searches);
    expect(observed.sum("storage.search.results")).to.equal(results);
    for (const [type, changed] of Object.entries(updates))
      expect(observed.count("storage.search.index.updates", { "storage.search.update.type": type }), type).to.equal(
        changed,
      );
    if (documents !== undefined) expect(observed.count("storage.search.index.document.count")).to.equal(documents);
  },
  cache(observed) {
    const { name, requests, writes, evictions, entries, limit = 0, loads } = observed.expected.cache!;
    const values = (metric: string, label: string): object =>
      Object.fromEntries(
        observed
          .points(metric)
          .map(({ attributes, count, asInt }) => [attributes[label] ?? "", Number(count ?? asInt)] as const)
          .filter(([, value]) => value > 0),
      );
    expect(values("storage.cache.requests", "storage.cache.result")).to.deep.equal(requests);
    expect(values("storage.cache.evictions", "storage.cache.eviction.reason")).to.deep.equal(evictions);
    expect(values("storage.cache.load.duration", "error.type")).to.deep.equal(loads);
    expect(observed.count("storage.cache.writes")).to.equal(writes);
    expect(observed.count("storage.cache.entry.count")).to.equal(entries);
    expect(observed.count("storage.cache.entry.limit")).to.equal(limit);
    const spans = observed.spans(`load ${name}`);
    expect(spans).to.have.length(Object.values(loads).reduce((a, b) => a + b, 0));
    for (const span of spans) expect(span.parentSpanId).to.equal(observed.request.spanId);
    const { miss = 0, ...found } = requests;
    expect(observed.request.attributes).to.include({
      "storage.rollup.cache.hits": Object.values(found).reduce((a, b) => a + b, 0),
      "storage.rollup.cache.misses": miss,
    });
  },
};

/** Tests that an engine reports the layers it names, and no others. */
export function testLayers({ id, layers, program: [program, ...args], needs }: Subject): void {
  describe(`layers of ${id}`, () => {
    const receiver = receiving();
    before(async function () {
      await needs?.(this);
    });

    it("report exactly the work that was done, and nothing else", async () => {
      const app = new App("conformance");
      const { stdout, stderr, code } = await app.run("main.mjs", {
        args: [program!, temporaryFolder(), ...args],
        env: { ...receiver.env, OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: "http/json", STRATASCOPE_TIMING_PERCENT: "0" },
      });
      expect(code, stderr).to.equal(0);
      const observed = new Observed(receiver, JSON.parse(/^EXPECTED (.*)$/m.exec(stdout)![1]!) as Expected);

      for (const layer of layers) DEMANDS[layer](observed);
      for (const layer of LAYERS.filter((each) => !layers.includes(each)))
        expect(observed.metrics(layer), `metrics of the layer "${layer}", which is not declared`).to.deep.equal([]);
      for (const layer of layers) expect(observed.metrics(layer), layer).to.not.deep.equal([]);

      expect(unregisteredMetrics(receiver.metrics)).to.deep.equal([]);
      expect(unregisteredSpans(receiver.spans.filter(({ scope }) => scope !== "app"))).to.deep.equal([]);
      expect(unregisteredEvents(receiver.logs)).to.deep.equal([]);
      const all = JSON.stringify([receiver.metrics, receiver.spans, receiver.logs]);
      for (const secret of observed.expected.secrets) expect(all).to.not.contain(secret);
      const failures = receiver.latest.get("storage.instrumentation.errors")?.points ?? [];
      expect(failures.reduce((sum, { asInt }) => sum + Number(asInt), 0)).to.equal(observed.expected.mistakes ?? 0);
    });
  });
}
