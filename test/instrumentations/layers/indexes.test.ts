import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect } from "chai";
import { describe, it } from "mocha";
import type * as Orama from "@orama/orama";
import type MiniSearchClass from "minisearch";
import type * as Usearch from "usearch";
import { eventually } from "../../helpers/eventually.ts";
import { count, spansDuring, spansOf } from "../../helpers/observed.ts";
import { temporaryFolder } from "../../helpers/temp.ts";

const require = createRequire(import.meta.url);
const MiniSearch = require("minisearch") as typeof MiniSearchClass;
const { create, insert, search } = require("@orama/orama") as typeof Orama;
const { Index } = require("usearch") as typeof Usearch;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

interface Document {
  readonly id: number;
  readonly text: string;
}

const OPTIONS = { fields: ["text"] };

const documents = (length: number): Document[] =>
  Array.from({ length }, (_, id) => ({ id, text: `word${id % 5} page${id}` }));

/** A class of the application, whose name is that of the index. */
const classNamed = (name: string): typeof MiniSearchClass<Document> =>
  ({ [name]: class extends MiniSearch<Document> {} })[name]!;

const filled = (name: string, length = 40): MiniSearchClass<Document> => {
  const index = new (classNamed(name))(OPTIONS);
  index.addAll(documents(length));
  return index;
};

