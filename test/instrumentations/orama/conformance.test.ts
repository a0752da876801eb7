import type * as Package from "@orama/orama";
import { orama } from "../../../instrumentations/orama/index.ts";
import { testEngine } from "../../conformance/engine.ts";
import { copyOf } from "../../helpers/observed.ts";

type Module = typeof Package;

const SCHEMA = { title: "string", place: "vector[3]" } as const;

/** Every function is tried with and without hooks, whose types differ. */
// oxlint-disable-next-line typescript/no-explicit-any
type Any = any;

const document = (i: number): Any => ({ id: `d${i}`, title: `word${i % 7} of page${i}`, place: [i, 1, i % 3] });

const documents = (count: number, from = 0): Any[] => Array.from({ length: count }, (_, i) => document(from + i));

/** With it, every function returns a promise. */
const plugin = {
  name: "hooks",
  beforeSearch: async () => {},
  beforeInsert: async () => {},
  beforeRemove: async () => {},
  beforeUpdate: async () => {},
  beforeInsertMultiple: async () => {},
};

const filled = ({ create, insertMultiple }: Module, options: object = {}): Any => {
  const database = create({ schema: SCHEMA, ...options });
  if ("plugins" in options) return Promise.resolve(insertMultiple(database, documents(20))).then(() => database);
  void insertMultiple(database, documents(20));
  return database;
};

const hooked = (module: Module): Promise<Any> => filled(module, { plugins: [plugin] });

/** What a search found, without the time it took. */
const found = (answer: Any): unknown => [answer instanceof Promise, answer.count, answer.hits];

const place = { value: [1, 2, 3], property: "place" };

/** The functions of every copy as those of one object, where they can be replaced in place. */
const load = (isObserved: boolean): Module => ({ ...copyOf<Module>("@orama/orama", isObserved) });

testEngine<Module>(orama, {
  load,
  observedObjects: (module) => [module],
  throwing(module, error) {
    const tokenizer = {
      language: "english",
      normalizationCache: new Map(),
      tokenize: () => {
        throw error;
      },
    };
    const database = module.create({ schema: SCHEMA, components: { tokenizer } as Any });
    return module.search(database, { term: "word" } as Any);
  },
  perform(module, name, operations) {
    const database = module.create({ schema: SCHEMA, id: name });
    for (let i = 0; i < operations; i++) void module.search(database, { term: "nothing" } as Any);
  },
  operation: "search",
  exercises: {
    search: (module) => found(module.search(filled(module), { term: "word1", limit: 2 } as Any)),
    "search of vectors": (module) =>
      found(module.search(filled(module), { mode: "vector", vector: place, similarity: 0.5 } as Any)),
    "search of both": (module) =>
      found(module.search(filled(module), { mode: "hybrid", term: "page8", vector: place } as Any)),
    "search in another way": (module) => module.search(filled(module), { mode: "other" } as Any),
    "search without options": (module) => module.search(filled(module), undefined as Any),
    "search with hooks": async (module) => found(await module.search(await hooked(module), { term: "word1" } as Any)),
    "search that counts only": (module) =>
      found(module.search(filled(module), { term: "word1", preflight: true } as Any)),
    searchVector: (module) => found(module.searchVector(filled(module), { vector: place, similarity: 0.1 } as Any)),
    "searchVector of another length": (module) =>
      module.searchVector(filled(module), { vector: { ...place, value: [1] } } as Any),
    insert: (module) => {
      const database = filled(module);
      return [module.insert(database, document(99)), module.count(database)];
    },
    "insert again": (module) => module.insert(filled(module), document(1)),
    "insert of something else": (module) => module.insert(filled(module), { title: 7 }),
    "insert with hooks": async (module) => module.insert(await hooked(module), document(99)),
    insertMultiple: (module) => module.insertMultiple(filled(module), documents(5, 50)),
    "insertMultiple that fails halfway": (module) =>
      module.insertMultiple(filled(module), [...documents(3, 50), document(1)]),
    "insertMultiple with hooks": async (module) => module.insertMultiple(await hooked(module), documents(5, 50)),
    "insertMultiple with some hooks": async (module) => {
      const { beforeSearch, beforeInsert } = plugin;
      const database = module.create({ schema: SCHEMA, plugins: [{ name: "some", beforeSearch, beforeInsert }] });
      return Promise.all((await module.insertMultiple(database, documents(5))) as unknown[]);
    },
    remove: (module) => [module.remove(filled(module), "d1"), module.remove(filled(module), "nothing")],
    "remove with hooks": async (module) => module.remove(await hooked(module), "d1"),
    removeMultiple: (module) => module.removeMultiple(filled(module), ["d1", "d2", "nothing"]),
    update: (module) => module.update(filled(module), "d1", document(1)),
    "update with hooks": async (module) => module.update(await hooked(module), "d1", document(1)),
    updateMultiple: (module) => module.updateMultiple(filled(module), ["d1", "d2"], documents(2, 60)),
    upsert: (module) => [module.upsert(filled(module), document(1)), module.upsert(filled(module), document(99))],
    upsertMultiple: (module) => module.upsertMultiple(filled(module), documents(5, 18)),
    save: (module) => JSON.stringify(module.save(filled(module))),
    load: (module) => {
      const database = module.create({ schema: SCHEMA });
      module.load(database, module.save(filled(module)));
      return found(module.search(database, { term: "word1" } as Any));
    },
    "load of nothing": (module) => module.load(module.create({ schema: SCHEMA }), {} as Any),
    "a search of nothing": (module) => module.search(undefined as Any, { term: "word" } as Any),
  },
});
