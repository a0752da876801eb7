/**
 * Calls of Orama that call others of its functions later, as its hooks are asynchronous, and rejections that nobody
 * handles: `node hooks.mjs`. Says what came of them.
 */
import { create, insertMultiple, remove, search, update, upsert, upsertMultiple } from "@orama/orama";
import MiniSearch from "minisearch";

process.on("unhandledRejection", (error) => console.log(`unhandled: ${error.message}`));

const wait = async () => {};
const hooks = Object.fromEntries(
  ["beforeInsert", "beforeRemove", "beforeUpdate", "beforeUpsert", "beforeInsertMultiple", "beforeSearch"].map(
    (name) => [name, wait],
  ),
);
const database = create({ id: "hooked", schema: { text: "string" }, plugins: [{ name: "hooks", ...hooks }] });
const document = (i) => ({ id: `d${i}`, text: `markedword page${i}` });
const documents = (count, from = 0) => Array.from({ length: count }, (_, i) => document(from + i));

await insertMultiple(database, documents(20));
await update(database, "d1", document(1));
await upsert(database, document(2));
await upsert(database, document(20));
await upsertMultiple(database, documents(3, 19));
await remove(database, "d3");
const answer = search(database, { term: "markedword", limit: 4 });
console.log(answer instanceof Promise, (await answer).hits.length);

void upsert(database, { id: 7, text: "markedword" });
void search(database, { mode: "vector", vector: { value: [1], property: "none" } });
const index = new MiniSearch({ fields: ["text"] });
void index.addAllAsync([...documents(15), document(3)]);
void MiniSearch.loadJSONAsync("{}", { fields: ["text"] });
