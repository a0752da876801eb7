import { join } from "node:path";
import { Script } from "node:vm";
import type * as Package from "flexsearch";
import { flexsearch } from "../../../instrumentations/flexsearch/index.ts";
import { testEngine } from "../../conformance/engine.ts";
import { count } from "../../helpers/observed.ts";

type Module = typeof Package;

/** Every kind of index is tried by the same calls, whose types differ. */
// oxlint-disable-next-line typescript/no-explicit-any
type Any = any;

const text = (i: number): string => `word${i % 7} of page${i}`;

const filled = ({ Index }: Module): Any => {
  const index = new Index();
  for (let i = 0; i < 30; i++) index.add(i, text(i));
  return index;
};

const documents = ({ Document }: Module, options: object = {}): Any => {
  const index = new (Document as Any)({ document: { id: "id", index: ["title", "body"], store: true }, ...options });
  for (let i = 0; i < 30; i++) index.add({ id: i, title: text(i), body: `about page${i}` });
  return index;
};

const exported = async (index: Any): Promise<[string, string][]> => {
  const parts: [string, string][] = [];
  await index.export(async (key: string, data: string) => parts.push([key, data]));
  return parts;
};

/** Runs code as that of a file: an index has the name of the file that uses it first. */
const inFile = <T>(name: string, code: string): T =>
  new Script(code, { filename: join(process.cwd(), name) }).runInThisContext() as T;

testEngine<Module>(flexsearch, {
  observedObjects: ({ Index, Document }) => [Index.prototype, Document.prototype],
  throwing({ Index }, error) {
    const encode = (): string[] => {
      throw error;
    };
    new Index({ encode }).search("word");
  },
  perform({ Index }, name, operations) {
    const search = inFile<(index: Any, times: number) => void>(
      name,
      `(index, times) => { for (let i = 0; i < times; i++) index.search("nothing"); }`,
    );
    search(new Index(), operations);
  },
  performed: (name) => count("storage.search.results", { "db.system.name": "flexsearch", "db.namespace": name }),
  exercises: {
    search: (module) => filled(module).search("word1"),
    "search of several words": (module) => filled(module).search("word1 page8", { suggest: true, limit: 5 }),
    "search of documents": (module) => documents(module).search("page7"),
    "search of documents, enriched": (module) => documents(module).search("page7", { enrich: true, limit: 3 }),
    "search of documents, merged": (module) => documents(module).search("page7", { merge: true, enrich: true }),
    "search of one field": (module) => documents(module).search("page7", { pluck: "title" }),
    "search by options": (module) => filled(module).search({ query: "word1", limit: 2 }),
    "search that is cached": (module) => documents(module, { cache: 10 }).search("page7", { cache: true }),
    "search to be combined": (module) => filled(module).search("word1", { resolve: false }).and("page8").resolve(),
    "search of nothing": (module) => filled(module).search(),
    searchAsync: (module) => filled(module).searchAsync("word1"),
    searchCache: (module) => [
      filled(module).searchCache("word1"),
      documents(module, { cache: 10 }).searchCache("page7"),
    ],
    add: (module) => {
      const index = filled(module);
      return [index.add(99, "new") === index, index.add(1, "again") === index, index.contain(99), index.search("new")];
    },
    "add of nothing": (module) => filled(module).add(99).reg.size,
    append: (module) => filled(module).append(1, "more").search("more"),
    addAsync: async (module) => (await filled(module).addAsync(99, "new")).search("new"),
    update: (module) => filled(module).update(1, "other").search("other"),
    "update of a document": (module) => documents(module).update({ id: 1, title: "other" }).search("other"),
    remove: (module) => filled(module).remove(1).search("word1"),
    "remove of a document": (module) => documents(module).remove(7).search("page7"),
    "remove of nothing": (module) => filled(module).remove(99).reg.size,
    clear: (module) => filled(module).clear().reg.size,
    export: (module) => exported(filled(module)),
    "export of documents": (module) => exported(documents(module)),
    "export without a callback": (module) => filled(module).export(),
    import: async (module) => {
      const index = documents(module);
      const copy = new module.Document({ document: { id: "id", index: ["title", "body"], store: true } } as Any) as Any;
      for (const [key, data] of await exported(index)) copy.import(key, data);
      return copy.search("page7");
    },
    "a method of another object": ({ Index }) => Index.prototype.search.call({} as Any, "word" as Any),
    "an update of another object": ({ Index }) => Index.prototype.add.call({} as Any, 1, "word"),
  },
});
