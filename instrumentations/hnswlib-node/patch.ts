import type { BruteforceSearch, HierarchicalNSW, SearchResult } from "hnswlib-node";
import type { Probe } from "../../src/instrument/probe.ts";
import { Calls } from "../layers/calls.ts";
import { fileSizeOf, restore, snapshot } from "../layers/index-copies.ts";
import { classNameOf } from "../layers/named-groups.ts";
import type { Change, SearchAnswer } from "../layers/search-index.ts";
import { Indexes } from "../layers/search-indexes.ts";
import { replaceClass, type NativeClass } from "./replaced-class.ts";

type Index = HierarchicalNSW | BruteforceSearch;

const CLASSES: ReadonlySet<string> = new Set(["HierarchicalNSW", "BruteforceSearch"]);

const indexes = new Indexes<Index>({
  system: "hnswlib-node",
  primitive: "vector",
  nameOf: (index) => classNameOf(index, CLASSES),
  typeOf: () => "vector",
  sizeOf: (index) => ({
    documents: index.getCurrentCount(),
    // It has none before it is initialized.
    documentLimit: index.getMaxElements() || undefined,
    dimensions: index.getNumDimensions(),
  }),
});

/**
 * Observes the methods by their options, by the numbers of vectors before and after, and by the sizes of files; vectors
 * and labels are never read.
 */
export function patch(exports: unknown, probe: Probe): void {
  const calls = new Calls(probe);
  for (const name of CLASSES)
    replaceClass(exports as Record<string, NativeClass>, name, probe, (prototype) => patchMethods(prototype, calls));
}

function patchMethods(prototype: object, calls: Calls): void {
  calls.observe(prototype, "searchKnn", (index: Index, [, limit]) =>
    indexes.of(index).search({ name: "searchKnn", limit }, answerOf),
  );
  patchUpdates(prototype, calls);
  for (const name of ["writeIndex", "writeIndexSync"])
    calls.observe(prototype, name, (index: Index, [path]) =>
      snapshot({ type: "file", indexOf: () => indexes.of(index), bytesOf: () => fileSizeOf(path) }),
    );
  for (const name of ["readIndex", "readIndexSync"])
    calls.observe(prototype, name, (index: Index, [path]) =>
      restore({ type: "file", indexOf: () => indexes.of(index), bytesOf: () => fileSizeOf(path) }),
    );
}

const answerOf = (result: unknown): SearchAnswer => ({ results: (result as SearchResult).neighbors.length });

/** What each method does if it adds to or takes from the number of vectors, and if it does not. */
const UPDATES: Readonly<Record<string, { readonly counted: Change["type"]; readonly uncounted?: Change["type"] }>> = {
  // A vector with the same label, or one in the place of a deleted one, is not counted.
  addPoint: { counted: "add", uncounted: "replace" },
  removePoint: { counted: "remove" },
  markDelete: { counted: "discard", uncounted: "discard" },
  unmarkDelete: { counted: "add", uncounted: "add" },
};

function patchUpdates(prototype: object, calls: Calls): void {
  for (const [name, { counted, uncounted }] of Object.entries(UPDATES)) {
    if (!Object.hasOwn(prototype, name)) continue;
    calls.observe(prototype, name, (index: Index) => {
      const before = index.getCurrentCount();
      return indexes.of(index).update(name, (_, { hasFailed }) => {
        const documents = Math.abs(index.getCurrentCount() - before);
        if (documents > 0) return [{ type: counted, documents }];
        return hasFailed || uncounted === undefined ? [] : [{ type: uncounted, documents: 1 }];
      });
    });
  }
}
