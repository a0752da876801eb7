// Scenarios of indexes in memory: minisearch, flexsearch, orama, hnswlib-node, usearch.
"use strict";
const { mkdirSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { DATA, fresh, main, methods, say, storage, tell } = require("./lib.cjs");

// The stack of a rejection lacks as many frames at its end as it had of ours.
Error.stackTraceLimit = 30;

const thrower = () => {
  throw new RangeError("mine");
};

/** Writes down everything an application can see of objects. */
async function look(objects) {
  for (const [name, object] of Object.entries(objects)) {
    await tell(`inspect ${name}`, () => object);
    await tell(`json ${name}`, () => JSON.stringify(object));
    await tell(`clone ${name}`, () => {
      try {
        return structuredClone(object);
      } catch (error) {
        return error.name;
      }
    });
    await tell(`keys ${name}`, () => Reflect.ownKeys(object).map(String).join());
    const prototypes = [];
    for (
      let each = Object.getPrototypeOf(object);
      each !== Object.prototype && each !== null;
      each = Object.getPrototypeOf(each)
    )
      prototypes.push(each);
    for (const prototype of prototypes) await tell(`methods ${name}`, () => methods(prototype).join("\n"));
  }
}

/** What a search of orama has found, without the time it took. */
const result = ({ hits, count }) => [hits, count];

const scenarios = {
  async minisearch() {
    const MiniSearch = require("minisearch");
    const index = new MiniSearch({ fields: ["title", "text"], storeFields: ["title"], autoVacuum: false });
    index.addAll(Array.from({ length: 50 }, (_, id) => ({ id, title: `word${id}`, text: "some text of it" })));
    await look({ index });
    await tell("search", () => index.search("word1", { prefix: true }).length);
    await tell("suggest", () => index.autoSuggest("wor").length);
    await tell("no options", () => new MiniSearch());
    await tell("twice", () => index.add({ id: 1, title: "a" }));
    await tell("no id", () => index.add({ title: "a" }));
    await tell("missing", () => index.remove({ id: 99, title: "x" }));
    await tell("discard", () => index.discard(99));
    await tell("throws", () => index.search("word1", { boostDocument: thrower }));
    await tell("filter throws", () => index.search("word1", { filter: thrower }));
    await tell("null", () => index.search(null));
    await tell("wildcard", () => index.search(MiniSearch.wildcard).length);
    await tell("tokenizer throws", () => new MiniSearch({ fields: ["a"], tokenize: thrower }).add({ id: 1, a: "b" }));
    await tell("extract throws", () => new MiniSearch({ fields: ["a"], extractField: thrower }).add({ id: 1, a: "b" }));
    await tell("destructured", () => (0, index.search)("a"));
    await tell("on another object", () => MiniSearch.prototype.search.call({}, "a"));
    await tell("later", () => index.addAllAsync([{ id: 100, title: "later" }]));
    await tell("later twice", () => index.addAllAsync([{ id: 100, title: "later" }]));
    await tell("vacuum", () => index.vacuum());
    await tell("bad json", () => MiniSearch.loadJSON("{", { fields: ["title"] }));
    await tell("bad json later", () => MiniSearch.loadJSONAsync("{", { fields: ["title"] }));
    await tell("loaded", () => MiniSearch.loadJSON(JSON.stringify(index), { fields: ["title", "text"] }).documentCount);
    class Mine extends MiniSearch {
      search(...args) {
        return [`mine ${super.search(...args).length}`];
      }
      get documentCount() {
        throw new Error("mine: count");
      }
    }
    await tell("subclass", () => {
      const mine = new Mine({ fields: ["a"] });
      mine.add({ id: 1, a: "b" });
      return mine.search("b");
    });
    await tell("frozen", () => Object.freeze(index).search("word2").length);
    await tell("proxy", () => new Proxy(index, {}).search("word2").length);
    await tell("long", () => index.search("x".repeat(100_000)).length);
    await tell("hostile", () => index.search("\ud800\u0000\n__proto__ constructor").length);
    await storage.run("here", async () => {
      await index.addAllAsync([{ id: 200, title: "there" }]);
      say(`ends in ${storage.getStore()}`);
    });
  },

  async flexsearch() {
    const { Document, Index } = require("flexsearch");
    const index = new Index({ tokenize: "forward" });
    for (let i = 0; i < 50; i++) index.add(i, `word${i} of it`);
    const documents = new Document({ document: { id: "id", index: ["title"] } });
    documents.add({ id: 1, title: "a word" });
    await look({ index, documents });
    await tell("search", () => [
      index.search("word1"),
      documents.search("word"),
      index.search({ query: "word2", limit: 1 }),
    ]);
    await tell("later", () => index.searchAsync("word1"));
    await tell("later documents", () => documents.searchAsync("word"));
    await tell("callback", () => new Promise((resolve) => index.searchAsync("word1", resolve)));
    await tell("nothing", () => [index.search(), index.search(null), index.search("")]);
    await tell("bad", () => index.search(Symbol("s")));
    await tell("encoder throws", () => new Index({ encode: thrower }).add(1, "a"));
    await tell("search throws", () => new Index({ encode: thrower }).search("a"));
    await tell("destructured", () => (0, index.search)("a"));
    await tell("bad document", () => new Document({}));
    await tell("export", () => {
      const keys = [];
      index.export((key) => keys.push(key));
      return keys;
    });
    await tell("export throws", () => index.export(thrower));
    await tell("bad import", () => index.import("reg", "{"));
    await tell("frozen", () => Object.freeze(new Index()).search("a"));
    await tell("proxy", () => new Proxy(index, {}).search("word2"));
    await tell("hostile", () => index.search("\ud800\u0000\n__proto__ constructor"));
    await storage.run("here", async () => {
      await index.searchAsync("word");
      say(`ends in ${storage.getStore()}`);
    });
  },

  async orama() {
    const orama = require("@orama/orama");
    const db = orama.create({ schema: { title: "string", vector: "vector[3]" }, id: "fixed" });
    await tell("insert", () => orama.insert(db, { id: "1", title: "a word", vector: [1, 0, 0] }));
    await tell("many", () =>
      orama.insertMultiple(db, [
        { id: "2", title: "b" },
        { id: "3", title: "c" },
      ]),
    );
    await tell("search", async () => result(await orama.search(db, { term: "word" })));
    await tell("vector", async () =>
      result(await orama.searchVector(db, { vector: { value: [1, 0, 0], property: "vector" } })),
    );
    await tell("bad insert", () => orama.insert(db, { title: 5 }));
    await tell("twice", () => orama.insert(db, { id: "1", title: "a" }));
    await tell("bad schema", () => orama.create({ schema: { a: "no" } }));
    await tell("bad search", () => orama.search(db, { term: "a", properties: ["no"] }));
    await tell("bad where", () => orama.search(db, { term: "a", where: { no: 1 } }));
    await tell("bad vector", () => orama.searchVector(db, { vector: { value: [1], property: "vector" } }));
    await tell("bad property", () => orama.searchVector(db, { vector: { value: [1], property: "no" } }));
    await tell("no database", () => orama.search(undefined, { term: "a" }));
    await tell("no parameters", () => orama.search(db));
    await tell("remove", () => orama.remove(db, "99"));
    await tell("update", () => orama.update(db, "1", { id: "1", title: "z" }));
    await tell("save", () => Object.keys(orama.save(db)));
    await tell("bad load", () => orama.load(db, null));
    await tell("hook throws", async () => {
      const hooked = orama.create({ schema: { a: "string" }, plugins: [{ name: "p", beforeInsert: thrower }] });
      return orama.insert(hooked, { a: "b" });
    });
    await tell("later hook throws", async () => {
      const hooked = orama.create({
        schema: { a: "string" },
        plugins: [{ name: "p", beforeSearch: async () => thrower() }],
      });
      return orama.search(hooked, { term: "a" });
    });
    await tell("functions", () =>
      Object.keys(orama).map((name) => `${name} ${typeof orama[name]} ${orama[name].name} ${orama[name].length}`),
    );
    await tell("database", () => Object.keys(db));
    await storage.run("here", async () => {
      await orama.search(db, { term: "a" });
      say(`ends in ${storage.getStore()}`);
    });
  },

  async hnswlib() {
    const { HierarchicalNSW, BruteforceSearch } = require("hnswlib-node");
    const index = new HierarchicalNSW("l2", 3);
    await tell("before", () => index.getCurrentCount());
    await tell("search before", () => index.searchKnn([1, 2, 3], 1));
    index.initIndex(10);
    await look({ index });
    for (let i = 0; i < 5; i++) await tell(`add ${i}`, () => index.addPoint([i, 0, 0], i));
    await tell("search", () => index.searchKnn([1, 0, 0], 2));
    await tell("filter", () => index.searchKnn([1, 0, 0], 2, (label) => label !== 1));
    await tell("bad vector", () => index.searchKnn([1], 2));
    await tell("text", () => index.searchKnn("text", 2));
    await tell("too many", () => index.searchKnn([1, 0, 0], 100));
    await tell("bad point", () => index.addPoint([1], 1));
    await tell("full", () => {
      for (let i = 5; i < 20; i++) index.addPoint([i, 0, 0], i);
    });
    await tell("bad space", () => new HierarchicalNSW("no", 3));
    await tell("delete", () => [index.markDelete(1), index.getCurrentCount(), index.getMaxElements()]);
    await tell("delete missing", () => index.markDelete(99));
    await tell("resize", () => index.resizeIndex(2));
    mkdirSync(DATA, { recursive: true });
    const path = join(DATA, "index.dat");
    await tell("write", () => index.writeIndex(path));
    await tell("write nowhere", () => index.writeIndex("/nothing/there"));
    await tell("write sync", () => index.writeIndexSync(path));
    await tell("read", () => new HierarchicalNSW("l2", 3).readIndex(path));
    await tell("read missing", () => new HierarchicalNSW("l2", 3).readIndex(join(DATA, "missing")));
    await tell("read missing sync", () => new HierarchicalNSW("l2", 3).readIndexSync(join(DATA, "missing")));
    writeFileSync(join(DATA, "text.dat"), "text");
    await tell("read text", () => new HierarchicalNSW("l2", 3).readIndexSync(join(DATA, "text.dat")));
    await tell("destructured", () => (0, index.searchKnn)([1, 0, 0], 1));
    const force = new BruteforceSearch("l2", 3);
    force.initIndex(5);
    await tell("force", () => [force.addPoint([1, 2, 3], 1), force.searchKnn([1, 2, 3], 1)]);
    class Mine extends HierarchicalNSW {
      searchKnn(...args) {
        return ["mine", super.searchKnn(...args)];
      }
      getCurrentCount() {
        throw new Error("mine: count");
      }
    }
    await tell("subclass", () => {
      const mine = new Mine("l2", 3);
      mine.initIndex(5);
      mine.addPoint([1, 2, 3], 1);
      return mine.searchKnn([1, 2, 3], 1);
    });
    await storage.run("here", async () => {
      await index.writeIndex(path);
      say(`ends in ${storage.getStore()}`);
    });
  },

  async usearch() {
    const usearch = require("usearch");
    const index = new usearch.Index({ dimensions: 3, metric: "l2sq" });
    await look({ index });
    await tell("add", () => index.add(1n, new Float32Array([1, 2, 3])));
    await tell("add many", () => index.add(new BigUint64Array([2n, 3n]), new Float32Array([1, 2, 3, 4, 5, 6])));
    await tell("search", () => index.search(new Float32Array([1, 2, 3]), 2));
    await tell("bad vector", () => index.search(new Float32Array([1]), 2));
    await tell("text", () => index.search("text", 2));
    await tell("bad count", () => index.search(new Float32Array([1, 2, 3]), -1));
    await tell("twice", () => index.add(1n, new Float32Array([1, 2, 3])));
    await tell("bad key", () => index.add("x", new Float32Array([1, 2, 3])));
    await tell("state", () => [
      index.size(),
      index.capacity(),
      index.dimensions(),
      index.contains(1n),
      index.count(1n),
    ]);
    await tell("remove", () => [index.remove(1n), index.remove(99n)]);
    mkdirSync(DATA, { recursive: true });
    const path = fresh("index.usearch");
    await tell("save", () => index.save(path));
    await tell("load", () => new usearch.Index({ dimensions: 3, metric: "l2sq" }).load(path));
    await tell("view", () => new usearch.Index({ dimensions: 3, metric: "l2sq" }).view(path));
    await tell("save nowhere", () => index.save("/nothing/there"));
    await tell("load missing", () => index.load(join(DATA, "missing")));
    writeFileSync(join(DATA, "text.usearch"), "text");
    await tell("load text", () =>
      new usearch.Index({ dimensions: 3, metric: "l2sq" }).load(join(DATA, "text.usearch")),
    );
    await tell("bad options", () => new usearch.Index({ dimensions: -1 }));
    await tell("no options", () => new usearch.Index());
    await tell("destructured", () => (0, index.search)(new Float32Array([1, 2, 3]), 1));
    await tell("exact", () =>
      usearch.exactSearch(new Float32Array([1, 2, 3]), new Float32Array([1, 2, 3]), 3, 1, "l2sq"),
    );
  },
};

void main(scenarios);
