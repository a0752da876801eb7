/** The search engines in memory, each with what can be seen of it. */
import { createRequire } from "node:module";
import { join } from "node:path";

// Not every supported version of Node.js has hooks for the copies that are ES modules.
const require = createRequire(import.meta.url);

const SECRETS = ["secretword", "secret-id", "secret-field"];

/** Indexes stay alive to the end, where their sizes are polled. */
const kept = [];

/** Keeps the event loop busy for longer than it may be. */
function spin() {
  const until = performance.now() + 80;
  while (performance.now() < until);
}

const document = (i) => ({ id: `secret-id ${i}`, title: `secretword page${i}` });
const documents = (count) => Array.from({ length: count }, (_, i) => document(i));

const vectors = (count, dimensions) =>
  Float32Array.from({ length: count * dimensions }, (_, i) => Math.sin(i * 12.9898) % 1);

const point = (i) => [...vectors(i + 1, 4).slice(-4)];
const keys = (count) => BigUint64Array.from({ length: count }, (_, i) => BigInt(i));

function tokenize(text) {
  if (text.includes("slow")) spin();
  return text.split(" ");
}

const EXERCISES = {
  async minisearch() {
    const MiniSearch = require("minisearch");
    class Products extends MiniSearch {}
    let isSlow = false;
    const index = new Products({
      fields: ["title"],
      tokenize(text) {
        if (isSlow) spin();
        isSlow = false;
        return text.split(" ");
      },
    });
    kept.push(index);
    index.addAll(documents(40));
    await index.addAllAsync(documents(60).slice(40), { chunkSize: 10 });
    attempt(() => index.add(document(1)));
    index.add(document(60));
    index.replace(document(60));
    index.remove(document(59));
    isSlow = true;
    index.search("secretword");
    index.search("page7");
    index.search("secretw", { prefix: true });
    index.autoSuggest("secretw");
    index.discardAll(documents(30).map(({ id }) => id));
    await index.vacuum();
    const text = JSON.stringify(index);
    MiniSearch.loadJSON(text, { fields: ["title"] });
    return {
      namespace: "Products",
      operations: {
        "addAll Products": 4,
        "add Products": 2,
        "replace Products": 1,
        "remove Products": 1,
        "search Products": 3,
        "autoSuggest Products": 1,
        "discardAll Products": 1,
      },
      failure: { summary: "add Products", type: "Error" },
      slow: { summary: "search Products", isAsynchronous: false },
      snapshots: 1,
      compactions: 1,
      searches: 4,
      results: 60 + 1 + 60 + 1,
      updates: { add: 61, replace: 1, remove: 1, discard: 30 },
      documents: index.documentCount,
    };
  },

  async orama() {
    const {
      create,
      insert,
      insertMultiple,
      remove,
      removeMultiple,
      update,
      upsert,
      search,
      save,
      load,
    } = require("@orama/orama");
    const tokenizer = { language: "english", normalizationCache: new Map(), tokenize };
    const schema = { title: "string", place: "vector[2]" };
    const database = create({ id: "products", schema, components: { tokenizer } });
    kept.push(database);
    const placed = (i) => ({ ...document(i), place: [1, i] });
    void insertMultiple(
      database,
      documents(40).map((_, i) => placed(i)),
    );
    attempt(() => insert(database, placed(1)));
    void insert(database, placed(40));
    void update(database, document(40).id, placed(40));
    void upsert(database, placed(41));
    void upsert(database, placed(41));
    void remove(database, document(41).id);
    void removeMultiple(database, [document(40).id, "nothing"]);
    void search(database, { term: "secretword", limit: 15 });
    void search(database, { term: "slow" });
    void search(database, { mode: "vector", vector: { value: [1, 1], property: "place" }, similarity: 0, limit: 5 });
    void search(database, {
      mode: "hybrid",
      term: "page7",
      vector: { value: [1, 1], property: "place" },
      similarity: 0,
      limit: 3,
    });
    const copy = save(database);
    load(database, copy);
    return {
      namespace: "products",
      operations: {
        "insertMultiple products": 1,
        "insert products": 2,
        "update products": 1,
        "upsert products": 2,
        "remove products": 1,
        "removeMultiple products": 1,
        "search products": 4,
      },
      failure: { summary: "insert products", type: "DOCUMENT_ALREADY_EXISTS" },
      slow: { summary: "search products", isAsynchronous: false },
      snapshots: 1,
      searches: 4,
      results: 15 + 0 + 5 + 3,
      updates: { add: 42, replace: 2, remove: 2 },
      documents: 40,
    };
  },

  async flexsearch() {
    const { Index, Document } = require("flexsearch");
    const index = new Index();
    const pages = new Document({ document: { id: "id", index: ["title", "other"], store: true } });
    kept.push(index, pages);
    for (let i = 0; i < 40; i++) index.add(i, document(i).title);
    index.add(1, "secretword again");
    index.update(2, "secretword again");
    index.remove(3);
    index.remove(3);
    for (const each of documents(10)) pages.add({ ...each, other: "secretword" });
    pages.update({ ...document(1), other: "secretword" });
    pages.remove(document(2).id);
    index.search("secretword");
    index.search("page7");
    pages.search("secretword");
    pages.search("page7", { pluck: "title" });
    const parts = [];
    index.export((key, data) => void parts.push([key, data]));
    const copy = new Index();
    kept.push(copy);
    for (const [key, data] of parts) copy.import(key, data);
    return {
      namespace: "indexes.mjs",
      snapshots: 1,
      isUntimed: true,
      searches: 4,
      results: 39 + 1 + 18 + 1,
      updates: { add: 50, replace: 3, remove: 2 },
      documents: 39 + 9 + 39,
    };
  },

  async "hnswlib-node"(folder) {
    const { HierarchicalNSW } = require("hnswlib-node");
    class Places extends HierarchicalNSW {}
    const index = new Places("l2", 4);
    kept.push(index);
    index.initIndex(500);
    for (let i = 0; i < 100; i++) index.addPoint(point(i), i);
    index.addPoint(point(5), 3);
    attempt(() => index.addPoint([1], 100));
    index.markDelete(7);
    index.searchKnn(point(1), 10);
    let isSlow = true;
    index.searchKnn(point(2), 5, () => {
      if (isSlow) spin();
      isSlow = false;
      return true;
    });
    await index.writeIndex(join(folder, "secret-field"));
    index.readIndexSync(join(folder, "secret-field"));
    return {
      namespace: "Places",
      operations: { "addPoint Places": 102, "markDelete Places": 1, "searchKnn Places": 2 },
      failure: { summary: "addPoint Places", type: "Error" },
      slow: { summary: "searchKnn Places", isAsynchronous: false },
      snapshots: 1,
      searches: 2,
      results: 15,
      updates: { add: 100, replace: 1, discard: 1 },
      documents: 100,
    };
  },

  async usearch(folder) {
    const { Index } = require("usearch");
    class Places extends Index {}
    const index = new Places({ dimensions: 128, metric: "l2sq" });
    kept.push(index);
    index.add(keys(4000), vectors(4000, 128), 1);
    attempt(() => index.add(1n, vectors(1, 3)));
    index.remove(7n);
    index.search(vectors(1, 128), 10, 1);
    index.search(vectors(3, 128), 5, 1);
    index.save(join(folder, "secret-field"));
    index.load(join(folder, "secret-field"));
    return {
      namespace: "Places",
      operations: { "add Places": 2, "remove Places": 1, "search Places": 2 },
      failure: { summary: "add Places", type: "Error" },
      slow: { summary: "add Places", isAsynchronous: false },
      snapshots: 1,
      searches: 2,
      results: 10 + 15,
      updates: { add: 4000, remove: 1 },
      documents: 3999,
    };
  },
};

function attempt(code) {
  try {
    code();
  } catch {
    return;
  }
  throw new Error("it did not fail");
}

export async function exercise(folder, system) {
  return { system, ...(await EXERCISES[system](folder)), secrets: SECRETS };
}
