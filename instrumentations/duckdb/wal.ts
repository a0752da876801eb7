import {
  ATTR_STORAGE_COMPACTION_TYPE,
  ATTR_STORAGE_CHECKPOINT_TRIGGER,
  KIND_STORAGE_COMPACTION,
  METRIC_STORAGE_CHECKPOINTS,
  ATTR_STORAGE_MEASUREMENT,
} from "../../semconv/index.ts";
import { metricRegistry } from "../../src/metrics/registry.ts";
import type { Instance } from "../../src/recording/instance.ts";
import type { HookedRun } from "../../src/recording/operation-info.ts";
import { recordActivity } from "../../src/recording/record-activity.ts";
import { activeRollup } from "../../src/recording/rollup.ts";
import { modifiedAt, sizeOf } from "../files/file-stat.ts";
import { recordCheckpoint } from "../layers/wal.ts";

const checkpoints = metricRegistry.instrument(METRIC_STORAGE_CHECKPOINTS);

/** What the files of a database look like. Neither is opened. */
interface Look {
  /** Bytes of the log; undefined if there is none. */
  readonly wal: number | undefined;
  /** Time of the last change of the database file, which a checkpoint changes; known only without a log. */
  readonly modified: number | undefined;
}

/** Call that closes a connection or an instance. */
interface Closing {
  readonly start: bigint;
  readonly nanoseconds: number;
}

/**
 * Write-ahead log of a database in a file, as its size tells. A commit makes it longer, a checkpoint removes it, or
 * leaves what was written meanwhile.
 */
export class WriteAheadLog {
  readonly path: string;
  readonly #instance: Instance;
  readonly #file: string;
  #last: Look;
  #sizeBefore: number | undefined;

  /** @param file absolute path of the database */
  constructor(instance: Instance, file: string) {
    this.#instance = instance;
    this.#file = file;
    this.path = `${file}.wal`;
    this.#last = this.#look();
    checkpoints.bind({
      ...instance.attributes,
      [ATTR_STORAGE_CHECKPOINT_TRIGGER]: "auto",
      [ATTR_STORAGE_MEASUREMENT]: "estimated",
    });
  }

  /** Returns the bytes of the log. */
  size(): number {
    return sizeOf(this.path) ?? 0;
  }

  /** Looks after a commit whether it was followed by a checkpoint, which it has waited for. */
  committed(): void {
    if (this.#hasShrunk()) this.#counted("auto");
  }

  /** Looks at the file before a statement that checkpoints it. */
  checkpointing(): void {
    this.#sizeBefore = sizeOf(this.#file);
  }

  /** Records a checkpoint by a statement, and what it has released. */
  checkpointed(run: HookedRun): void {
    const { start, nanoseconds, rollup, parent, failure } = run;
    const timing = { start, nanoseconds, rollup, parent, isEstimated: false };
    recordCheckpoint(this.#instance, { trigger: "manual", failure, pages: undefined, end: Date.now() }, timing);
    this.#last = this.#look();
    const after = sizeOf(this.#file);
    if (failure !== undefined || after === undefined || this.#sizeBefore === undefined) return;
    const bytes = this.#sizeBefore - after;
    // It compacts what it can; only a smaller file tells that it did.
    if (bytes <= 0) return;
    recordActivity(this.#instance, KIND_STORAGE_COMPACTION, {
      ...run,
      bytes,
      attributes: { [ATTR_STORAGE_COMPACTION_TYPE]: "checkpoint" },
    });
  }

  /** Counts the checkpoint of a script that contains one among other statements. */
  checkpointedBetween(): void {
    this.#last = this.#look();
    this.#counted("manual");
  }

  /** Looks before a call that closes the last connection. */
  closing(): void {
    this.#last = this.#look();
  }

  /** Looks after it: closing checkpoints, and takes about as long. */
  closed({ start, nanoseconds }: Closing): void {
    if (!this.#hasShrunk()) return;
    const timing = { start, nanoseconds, rollup: activeRollup(), parent: undefined, isEstimated: true };
    recordCheckpoint(this.#instance, { trigger: "shutdown", pages: undefined, end: Date.now() }, timing);
  }

  #counted(trigger: "auto" | "manual"): void {
    recordCheckpoint(this.#instance, { trigger, pages: undefined, end: Date.now(), isEstimated: trigger === "auto" });
  }

  #hasShrunk(): boolean {
    const before = this.#last;
    const after = (this.#last = this.#look());
    if (after.wal !== undefined) return before.wal !== undefined && after.wal < before.wal;
    // Larger than the limit, a commit is checkpointed without a log before it.
    return before.wal !== undefined || after.modified !== before.modified;
  }

  #look(): Look {
    const wal = sizeOf(this.path) || undefined;
    return { wal, modified: wal === undefined ? modifiedAt(this.#file) : undefined };
  }
}
