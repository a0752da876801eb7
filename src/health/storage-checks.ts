import {
  ATTR_DB_NAMESPACE,
  HEALTH_CHECK_NAME_VALUE_ERROR_RATE,
  HEALTH_CHECK_NAME_VALUE_STORAGE_CHECKPOINT,
  HEALTH_CHECK_NAME_VALUE_STORAGE_DISK_SPACE,
  HEALTH_CHECK_NAME_VALUE_STORAGE_OPEN,
  HEALTH_CHECK_NAME_VALUE_STORAGE_RECOVERY,
  HEALTH_CHECK_NAME_VALUE_STORAGE_RW_PROBE,
  HEALTH_CHECK_NAME_VALUE_STORAGE_WAL_WRITABLE,
  type HealthCheckName,
} from "../../semconv/index.ts";
import type { Config } from "../config.ts";
import { HEALTHY, about, openDatabases, worst } from "../main.ts";
import type { HealthCheck, Verdict } from "./check.ts";
import { identityOfFile, isWritable, megabytes, spaceBeside, writeAndRead } from "./disk.ts";
import { errorRates } from "./error-rate.ts";
import type { OpenDatabase } from "./open-databases.ts";
import { WriteOutcomes } from "./write-outcomes.ts";

type Look = HealthCheck["run"];

const nameOf = ({ database }: OpenDatabase): string => database.attributes[ATTR_DB_NAMESPACE];

/** Looks at each database that is open, and takes the worst. */
const ofEach =
  (look: (database: OpenDatabase) => Verdict | Promise<Verdict>): Look =>
  async () => {
    const databases = [...openDatabases()];
    if (databases.length === 0) return { state: "healthy", message: "no database is open" };
    return worst(await Promise.all(databases.map(async (each) => about(nameOf(each), await look(each)))));
  };

/** The same of the databases that have files. */
const ofEachFile = (look: (file: string, database: OpenDatabase) => Promise<Verdict>): Look =>
  ofEach((database) => (database.files.table === undefined ? HEALTHY : look(database.files.table, database)));

const GONE: Verdict = {
  state: "critical",
  message: "its file is not the one that was opened; what is written is lost",
};

/** Whether what has to be open is, and the file is still the one it was. */
function lookAtOpen(expected: readonly string[]): Look {
  const opened = new WeakMap<OpenDatabase, string>();
  const lookAtFiles = ofEachFile(async (file, database) => {
    const identity = await identityOfFile(file);
    if (identity === undefined) return GONE;
    const before = opened.get(database) ?? identity;
    opened.set(database, before);
    return identity === before ? HEALTHY : GONE;
  });
  return (signal) => {
    const names = new Set(Array.from(openDatabases(), nameOf));
    const missing = expected.filter((name) => !names.has(name));
    if (missing.length === 0) return lookAtFiles(signal);
    return { state: "unhealthy", message: `${missing.join(", ")}: not open` };
  };
}

const RECOVERIES: Readonly<Record<string, Verdict>> = {
  done: HEALTHY,
  unknown: { state: "degraded", message: "cannot be asked at the moment" },
};

const lookAtRecovery = ofEach((database) => {
  const answer = database.recovery();
  return RECOVERIES[answer] ?? { state: "unhealthy", message: `cannot be read since it was opened (${answer})` };
});

/** Whether the operating system lets it be written, and what became of what the application wrote last. */
function lookAtWrites(): Look {
  const outcomes = new WriteOutcomes();
  return ofEachFile(async (file, database) => worst([await isWritable(file), outcomes.look(database)]));
}

const lookAtLog = (limit: number): Look =>
  ofEach((database) => {
    const waiting = database.waiting() ?? 0;
    if (waiting < limit || waiting === 0) return HEALTHY;
    return { state: "degraded", message: `${megabytes(waiting)} of its log wait for a checkpoint` };
  });

/** A check, and for how many milliseconds its answer is good. */
type Row = readonly [name: HealthCheckName, isRequired: boolean, interval: number, look: Look];

function rowsOf(config: Config): Row[] {
  const { healthDiskDegraded: degraded, healthDiskCritical: critical, healthProbeFolder: folder } = config;
  const rows: Row[] = [
    [HEALTH_CHECK_NAME_VALUE_STORAGE_OPEN, true, 1_000, lookAtOpen(config.healthDatabases)],
    [HEALTH_CHECK_NAME_VALUE_STORAGE_RECOVERY, true, 1_000, lookAtRecovery],
    [HEALTH_CHECK_NAME_VALUE_STORAGE_WAL_WRITABLE, true, 1_000, lookAtWrites()],
    [
      HEALTH_CHECK_NAME_VALUE_STORAGE_DISK_SPACE,
      true,
      5_000,
      ofEachFile((file) => spaceBeside(file, { degraded, critical })),
    ],
    [HEALTH_CHECK_NAME_VALUE_STORAGE_CHECKPOINT, false, 1_000, lookAtLog(config.healthLogBytes)],
    [HEALTH_CHECK_NAME_VALUE_ERROR_RATE, false, 5_000, errorRates(config.healthErrorRatio)],
  ];
  // A sync makes the application's own wait, so it is rare.
  if (folder !== "") rows.push([HEALTH_CHECK_NAME_VALUE_STORAGE_RW_PROBE, true, 30_000, () => writeAndRead(folder)]);
  return rows;
}

/** Whether the storage of the application is well. */
export const storageChecks = (config: Config): HealthCheck[] =>
  rowsOf(config).map(([name, isRequired, interval, run]) => ({
    name,
    type: "readiness",
    required: config.healthRequired?.includes(name) ?? isRequired,
    interval,
    timeout: config.healthTimeout,
    run,
  }));
