import type * as Orama from "@orama/orama";
import type * as FlexSearch from "flexsearch";
import type * as Hnswlib from "hnswlib-node";
import type MiniSearch from "minisearch";
import type * as Usearch from "usearch";
import type { EngineWork } from "./engine-work.ts";

const DOCUMENTS = 2_000;
const DIMENSIONS = 128;

/** Numbers all over a range, the same for every variant. */
function numbers(below: number): () => number {
  let number = 0;
  return () => (number = (number + 7919) % below);
}

const text = (i: number): string => `word${i % 97} page${i} part${i % 13} of what was written about section${i % 389}`;

const vector = (i: number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: DIMENSIONS }, (_, d) => Math.sin(i * 31 + d * 7));

function minisearch(Index: typeof MiniSearch): MiniSearch {
  const index = new Index({ fields: ["text"] });
  for (let id = 0; id < DOCUMENTS; id++) index.add({ id, text: text(id) });
  return index;
}

export const SEARCH_WORK = {
  "minisearch search": {
    package: "minisearch",
    chunk: 50,
    async prepare(module: typeof MiniSearch) {
      const [index, next] = [minisearch(module), numbers(97)];
      return () => index.search(`word${next()}`);
    },
  },
  "minisearch replace": {
    package: "minisearch",
    chunk: 50,
    async prepare(module: typeof MiniSearch) {
      const [index, next] = [minisearch(module), numbers(DOCUMENTS)];
      return () => {
        const id = next();
        index.replace({ id, text: text(id) });
      };
    },
  },
  "orama search": {
    package: "@orama/orama",
    chunk: 10,
    async prepare({ create, insert, search }: typeof Orama) {
      const database = create({ schema: { text: "string" } as const });
      for (let i = 0; i < DOCUMENTS; i++) void insert(database, { id: String(i), text: text(i) });
      const next = numbers(97);
      return () => search(database, { term: `word${next()}` });
    },
  },
  "flexsearch search": {
    package: "flexsearch",
    chunk: 2_000,
    async prepare({ Index }: typeof FlexSearch) {
      const index = new Index();
      for (let i = 0; i < DOCUMENTS; i++) index.add(i, text(i));
      const next = numbers(97);
      return () => index.search(`word${next()}`);
    },
  },
  "flexsearch update": {
    package: "flexsearch",
    chunk: 50,
    async prepare({ Index }: typeof FlexSearch) {
      const index = new Index({ fastupdate: true });
      for (let i = 0; i < DOCUMENTS; i++) index.add(i, text(i));
      const next = numbers(DOCUMENTS);
      return () => index.update(next(), text(next()));
    },
  },
  "hnswlib-node searchKnn": {
    package: "hnswlib-node",
    chunk: 50,
    async prepare({ HierarchicalNSW }: typeof Hnswlib) {
      const index = new HierarchicalNSW("l2", DIMENSIONS);
      index.initIndex(DOCUMENTS);
      for (let i = 0; i < DOCUMENTS; i++) index.addPoint([...vector(i)], i);
      const queries = Array.from({ length: 100 }, (_, i) => [...vector(i * 17)]);
      const next = numbers(100);
      return () => index.searchKnn(queries[next()]!, 10);
    },
  },
  "usearch search": {
    package: "usearch",
    chunk: 50,
    async prepare({ Index }: typeof Usearch) {
      const index = new Index({ dimensions: DIMENSIONS, metric: "l2sq" } as never);
      for (let i = 0; i < DOCUMENTS; i++) index.add(BigInt(i), vector(i), 1);
      const queries = Array.from({ length: 100 }, (_, i) => vector(i * 17));
      const next = numbers(100);
      return () => index.search(queries[next()]!, 10, 1);
    },
  },
} as const satisfies Record<string, EngineWork>;
