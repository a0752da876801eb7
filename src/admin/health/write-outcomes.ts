import {
  ATTR_DB_NAMESPACE,
  ATTR_ERROR_TYPE,
  ATTR_STORAGE_TRANSACTION_OUTCOME,
  METRIC_DB_CLIENT_OPERATION_DURATION,
  METRIC_STORAGE_TRANSACTION_DURATION,
  type StorageTransactionOutcome,
} from "../../../semconv/index.ts";
import { totalWhere } from "../../metrics/totals.ts";
import { HEALTHY } from "../../health/check.ts";
import { metricRegistry } from "../../metrics/registry.ts";
import type { Verdict } from "../../health/check.ts";
import type { OpenDatabase } from "../../instrument/open-instances.ts";

const operations = metricRegistry.instrument(METRIC_DB_CLIENT_OPERATION_DURATION);
const transactions = metricRegistry.instrument(METRIC_STORAGE_TRANSACTION_DURATION);

const COMMIT: StorageTransactionOutcome = "commit";

interface Outcomes {
  readonly failures: number;
  readonly commits: number;
  readonly isFailing: boolean;
}

/** Tracker that tells, by the metrics, whether storage failed after the application's last committed transaction. */
export class WriteOutcomes {
  readonly #known = new WeakMap<OpenDatabase, Outcomes>();

  look(each: OpenDatabase): Verdict {
    const name = each.database.attributes[ATTR_DB_NAMESPACE];
    const failures = totalWhere(
      operations,
      (attributes) =>
        attributes[ATTR_DB_NAMESPACE] === name &&
        attributes[ATTR_ERROR_TYPE] !== undefined &&
        each.failureKind(String(attributes[ATTR_ERROR_TYPE])) === "storage",
    );
    const commits = each.commits?.() ?? committedIn(name);
    const before = this.#known.get(each) ?? { failures: 0, commits: 0, isFailing: false };
    const isFailing = commits === before.commits && (before.isFailing || failures > before.failures);
    this.#known.set(each, { failures, commits, isFailing });
    return isFailing ? { state: "unhealthy", message: "storage fails, and nothing has been committed since" } : HEALTHY;
  }
}

const committedIn = (name: string): number =>
  totalWhere(
    transactions,
    (attributes) => attributes[ATTR_DB_NAMESPACE] === name && attributes[ATTR_STORAGE_TRANSACTION_OUTCOME] === COMMIT,
  );
