import type { BatchMatches, Index, Matches } from "usearch";
import type { Probe } from "../../src/instrument/probe.ts";
import type { StorageSearchUpdateType, StorageSnapshotType } from "../../semconv/index.ts";
import { Calls } from "../layers/calls.ts";
import { fileSizeOf, restore, snapshot } from "../layers/index-copies.ts";
import { classNameOf } from "../layers/named-groups.ts";
import type { SearchAnswer } from "../layers/search-index.ts";
import { Indexes } from "../layers/search-indexes.ts";

const CLASSES: ReadonlySet<string> = new Set(["Index"]);

const indexes = new Indexes<Index>({
  system: "usearch",
  primitive: "vector",
  nameOf: (index) => classNameOf(index, CLASSES),
  typeOf: () => "vector",
  sizeOf: (index) => ({
    documents: index.size(),
    documentLimit: index.capacity(),
    dimensions: index.dimensions(),
  }),
});

/** Methods that change vectors. */
const UPDATES: Readonly<Record<string, StorageSearchUpdateType>> = { add: "add", remove: "remove" };

/** Methods that load an index, with what they do with its file. */
const LOADS: Readonly<Record<string, StorageSnapshotType>> = { load: "file", view: "mapped_file" };

/** Observes the methods by their options and by the sizes of the index and its file; vectors and keys are never read. */
export function patch(exports: unknown, probe: Probe): void {
  const { prototype } = (exports as { readonly Index: { readonly prototype: Index } }).Index;
  const calls = new Calls(probe);
  calls.observe(prototype, "search", (index: Index, [, limit]) =>
    indexes.of(index).search({ name: "search", limit }, answerOf),
  );
  for (const [name, type] of Object.entries(UPDATES))
    calls.observe(prototype, name, (index: Index) => {
      const before = index.size();
      return indexes.of(index).update(name, () => [{ type, documents: Math.abs(index.size() - before) }]);
    });
  calls.observe(prototype, "save", (index: Index, [path]) =>
    snapshot({ type: "file", indexOf: () => indexes.of(index), bytesOf: () => fileSizeOf(path) }),
  );
  for (const [name, type] of Object.entries(LOADS))
    calls.observe(prototype, name, (index: Index, [path]) =>
      restore({ type, indexOf: () => indexes.of(index), bytesOf: () => fileSizeOf(path) }),
    );
}

/** Returns the number of neighbours that were found, of all queries of a call. */
function answerOf(matches: unknown): SearchAnswer {
  const { keys, counts } = matches as Matches & Partial<BatchMatches>;
  return { results: counts === undefined ? keys.length : Number(counts.reduce((a, b) => a + b, 0n)) };
}
