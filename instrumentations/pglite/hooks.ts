import { ATTR_STORAGE_COMPACTION_TYPE, KIND_STORAGE_COMPACTION } from "../../semconv/index.ts";
import type { Instance } from "../../src/recording/instance.ts";
import type { OperationHook } from "../../src/recording/operation-info.ts";
import { recordActivity } from "../../src/recording/record-activity.ts";
import { Search } from "../layers/search.ts";
import { recordCheckpoint } from "../layers/wal.ts";
import type { Usage } from "./counters.ts";
import type { PostgresScript } from "./sql.ts";

/**
 * Returns the hook of a text that is an activity as well, if it is.
 * @param usage returns what the call did that has just ended
 */
export function hookOf(
  database: Instance,
  script: PostgresScript,
  usage: () => Usage | undefined,
): OperationHook | undefined {
  const purpose = script.parts.length === 1 ? script.parts[0]!.purpose : undefined;
  if (purpose === undefined) return undefined;
  if ("search" in purpose) return new Search(database, script, { type: purpose.search, name: undefined });
  if ("compaction" in purpose) {
    const attributes = { [ATTR_STORAGE_COMPACTION_TYPE]: purpose.compaction };
    return { ran: (run) => recordActivity(database, KIND_STORAGE_COMPACTION, { ...run, attributes }) };
  }
  return {
    ran({ start, nanoseconds, failure, rollup, parent }) {
      const checkpoint = { trigger: "manual", failure, pages: usage()?.pages, end: Date.now() } as const;
      recordCheckpoint(database, checkpoint, { start, nanoseconds, rollup, parent, isEstimated: false });
    },
  };
}
