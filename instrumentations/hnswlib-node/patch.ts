import type { SearchResult } from "hnswlib-node";
import type { Probe } from "../../src/instrument/probe.ts";
import { Calls, type Call } from "../layers/calls.ts";
import { fileSizeOf, restore, snapshot } from "../layers/index-copies.ts";
import { classNameOf } from "../layers/named-groups.ts";
import type { Change, SearchAnswer } from "../layers/search-index.ts";
import { Indexes } from "../layers/search-indexes.ts";
import { Loads, type Index } from "./loads.ts";
import { replaceClass, type NativeClass } from "./replaced-class.ts";

const CLASSES: ReadonlySet<string> = new Set(["HierarchicalNSW", "BruteforceSearch"]);

const loads = new Loads();

const indexes = new Indexes<Index>({
  system: "hnswlib-node",
  primitive: "vector",
  nameOf: (index) => classNameOf(index, CLASSES),
  typeOf: () => "vector",
  sizeOf: (index) => ({
    documents: countIn(index),
    // It has none before it is initialized.
    documentLimit: loads.isSafe(index) ? index.getMaxElements() || undefined : undefined,
    dimensions: index.getNumDimensions(),
  }),
});

const countIn = (index: Index): number | undefined => (loads.isSafe(index) ? index.getCurrentCount() : undefined);

/**
 * Observes the methods by their options, by the numbers of vectors before and after, and by the sizes of files; vectors
 * and labels are never read.
 */
export function patch(exports: unknown, probe: Probe): void {
  const calls = new Calls(probe);
  for (const name of CLASSES)
    replaceClass(exports as Record<string, NativeClass>, name, (prototype) => patchMethods(prototype, calls));
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
  for (const name of ["readIndex", "readIndexSync"]) {
    loads.watch(prototype, name);
    calls.observe(prototype, name, (index: Index, [path]) => loading(index, path));
  }
}

function loading(index: Index, path: unknown): Call {
  const call = restore({ type: "file", indexOf: () => indexes.of(index), bytesOf: () => fileSizeOf(path) });
  return {
    succeeded(...end) {
      loads.succeeded(index);
      call.succeeded(...end);
    },
    failed: (...end) => call.failed(...end),
  };
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
      const before = countIn(index);
      return indexes.of(index).update(name, (_, { hasFailed }) => {
        const after = countIn(index);
        if (before === undefined || after === undefined) return [];
        const documents = Math.abs(after - before);
        if (documents > 0) return [{ type: counted, documents }];
        return hasFailed || uncounted === undefined ? [] : [{ type: uncounted, documents: 1 }];
      });
    });
  }
}
