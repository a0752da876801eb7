import type { Probe } from "../../src/instrument/probe.ts";
import { Calls } from "../layers/calls.ts";
import { restore, snapshot } from "../layers/index-copies.ts";
import { Indexes } from "../layers/search-indexes.ts";
import { Counters } from "./counters.ts";
import type { Index } from "./types.ts";

interface Classes {
  readonly Index: { readonly prototype: Index };
  readonly Document: { readonly prototype: Index };
}

const indexes = new Indexes<Index>({
  system: "flexsearch",
  primitive: "search",
  // Its classes cannot be derived from.
  nameOf: () => undefined,
  typeOf: () => "fulltext",
  sizeOf: (index) => (isInMemory(index) ? { documents: index.reg.size, terms: termsOf(index) } : {}),
});

/** Tells whether all of an index is in the memory of this thread. */
const isInMemory = ({ db, index = new Map() }: Index): boolean =>
  db === undefined && [...index.values()].every(({ map, db: stored }) => map !== undefined && stored === undefined);

const termsOf = ({ map, index = new Map() }: Index): number =>
  map?.size ?? [...index.values()].reduce((sum, field) => sum + field.map!.size, 0);

/** Counts searches and updates, which take too little to be timed, and times the copies. */
export function patch(exports: unknown, probe: Probe): void {
  const classes = exports as Classes;
  const counters = new Counters(probe, indexes);
  // A document index calls those of its fields.
  const calls = new Calls(probe, { subjectOf: () => indexes });
  for (const { prototype } of [classes.Index, classes.Document]) {
    counters.patch(prototype);
    calls.observe(prototype, "export", (index: Index, args) =>
      // It calls itself for the next part, perhaps later.
      args.length > 1 ? undefined : snapshot({ type: "serialize", indexOf: () => indexes.of(index) }),
    );
    calls.observe(prototype, "import", (index: Index, [, data]) =>
      restore({
        type: "serialize",
        indexOf: () => indexes.of(index),
        bytesOf: () => (typeof data === "string" ? Buffer.byteLength(data) : undefined),
      }),
    );
  }
}
