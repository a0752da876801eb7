import { context, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { expect } from "chai";
import { describe, it } from "mocha";
import {
  KIND_STORAGE_COMPACTION,
  KIND_STORAGE_SEARCH,
  KIND_STORAGE_SNAPSHOT,
  METRIC_STORAGE_FLUSH_IO,
  METRIC_STORAGE_SNAPSHOT_ACTIVE,
} from "../../../semconv/index.ts";
import { database } from "../../../src/instrument/api.ts";
import { spanPolicy } from "../../../src/spans/policy.ts";
import { count, seriesWith, spansDuring, spansOf } from "../../helpers/observed.ts";

const open = (namespace: string) => database({ system: "test", namespace });
const active = (namespace: string): Promise<number> =>
  count("storage.transaction.active", { "db.namespace": namespace });

describe("the activities of an author's engine", () => {
  it("end even if the engine has no type for an error, and count as failed", async () => {
    for (const [namespace, errorType] of Object.entries({
      "throwing type": (error: unknown) => (error as { code: { name: string } }).code.name,
      "no type": () => undefined as never,
    })) {
      const db = database({ system: "test", namespace, errorType });
      const error = new RangeError("mine");
      db.transaction("optimistic").failed(error);
      db.operation("read", { name: "get" }).begin().failed(error);
      expect(await active(namespace)).to.equal(0);
      for (const metric of ["storage.transaction.duration", "db.client.operation.duration"])
        expect(await count(metric, { "db.namespace": namespace, "error.type": "RangeError" })).to.equal(1);
    }
  });

  it("call code with the same this and arguments as without them", () => {
    const called = open("called")
      .transaction("optimistic")
      .run(function (this: unknown, ...received: unknown[]) {
        return [this, received];
      });
    expect(called).to.deep.equal([undefined, []]);
  });

  it("can have begun before they are known", () => {
    const db = open("known later");
    const start = process.hrtime.bigint() - 5_000_000_000n;
    const spans = spansOf(() => db.transaction("optimistic", { start }).committed());
    const [seconds] = spans.find(({ name }) => name === "transaction known later")!.duration;
    expect(seconds).to.equal(5);
  });

  it("count an operation that outlives them on the request", async () => {
    const db = open("outlived");
    const get = db.operation("read", { name: "get" });
    const spans = await spansDuring(async () => {
      const transaction = db.transaction("optimistic");
      const run = transaction.run(() => get.begin());
      transaction.committed();
      run.succeeded(1);
      run.succeeded(1);
    });
    expect(spans.at(-1)!.attributes["storage.rollup.read.operations"]).to.equal(1);
  });

  it("begin no span after their end", () => {
    const db = open("afterwards");
    const get = db.operation("read", { name: "get" });
    const { budget } = spanPolicy;
    spanPolicy.budget = 0;
    const spans = spansOf(() => {
      const transaction = db.transaction("optimistic");
      const run = transaction.run(() => get.begin());
      transaction.committed();
      spanPolicy.budget = budget;
      run.failed(new RangeError("mine"));
      transaction.run(() => trace.getTracer("app").startSpan("late").end());
    });
    const request = spans.at(-1)!.spanContext().spanId;
    expect(spans.map(({ name, parentSpanContext }) => [name, parentSpanContext?.spanId])).to.deep.equal([
      ["get", request],
      ["late", request],
      ["request", undefined],
    ]);
  });

  it("count synchronous operations that run inside", async () => {
    const db = open("synchronous");
    const get = db.operation("read", { name: "get" });
    const spans = await spansDuring(async () => {
      const transaction = db.transaction("optimistic");
      await transaction.run(async () => {
        get.succeeded(1_000, 1);
        await Promise.resolve();
        get.succeeded(1_000, 1);
      });
      get.succeeded(1_000, 1);
      transaction.committed();
    });
    const [transaction, request] = spans.slice(-2);
    expect(transaction!.attributes["storage.transaction.statements"]).to.equal(2);
    expect(transaction!.attributes["storage.rollup.read.operations"]).to.equal(2);
    expect(request!.attributes["storage.rollup.read.operations"]).to.equal(3);
  });

  it("count the operations of their database inside of another's activity, before and after its end", async () => {
    const [db, other] = [open("outer of two"), open("inner of two")];
    const [get, otherGet] = [db, other].map((each) => each.operation("read", { name: "get" }));
    const spans = await spansDuring(async () => {
      const [outer, inner] = [db.transaction("optimistic"), other.transaction("optimistic")];
      await outer.run(async () => {
        const nested = other.transaction("optimistic");
        await nested.run(async () => {
          await get!.run(async () => 1);
          await otherGet!.run(async () => 1);
          nested.committed();
          await get!.run(async () => 1);
        });
        inner.rolledBack();
      });
      outer.committed();
    });
    const statements = spans.flatMap(({ attributes }) => attributes["storage.transaction.statements"] ?? []);
    expect(statements).to.deep.equal([1, 0, 2]);
    expect(spans.at(-1)!.attributes["storage.rollup.read.operations"]).to.equal(3);
  });

  it("without a caller have the operations of each database that run inside on their own span", () => {
    const [db, other] = [open("background"), open("background of another")];
    const spans = spansOf(() => {
      const compaction = db.begin(KIND_STORAGE_COMPACTION, { parent: "none" });
      for (const each of [db, other]) {
        const get = each.operation("read", { name: "get" });
        compaction.run(() => get.run(() => 1));
      }
      compaction.end();
    });
    const [compaction, request] = spans;
    expect(compaction!.attributes["storage.rollup.read.operations"]).to.equal(2);
    expect(compaction!.attributes["storage.rollup.databases"]).to.have.members(["background", "background of another"]);
    expect(request!.attributes).to.not.have.property("storage.rollup.operations");
  });

  it("leave the operations of another database to the request", () => {
    const [db, other] = [open("one of two"), open("other of two")];
    const get = other.operation("read", { name: "get" });
    const spans = spansOf(() => {
      const transaction = db.transaction("optimistic");
      transaction.run(() => get.run(() => 1));
      transaction.committed();
    });
    expect(spans.at(-1)!.attributes["storage.rollup.read.operations"]).to.equal(1);
  });

  it("are left out of the spans once each, beyond the budget", () => {
    const db = open("budget");
    const { budget } = spanPolicy;
    spanPolicy.budget = 1;
    const spans = spansOf(() => {
      for (let i = 0; i < 3; i++) {
        const transaction = db.transaction("optimistic");
        transaction.run(() => undefined);
        transaction.committed();
      }
    });
    spanPolicy.budget = budget;
    expect(spans).to.have.length(2);
    expect(spans.at(-1)!.attributes["storage.rollup.omitted_spans"]).to.equal(2);
  });

  it("belong to the context they are given, not to the activity around", () => {
    const db = open("given context");
    const spans = spansOf(() => {
      const request = context.active();
      const around = context.with(ROOT_CONTEXT, () => db.transaction("optimistic"));
      around.run(() => db.begin(KIND_STORAGE_SEARCH, { parent: request }).end({ items: 1 }));
      around.committed();
    });
    expect(spans).to.have.length(2);
    expect(spans[0]!.parentSpanContext?.spanId).to.equal(spans[1]!.spanContext().spanId);
  });

  it("are not reported as open once their database is closed", async () => {
    const db = open("closed");
    for (const isAfter of [false, true]) {
      if (isAfter) db.close();
      db.begin(KIND_STORAGE_SNAPSHOT, { holdsSnapshot: true });
      db.transaction("optimistic", { holdsSnapshot: true });
    }
    const series = await seriesWith({ "db.namespace": "closed" });
    const views = series.filter(({ metric }) => metric === METRIC_STORAGE_SNAPSHOT_ACTIVE.name);
    expect(views.reduce((sum, { value }) => sum + value, 0)).to.equal(0);
  });

  it("and operations may be timed in fractions of nanoseconds", async () => {
    const db = database({ system: "test fractions", namespace: "fractions" });
    const search = db.operation("read", { name: "search", activity: { kind: KIND_STORAGE_SEARCH } });
    const get = db.operation("read", { name: "get" });
    const spans = spansOf(() => {
      search.succeeded(1_234.5, 1);
      get.failed(1_234.5, new RangeError("mine"));
    });
    expect(spans).to.have.length(3);
    expect(await count("storage.instrumentation.errors", { "storage.driver.name": "test fractions" })).to.equal(0);
  });

  it("ignore sizes that are not numbers", async () => {
    const db = open("no numbers");
    const get = db.operation("read", { name: "get" });
    const search = db.operation("read", { name: "search", activity: { kind: KIND_STORAGE_SEARCH } });
    for (const odd of [NaN, Infinity, "5", 5n, null] as never[]) {
      get.succeeded(odd, odd);
      get.begin().succeeded(odd);
      get.run(
        () => 1,
        () => odd,
      );
      search.succeeded(odd, odd);
      db.begin(KIND_STORAGE_SEARCH).end({ items: odd, bytes: odd });
      db.record(METRIC_STORAGE_FLUSH_IO, odd);
    }
    get.succeeded(1_000, 2);
    expect(await count("storage.operation.records", { "db.namespace": "no numbers" })).to.equal(2);
    expect(await count("db.client.operation.duration", { "db.namespace": "no numbers" })).to.equal(21);
    expect(await count("storage.search.duration", { "db.namespace": "no numbers" })).to.equal(10);
    const values = (await seriesWith({ "db.namespace": "no numbers" })).map(({ value }) => value);
    expect(values.every(Number.isFinite)).to.equal(true);
  });
});
