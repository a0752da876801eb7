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
} from "../../../semconv/index.ts";
import type { Config } from "../../config/index.ts";
import { HEALTHY, about, worst } from "../../health/check.ts";
import { openDatabases } from "../../instrument/open-instances.ts";
import type { HealthCheck, Verdict } from "../../health/check.ts";
import { isWritable, megabytes, spaceBeside, writeAndRead } from "./disk.ts";
import { errorRates } from "./error-rate.ts";
import type { OpenDatabase } from "../../instrument/open-instances.ts";
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

const REPLACED: Verdict = {
  state: "degraded",
  message: "its file was replaced, and both are open; what is written to the one that was is lost",
};

/** Whether what has to be open is, and the file is still the one it was. */
function lookAtOpen(expected: readonly string[]): Look {
  const lookAtFiles = ofEachFile(async (file, database) => {
    if (database.isInPlace()) return HEALTHY;
    return [...openDatabases()].some((other) => other.files.table === file && other.isInPlace()) ? REPLACED : GONE;
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
  return ofEachFile(async (file, database) => {
    const writable = await isWritable(file);
    const isRefused = writable.state !== "healthy" && !onlyReads(database, writable.failure);
    return worst([isRefused ? writable : HEALTHY, outcomes.look(database)]);
  });
}

/** How the operating system says that something may be read alone. */
const READ_ONLY: ReadonlySet<string | undefined> = new Set(["EACCES", "EROFS", "EPERM"]);

/** Whether nothing is missing to a database that may not be written: where the application opened it so, or writes nothing. */
const onlyReads = ({ isReadOnly, isWritten }: OpenDatabase, failure: string | undefined): boolean =>
  isReadOnly === true || (READ_ONLY.has(failure) && !isWritten);

/** There is no room to be missed beside a database that is only read, such as one of an image. */
const lookAtSpace = (limits: { degraded: number; critical: number }): Look =>
  ofEachFile(async (file, database) => {
    const { failure } = await isWritable(file);
    return failure !== undefined && onlyReads(database, failure) ? HEALTHY : spaceBeside(file, limits);
  });

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
    [HEALTH_CHECK_NAME_VALUE_STORAGE_DISK_SPACE, true, 5_000, lookAtSpace({ degraded, critical })],
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
