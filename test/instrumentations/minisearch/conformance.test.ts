import type MiniSearch from "minisearch";
import { minisearch } from "../../../instrumentations/minisearch/index.ts";
import { testEngine } from "../../conformance/engine.ts";

type Module = typeof MiniSearch;
type Index = MiniSearch<Document>;

interface Document {
  readonly id: number;
  readonly text: string;
}

const OPTIONS = { fields: ["text"], storeFields: ["text"] };

const documents = (count: number): Document[] =>
  Array.from({ length: count }, (_, id) => ({ id, text: `word${id % 7} of page${id}` }));

const filled = (Module: Module): Index => {
  const index = new Module<Document>(OPTIONS);
  index.addAll(documents(50));
  return index;
};

const failing = (Module: Module, error: unknown): Index =>
  new Module<Document>({
    ...OPTIONS,
    tokenize: () => {
      throw error;
    },
  });

testEngine<Module>(minisearch, {
  observedObjects: (Module) => [Module.prototype, Module],
  throwing: (Module, error) => failing(Module, error).search("word1"),
  perform(Module, name, operations) {
    const { [name]: Named = Module } = { [name]: class extends Module<Document> {} };
    const index = new Named(OPTIONS);
    for (let i = 0; i < operations; i++) index.search("nothing");
  },
  operation: "search",
  exercises: {
    search: (Module) => filled(Module).search("word1"),
    "search for a beginning": (Module) => filled(Module).search("pa", { prefix: true, fuzzy: 0.2 }),
    "search for everything": (Module) => filled(Module).search(Module.wildcard),
    "search for several": (Module) => filled(Module).search({ combineWith: "AND", queries: ["word1", "page8"] }),
    "search by wrong options": (Module) => filled(Module).search("word1", { combineWith: "nor" } as never),
    "search for nothing at all": (Module) => filled(Module).search(undefined as never),
    autoSuggest: (Module) => filled(Module).autoSuggest("wor"),
    add: (Module) => {
      const index = filled(Module);
      return [index.add({ id: 99, text: "new" }), index.documentCount, index.has(99)];
    },
    "add again": (Module) => filled(Module).add({ id: 1, text: "again" }),
    addAll: (Module) =>
      filled(Module).addAll([
        { id: 98, text: "new" },
        { id: 1, text: "again" },
      ]),
    addAllAsync: async (Module) => {
      const index = new Module<Document>(OPTIONS);
      return [await index.addAllAsync(documents(25), { chunkSize: 7 }), index.documentCount];
    },
    remove: (Module) => {
      const index = filled(Module);
      return [index.remove(documents(2)[1]!), index.documentCount];
    },
    "remove of nothing": (Module) => filled(Module).remove({ id: 77, text: "" }),
    removeAll: (Module) => {
      const index = filled(Module);
      return [index.removeAll(), index.documentCount];
    },
    "removeAll of nothing": (Module) => filled(Module).removeAll(undefined as never),
    discard: (Module) => {
      const index = filled(Module);
      return [index.discard(3), index.dirtCount];
    },
    "discard of nothing": (Module) => filled(Module).discard(77),
    discardAll: async (Module) => {
      const index = filled(Module);
      index.discardAll(Array.from({ length: 30 }, (_, id) => id));
      return [index.isVacuuming, index.dirtCount, await index.vacuum(), index.dirtCount, index.isVacuuming];
    },
    replace: (Module) => {
      const index = filled(Module);
      return [index.replace({ id: 1, text: "other" }), index.search("other")];
    },
    "replace of nothing": (Module) => filled(Module).replace({ id: 77, text: "" }),
    vacuum: (Module) => filled(Module).vacuum({ batchSize: 10 }),
    toJSON: (Module) => JSON.stringify(filled(Module)),
    loadJSON: (Module) => Module.loadJSON<Document>(JSON.stringify(filled(Module)), OPTIONS).search("word1"),
    "loadJSON without options": (Module) => Module.loadJSON("{}", undefined as never),
    "loadJSON of something else": (Module) => Module.loadJSON("{", OPTIONS),
    loadJSONAsync: async (Module) =>
      (await Module.loadJSONAsync<Document>(JSON.stringify(filled(Module)), OPTIONS)).search("word1"),
    "loadJSONAsync of something else": (Module) => Module.loadJSONAsync("{}", OPTIONS),
    loadJS: (Module) => Module.loadJS<Document>(filled(Module).toJSON(), OPTIONS).documentCount,
    "a method of another object": ({ prototype }) => prototype.search.call({} as never, "word1"),
  },
});
