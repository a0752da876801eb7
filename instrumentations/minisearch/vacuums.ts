import type MiniSearch from "minisearch";
import {
  ATTR_STORAGE_COMPACTION_TYPE,
  ATTR_STORAGE_SEARCH_INDEX_NAME,
  KIND_STORAGE_COMPACTION,
} from "../../semconv/index.ts";
import { Activity } from "../../src/instrument/activity.ts";
import type { Probe } from "../../src/instrument/probe.ts";
import type { AnyFunction } from "../../src/instrument/wrap.ts";
import type { ObservedIndex } from "../layers/search-index.ts";

/** Index with the methods by which it vacuums itself. */
interface Index extends Pick<MiniSearch, "dirtCount"> {
  vacuumConditionsMet(conditions: unknown): boolean;
}

/**
 * Reports each vacuum as a compaction, those included that the index begins by itself. One that waited for another is
 * reported from its actual start, and not at all if there is nothing left to do.
 */
export function patchVacuums(prototype: object, probe: Probe, observedOf: (index: object) => ObservedIndex): void {
  let isAsked = false;
  probe.wrap(prototype, "vacuum", (original) => {
    return function observed(this: unknown): unknown {
      const outer = isAsked;
      isAsked = true;
      try {
        return Reflect.apply(original, this as never, arguments) as unknown;
      } finally {
        isAsked = outer;
      }
    } as AnyFunction;
  });
  probe.pending(prototype, "performVacuuming", (index: Index, [, conditions]) => {
    if (!index.vacuumConditionsMet(conditions)) return undefined;
    const { instance, name } = observedOf(index);
    const attributes = { [ATTR_STORAGE_COMPACTION_TYPE]: "vacuum", [ATTR_STORAGE_SEARCH_INDEX_NAME]: name };
    const vacuum = new Activity(instance, KIND_STORAGE_COMPACTION, {
      attributes,
      ...(isAsked ? undefined : { parent: "none" }),
    });
    return {
      succeeded: () => vacuum.finish(),
      failed: (error) => vacuum.finish({ failure: instance.errorType(error) }),
    };
  });
}
