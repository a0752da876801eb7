import { ATTR_DB_NAMESPACE, ATTR_DB_SYSTEM_NAME } from "../../semconv/index.ts";
import type { Database } from "../recording/instance.ts";

/** What one table or index takes of a database. */
export interface InspectedObject {
  readonly name: string;
  readonly pages: number;
  readonly bytes: number;
  /** Bytes of its pages that hold nothing. */
  readonly unusedBytes: number;
}

/** What a database consists of. */
export interface Inspection {
  /** `db.system.name` */
  readonly system: string;
  /** `db.namespace` */
  readonly namespace: string;
  /** Its tables and indexes, the largest first; undefined where the engine cannot tell, or not at the moment. */
  readonly objects: readonly InspectedObject[] | undefined;
  /** Milliseconds for which this took the event loop. */
  readonly milliseconds: number;
}

/** A database that can be inspected. */
export interface Inspected {
  readonly attributes: Database["attributes"];
  /** Reads all of it. Undefined where the engine cannot tell, or not at the moment. */
  inspect(): InspectedObject[] | undefined;
}

const sources = new Set<() => Iterable<Inspected>>();

/** Adds databases to those that are inspected when someone asks. */
export function inspectable(databases: () => Iterable<Inspected>): void {
  sources.add(databases);
}

/**
 * Looks at every page of the databases that are open, each once, to tell what takes the space. Nothing does this by
 * itself: it holds the event loop for about a millisecond for each 8 MB, more where they are not in memory.
 */
export function inspectSpace(): Inspection[] {
  return [...sources].flatMap((databases) =>
    Array.from(databases(), ({ attributes, inspect }): Inspection => {
      const start = performance.now();
      const objects = inspect()?.toSorted((a, b) => b.bytes - a.bytes);
      return {
        system: attributes[ATTR_DB_SYSTEM_NAME],
        namespace: attributes[ATTR_DB_NAMESPACE],
        objects,
        milliseconds: performance.now() - start,
      };
    }),
  );
}