describe("indexes in memory", () => {
  it("have a span for each search of the application, and none for those inside of it", () => {
    const index = filled("Spans");
    const spans = spansOf(() => {
      index.search("word1");
      index.autoSuggest("wor");
      index.search("pa", { prefix: true });
    });
    const request = spans.at(-1)!;
    const searches = spans.filter(({ name }) => name === "search Spans");
    expect(searches.map(({ attributes }) => attributes["storage.search.type"])).to.deep.equal([
      "fulltext",
      "suggestion",
      "prefix",
    ]);
    expect(searches[0]!.attributes).to.include({
      "db.system.name": "minisearch",
      "db.namespace": "Spans",
      "db.query.summary": "search Spans",
      "db.response.returned_rows": 8,
    });
    for (const { parentSpanContext } of searches)
      expect(parentSpanContext?.spanId).to.equal(request.spanContext().spanId);
  });

  it("say how many results were asked for, and how many documents matched", () => {
    const database = create({ id: "limits", schema: { text: "string" } });
    for (let i = 0; i < 30; i++) void insert(database, { id: `d${i}`, text: `word${i % 2}` });
    const [span] = spansOf(() => void search(database, { term: "word1", limit: 4 }));
    expect(span!.attributes).to.include({
      "storage.search.limit": 4,
      "storage.search.candidate_count": 15,
      "db.response.returned_rows": 4,
    });
  });

  it("count the documents before one that fails", async () => {
    const index = new (classNamed("Halfway"))(OPTIONS);
    expect(() => index.addAll([...documents(7), { id: 3, text: "again" }])).to.throw("duplicate");
    const identity = { "db.namespace": "Halfway", "storage.search.update.type": "add" };
    expect(await count("storage.search.index.updates", identity)).to.equal(7);
    expect(await count("db.client.operation.duration", { "db.namespace": "Halfway", "error.type": "Error" })).to.equal(
      1,
    );
  });

  it("count the searches of another index inside of a search", async () => {
    const [outer, inner] = [filled("Outer"), filled("Inner")];
    outer.search("word1", { filter: () => inner.search("word2").length > 0 });
    expect(await count("storage.search.duration", { "db.namespace": "Outer" })).to.equal(1);
    expect(await count("storage.search.duration", { "db.namespace": "Inner" })).to.equal(8);
  });

  it("have a vacuum as a compaction: inside of the request that asks for it, and of its own otherwise", async () => {
    const index = filled("Vacuums", 60);
    const active = (): Promise<number> => count("storage.compaction.active", { "db.namespace": "Vacuums" });
    const dirt = (): Promise<number> => count("storage.tombstone.count", { "db.namespace": "Vacuums" });
    const spans = await spansDuring(async () => {
      for (let id = 0; id < 10; id++) index.discard(id);
      expect(await dirt()).to.equal(10);
      expect(await active()).to.equal(0);
      const vacuum = index.vacuum({ batchSize: 5 });
      expect(await active()).to.equal(1);
      await vacuum;
      expect([await dirt(), await active()]).to.deep.equal([0, 0]);
      index.discardAll(
        documents(40)
          .map(({ id }) => id)
          .slice(10),
      );
      expect(await active()).to.equal(1);
      await eventually(async () => (await active()) === 0);
    });
    const request = spans.at(-1)!.spanContext();
    const [asked, automatic] = spans.filter(({ name }) => name === "compaction Vacuums");
    expect(asked!.parentSpanContext?.spanId).to.equal(request.spanId);
    expect(automatic!.parentSpanContext).to.equal(undefined);
    expect(automatic!.links.map(({ context: { spanId } }) => spanId)).to.deep.equal([request.spanId]);
  });

  it("have the sizes of what they are written to and loaded from", async () => {
    const path = join(temporaryFolder(), "places");
    const { Places } = { Places: class Places extends Index {} };
    const index = new Places({ dimensions: 4, metric: "l2sq" } as never);
    index.add(1n, new Float32Array(4), 1);
    const spans = spansOf(() => {
      index.save(path);
      index.load(path);
      expect(() => index.load(`${path}-none`)).to.throw("No such file");
    });
    const bytes = spans.map(({ name, attributes }) => [name, attributes["storage.snapshot.byte_count"]]);
    const [[, size]] = bytes as [[string, number]];
    expect(size).to.be.above(16);
    expect(bytes.slice(0, -1)).to.deep.equal([
      ["snapshot Places", size],
      ["restore Places", size],
      ["restore Places", undefined],
    ]);
    expect(await count("storage.search.index.document.count", { "db.namespace": "Places" })).to.equal(1);
    expect(await count("storage.search.index.dimensions", { "db.namespace": "Places" })).to.equal(4);
  });

  it("are named by the file that uses them, unless they have a class of their own", async () => {
    const index = new MiniSearch<Document>(OPTIONS);
    index.search("nothing");
    new (classNamed("user_4711"))(OPTIONS).search("nothing");
    const here = "test/instrumentations/layers/indexes.test.ts";
    expect(await count("storage.search.duration", { "db.namespace": here })).to.equal(2);
  });

  it("of one name are added up, and end when they are collected", async () => {
    const Sessions = classNamed("Sessions");
    const size = (): Promise<number> => count("storage.search.index.document.count", { "db.namespace": "Sessions" });
    await (async () => {
      const indexes = [new Sessions(OPTIONS), new Sessions(OPTIONS)];
      for (const index of indexes) index.addAll(documents(3));
      expect(await size()).to.equal(6);
    })();
    await eventually(async () => {
      collectGarbage();
      return (await size()) === 0;
    });
    expect(await count("storage.search.index.updates", { "db.namespace": "Sessions" })).to.equal(6);
  });

  it("leave nothing behind: ten thousand of them", async () => {
    const Passing = classNamed("Passing");
    const heapAfter = async (indexes: number): Promise<number> => {
      for (let i = 0; i < indexes; i++) new Passing(OPTIONS).addAll(documents(2));
      // What is collected is forgotten some turns later.
      for (let i = 0; i < 20; i++) {
        collectGarbage();
        await setTimeout(10);
      }
      return process.memoryUsage().heapUsed;
    };
    const before = await heapAfter(2_000);
    const after = await heapAfter(8_000);
    // 50 bytes of each.
    expect(after - before).to.be.below(400_000);
    const updates = await count("storage.search.index.updates", { "db.namespace": "Passing" });
    expect(updates).to.equal(20_000);
  });
});
