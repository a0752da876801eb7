/**
 * Does the same to an index as without us, in an order that looks random, and says what came of it:
 * `node workload.mjs minisearch import`. The last line is the number of what was done.
 */
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { setImmediate } from "node:timers/promises";

const [, , engine, how = "import"] = process.argv;
const STEPS = 600;

let state = 7;
/** Returns a number below the limit; the same ones in each run. */
function below(limit) {
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
  return (state >> 8) % limit;
}

const load = async (name) => (how === "require" ? createRequire(import.meta.url)(name) : import(name));

const text = (i) => `markedword${i % 17} markedpage${i} ${"filler ".repeat(i % 5)}`;
const vector = (i) => Float32Array.from({ length: 8 }, (_, d) => Math.sin(i * 31 + d * 7));

const done = { searches: 0, results: 0, add: 0, replace: 0, remove: 0, discard: 0 };
const outcomes = createHash("sha256");

/** Notes what a call returned, or how it failed. */
function note(call) {
  let result;
  try {
    result = call();
  } catch (error) {
    outcomes.update(`${error.name} ${error.message}`);
    return undefined;
  }
  outcomes.update(JSON.stringify(result, (_, value) => (typeof value === "bigint" ? String(value) : value)) ?? "");
  return result;
}

function searched(results) {
  done.searches++;
  done.results += results;
}

const document = (id) => ({ id, text: text(id) });
const listed = (call) => searched(note(call).length);

async function minisearch() {
  const module = await load("minisearch");
  const MiniSearch = module.default ?? module;
  const index = new MiniSearch({ fields: ["text"], storeFields: ["text"] });
  const ids = new Set();
  return (id) =>
    [
      () => {
        note(() => index.add(document(id)));
        if (!ids.has(id)) done.add++;
        ids.add(id);
      },
      () => {
        note(() => index.discard(id));
        if (ids.delete(id)) done.discard++;
      },
      () => {
        note(() => index.remove(document(id)));
        if (ids.delete(id)) done.remove++;
      },
      () => {
        note(() => index.replace(document(id)));
        if (ids.has(id)) done.replace++;
      },
      () => listed(() => index.search(`markedword${id % 17} filler`)),
      () => listed(() => index.search("markedpage", { prefix: true, filter: (each) => each.id % 2 === 0 })),
      () => listed(() => index.autoSuggest("marked")),
    ][below(7)]();
}

const textDocument = (id) => ({ id: String(id), text: text(id) });

/** Notes what a search of Orama found, without the time it took. */
function found(call) {
  let hits = [];
  note(() => {
    const answer = call();
    hits = answer.hits;
    return [answer.count, hits];
  });
  searched(hits.length);
}

async function orama() {
  const { create, insert, remove, search, update, upsert, insertMultiple } = await load("@orama/orama");
  const database = create({ schema: { text: "string" } });
  const ids = new Set();
  return (id) =>
    [
      () => {
        note(() => insert(database, textDocument(id)));
        if (!ids.has(id)) done.add++;
        ids.add(id);
      },
      () => {
        note(() => remove(database, String(id)));
        if (ids.delete(id)) done.remove++;
      },
      () => {
        note(() => update(database, String(id), textDocument(id)));
        if (ids.has(id)) done.replace++;
        else done.add++;
        ids.add(id);
      },
      () => {
        note(() => upsert(database, textDocument(id)));
        if (ids.has(id)) done.replace++;
        else done.add++;
        ids.add(id);
      },
      () => {
        const [first, second] = [1000 + done.searches * 1000 + id, 1500 + done.searches * 1000 + id];
        if (ids.has(first) || ids.has(second)) return;
        note(() => insertMultiple(database, [textDocument(first), textDocument(second)]));
        done.add += 2;
        ids.add(first).add(second);
      },
      () => found(() => search(database, { term: `markedword${id % 17}`, limit: 7 })),
      () => found(() => search(database, { term: "markedpage", offset: 2 })),
    ][below(7)]();
}

async function flexsearch() {
  const module = await load("flexsearch");
  const index = new module.Index({ tokenize: "forward" });
  const ids = new Set();
  return (id) =>
    [
      () => {
        note(() => index.add(id, text(id)) === index);
        if (ids.has(id)) done.replace++;
        else done.add++;
        ids.add(id);
      },
      () => {
        note(() => index.update(id, text(id + 1)) === index);
        if (ids.has(id)) done.replace++;
        else done.add++;
        ids.add(id);
      },
      () => {
        note(() => index.remove(id) === index);
        if (ids.delete(id)) done.remove++;
      },
      () => searched(note(() => index.search(`markedword${id % 17}`)).length),
      () => searched(note(() => index.search("markedpage filler", { limit: 9 })).length),
    ][below(5)]();
}

async function usearch() {
  const { Index } = await load("usearch");
  const index = new Index({ dimensions: 8, metric: "l2sq" });
  const ids = new Set();
  return (id) =>
    [
      () => {
        note(() => index.add(BigInt(id), vector(id), 1));
        if (!ids.has(id)) done.add++;
        ids.add(id);
      },
      () => {
        note(() => index.remove(BigInt(id)));
        if (ids.delete(id)) done.remove++;
      },
      () => searched(note(() => index.search(vector(id), 5, 1))?.keys.length ?? 0),
    ][ids.size === 0 ? 0 : below(3)]();
}

async function hnswlib() {
  const module = await load("hnswlib-node");
  const { HierarchicalNSW } = module.default ?? module;
  const index = new HierarchicalNSW("l2", 8);
  index.initIndex(1000);
  const ids = new Set();
  const deleted = new Set();
  return (id) =>
    [
      () => {
        if (deleted.has(id)) return;
        note(() => index.addPoint([...vector(id)], id));
        if (ids.has(id)) done.replace++;
        else done.add++;
        ids.add(id);
      },
      () => {
        if (!ids.has(id)) return;
        note(() => index.markDelete(id));
        if (!deleted.has(id)) done.discard++;
        deleted.add(id);
      },
      () => searched(note(() => index.searchKnn([...vector(id)], 5)).neighbors.length),
    ][ids.size === 0 ? 0 : below(3)]();
}

const step = await { minisearch, orama, flexsearch, usearch, "hnswlib-node": hnswlib }[engine]();
for (let i = 0; i < STEPS; i++) {
  step(below(60));
  if (i % 50 === 0) await setImmediate();
}
console.log(outcomes.digest("hex"));
console.log(JSON.stringify(done));
