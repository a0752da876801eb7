import type MiniSearch from "minisearch";
import type { Probe } from "../../src/instrument/probe.ts";
import { Calls } from "../layers/calls.ts";
import { restore, snapshot } from "../layers/index-copies.ts";
import { classNameOf } from "../layers/named-groups.ts";
import type { SearchAnswer } from "../layers/search-index.ts";
import { Indexes } from "../layers/search-indexes.ts";
import type { StorageSearchType, StorageSearchUpdateType } from "../../semconv/index.ts";
import { patchVacuums } from "./vacuums.ts";

type Index = MiniSearch<unknown>;

/** The class, with what its methods use themselves. */
interface IndexClass {
  readonly prototype: Index;
}

/** Index with its private fields. */
interface Internals {
  readonly _options: { readonly searchOptions?: { readonly prefix?: unknown } };
  readonly _index: { readonly _size?: number | undefined };
}

const CLASSES: ReadonlySet<string> = new Set(["MiniSearch"]);

const indexes = new Indexes<Index>({
  system: "minisearch",
  primitive: "search",
  nameOf: (index) => classNameOf(index, CLASSES),
  typeOf: () => "fulltext",
  sizeOf: (index) => ({
    documents: index.documentCount,
    // Counting them walks through all of them, a second for a hundred thousand: the index keeps the number until a change.
    terms: (index as unknown as Internals)._index._size,
    tombstones: index.dirtCount,
    tombstoneRatio: index.dirtFactor,
  }),
});

/** Observes the methods by their options and by the numbers of documents before and after; documents are never read. */
export function patch(exports: unknown, probe: Probe): void {
  // The file for `require` exports the class itself.
  const Class = (typeof exports === "function" ? exports : (exports as { default: unknown }).default) as IndexClass;
  const { prototype } = Class;
  const calls = new Calls(probe);
  patchSearches(prototype, calls);
  patchUpdates(prototype, calls);
  patchCopies(Class, calls);
  patchVacuums(prototype, probe, (index) => indexes.of(index as Index));
}

const answerOf = (results: unknown): SearchAnswer => ({ results: (results as unknown[]).length });

function patchSearches(prototype: Index, calls: Calls): void {
  calls.observe(prototype, "search", (index: Index, [, options]) =>
    indexes.of(index).search({ name: "search", type: typeOfSearch(index, options) }, answerOf),
  );
  calls.observe(prototype, "autoSuggest", (index: Index) =>
    indexes.of(index).search({ name: "autoSuggest", type: "suggestion" }, answerOf),
  );
}

/** Tells whether a search is one for the beginnings of words, by the options of the call or of the index. */
function typeOfSearch(index: Index, options: unknown): StorageSearchType {
  const { _options } = index as unknown as Internals;
  const { prefix = _options.searchOptions?.prefix } = (options ?? {}) as { readonly prefix?: unknown };
  return prefix === true ? "prefix" : "fulltext";
}

/** Methods that change documents. `addAllAsync` calls `addAll` for each of its chunks. */
const UPDATES: Readonly<Record<string, StorageSearchUpdateType>> = {
  add: "add",
  addAll: "add",
  remove: "remove",
  removeAll: "remove",
  discard: "discard",
  discardAll: "discard",
};

function patchUpdates(prototype: Index, calls: Calls): void {
  for (const [name, type] of Object.entries(UPDATES))
    calls.observe(prototype, name, (index: Index) => {
      const before = index.documentCount;
      return indexes.of(index).update(name, () => [{ type, documents: Math.abs(index.documentCount - before) }]);
    });
  calls.observe(prototype, "replace", (index: Index) => {
    const before = index.documentCount;
    // It discards the document before it adds the new one, which can fail.
    return indexes
      .of(index)
      .update("replace", (_, { hasFailed }) => [
        hasFailed
          ? { type: "discard", documents: Math.max(0, before - index.documentCount) }
          : { type: "replace", documents: 1 },
      ]);
  });
}

function patchCopies(Class: IndexClass, calls: Calls): void {
  calls.observe(Class.prototype, "toJSON", (index: Index) =>
    snapshot({ type: "serialize", indexOf: () => indexes.of(index) }),
  );
  // The later ones are called by the earlier ones.
  for (const name of ["loadJSON", "loadJSONAsync", "loadJS", "loadJSAsync"].filter((each) =>
    Object.hasOwn(Class, each),
  ))
    calls.observe(Class, name, (_, [json]) =>
      restore({
        type: "serialize",
        indexOf: (index) => (index === undefined ? undefined : indexes.of(index as Index)),
        bytesOf: () => (typeof json === "string" ? Buffer.byteLength(json) : undefined),
      }),
    );
}
