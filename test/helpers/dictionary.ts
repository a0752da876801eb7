/** Work of the service of `test/apps/dictionary`: the expected counts of its telemetry. */

/** Operations of the service by summary: runs, and failures among them. */
export const COUNTS: Readonly<Record<string, { readonly runs: number; readonly errors?: number }>> = {
  PREPARE: { runs: 5 },
  "PRAGMA journal_mode": { runs: 1 },
  "PRAGMA wal_checkpoint": { runs: 1 },
  "BATCH CREATE": { runs: 1 },
  "INSERT words": { runs: 101, errors: 1 },
  "SELECT words": { runs: 51 },
  "UPDATE words": { runs: 1 },
  "INSERT edits": { runs: 1 },
  BEGIN: { runs: 1 },
  "BEGIN IMMEDIATE": { runs: 1 },
  COMMIT: { runs: 2 },
};

/** Transactions of the service, by mode and outcome. The two CREATE and the refused INSERT are transactions of their own. */
export const TRANSACTIONS: Readonly<Record<string, number>> = {
  "deferred commit": 1,
  "immediate commit": 1,
  "autocommit commit": 2,
  "autocommit error": 1,
};
