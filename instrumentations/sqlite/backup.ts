import {
  ATTR_STORAGE_SNAPSHOT_TYPE,
  KIND_STORAGE_SNAPSHOT,
  METRIC_STORAGE_SNAPSHOT_REMAINING,
  STORAGE_SNAPSHOT_TYPE_VALUE_BACKUP,
} from "../../semconv/index.ts";
import { Activity } from "../../src/instrument/activity.ts";
import { metricRegistry } from "../../src/metrics/registry.ts";
import type { SumSeries } from "../../src/metrics/series.ts";
import type { Measured } from "../../src/recording/activity-series.ts";
import type { Instance } from "../../src/recording/instance.ts";

const remaining = metricRegistry.instrument(METRIC_STORAGE_SNAPSHOT_REMAINING);

const BACKUP = { [ATTR_STORAGE_SNAPSHOT_TYPE]: STORAGE_SNAPSHOT_TYPE_VALUE_BACKUP };

/** Backup in progress; the application runs other operations meanwhile. */
export class Backup {
  readonly #activity: Activity;
  readonly #remainder: SumSeries;
  /** The pages of this backup that are still to be copied. */
  #remaining = 0;

  constructor(database: Instance) {
    this.#activity = new Activity(database, KIND_STORAGE_SNAPSHOT, { attributes: BACKUP });
    this.#remainder = remaining.bind(database.attributes);
  }

  progressed(pages: number): void {
    this.#remainder.add(pages - this.#remaining);
    this.#remaining = pages;
  }

  /** @param measured pages and bytes of a backup that succeeded, where they are known */
  ended(failure: string | undefined, measured: Measured = {}): void {
    this.progressed(0);
    this.#activity.finish({ ...measured, failure });
  }
}
