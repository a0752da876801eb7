import { ATTR_DB_NAMESPACE, ATTR_DB_SYSTEM_NAME } from "../../semconv/index.ts";
import type { Instance } from "../recording/instance.ts";

/** Space of one table or index. */
export interface InspectedObject {
  readonly name: string;
  readonly pages: number;
  readonly bytes: number;
  /** Unused bytes of its pages. */
  readonly unusedBytes: number;
}

/** Space report of a database. */
export interface Inspection {
  /** `db.system.name` */
  readonly system: string;
  /** `db.namespace` */
  readonly namespace: string;
  /** Its tables and indexes, largest first; undefined if the engine cannot report them, or not at the moment. */
  readonly objects: readonly InspectedObject[] | undefined;
  /** Milliseconds for which the report blocked the event loop. */
  readonly milliseconds: number;
}

/** Database that can be inspected. */
export interface Inspected {
  readonly attributes: Instance["attributes"];
  /** Reads the complete database. Returns undefined if the engine cannot report its space, or not at the moment. */
  inspect(): InspectedObject[] | undefined;
}

const sources = new Set<() => Iterable<Inspected>>();

/** Registers databases that are inspected on request. */
export function inspectable(databases: () => Iterable<Inspected>): void {
  sources.add(databases);
}

/**
 * Reads every page of each open database, once per database, to report its use of space. It runs on request only: it
 * blocks the event loop for about a millisecond per 8 MB, longer if the pages are not cached.
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
