import {
  ATTR_DB_NAMESPACE,
  HEALTH_CHECK_NAME_VALUE_ERROR_RATE,
  HEALTH_CHECK_NAME_VALUE_STORAGE_CHECKPOINT,
  HEALTH_CHECK_NAME_VALUE_STORAGE_COMPACTION,
  HEALTH_CHECK_NAME_VALUE_STORAGE_DISK_SPACE,
  HEALTH_CHECK_NAME_VALUE_STORAGE_ENGINE_PROBE,
  HEALTH_CHECK_NAME_VALUE_STORAGE_OPEN,
  HEALTH_CHECK_NAME_VALUE_STORAGE_RECOVERY,
  HEALTH_CHECK_NAME_VALUE_STORAGE_RW_PROBE,
  HEALTH_CHECK_NAME_VALUE_STORAGE_WAL_WRITABLE,
  type HealthCheckName,
} from "../../../semconv/index.ts";
import type { Config } from "../../config/index.ts";
import { HEALTHY, about, worst } from "../../health/check.ts";
import { fileOf, openDatabases } from "../../instrument/open-instances.ts";
import type { HealthCheck, Verdict } from "../../health/check.ts";
import { isWritable, megabytes, spaceBeside, writeAndRead } from "./disk.ts";
import { errorRates } from "./error-rate.ts";
import type { OpenDatabase } from "../../instrument/open-instances.ts";
import { lookAtEngines } from "./round-trip.ts";
import { WriteOutcomes } from "./write-outcomes.ts";

type Look = HealthCheck["run"];

const nameOf = ({ database }: OpenDatabase): string => database.attributes[ATTR_DB_NAMESPACE];

/** Checks each open database and returns the worst verdict. */
const ofEach =
  (look: (database: OpenDatabase) => Verdict | Promise<Verdict>): Look =>
  async () => {
    const databases = [...openDatabases()];
    if (databases.length === 0) return { state: "healthy", message: "no database is open" };
    return worst(await Promise.all(databases.map(async (each) => about(nameOf(each), await look(each)))));
  };

/** Checks each open database that has a file. */
const ofEachFile = (look: (file: string, database: OpenDatabase) => Promise<Verdict>): Look =>
  ofEach((database) => {
    const file = fileOf(database);
    return file === undefined ? HEALTHY : look(file, database);
  });

const GONE: Verdict = {
  state: "critical",
  message: "its file is not the one that was opened; what is written is lost",
};

const REPLACED: Verdict = {
  state: "degraded",
  message: "its file was replaced, and both are open; what is written to the one that was is lost",
};

/** Checks that the expected databases are open, and that their files were not replaced. */
function lookAtOpen(expected: readonly string[]): Look {
  const lookAtFiles = ofEachFile(async (file, database) => {
    if (database.isInPlace()) return HEALTHY;
    return [...openDatabases()].some((other) => fileOf(other) === file && other.isInPlace()) ? REPLACED : GONE;
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

/**
 * Checks whether the operating system permits writing to the database, and the outcome of the application's last write.
 */
function lookAtWrites(): Look {
  const outcomes = new WriteOutcomes();
  return ofEachFile(async (file, database) => {
    const writable = await isWritable(file);
    const isRefused = writable.state !== "healthy" && !onlyReads(database, writable.failure);
    return worst([isRefused ? writable : HEALTHY, outcomes.look(database)]);
  });
}

/** Error codes with which the operating system reports that a file is read-only. */
const READ_ONLY: ReadonlySet<string | undefined> = new Set(["EACCES", "EROFS", "EPERM"]);

/**
 * Tells whether a database that may not be written works as intended: the application opened it read-only, or writes
 * nothing.
 */
const onlyReads = ({ isReadOnly, isWritten }: OpenDatabase, failure: string | undefined): boolean =>
  isReadOnly === true || (READ_ONLY.has(failure) && !isWritten);

/** Checks the free disk space. A database that is only read, such as one in an image, needs none. */
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

const seconds = (milliseconds: number): string => `${Math.round(milliseconds / 1_000)} s`;

/** Checks the background work of engines that merge files. */
const lookAtCompaction = (limits: { stall: number; compaction: number }): Look =>
  ofEach(async (database) => {
    const { failure, stoppedSince, waitingSince } = (await database.backgroundWork?.()) ?? {};
    if (failure !== undefined) return { state: "unhealthy", message: `its background work failed (${failure})` };
    const stopped = stoppedSince === undefined ? 0 : Date.now() - stoppedSince;
    if (stopped > limits.stall / 10)
      return {
        state: stopped > limits.stall ? "unhealthy" : "degraded",
        message: `writes have been stopped for ${seconds(stopped)}`,
      };
    const waiting = waitingSince === undefined ? 0 : Date.now() - waitingSince;
    if (waiting <= limits.compaction) return HEALTHY;
    return { state: "degraded", message: `nothing has been compacted for ${seconds(waiting)}, and data waits for it` };
  });

/** Check, with the number of milliseconds for which its result is valid. */
type Row = readonly [name: HealthCheckName, isRequired: boolean, interval: number, look: Look];

const limitsOf = (config: Config): { stall: number; compaction: number } => ({
  stall: config.healthStallMilliseconds,
  compaction: config.healthCompactionMilliseconds,
});

function rowsOf(config: Config): Row[] {
  const { healthDiskDegraded: degraded, healthDiskCritical: critical, healthProbeFolder: folder } = config;
  const { healthEngineProbe: engines } = config;
  const rows: Row[] = [
    [HEALTH_CHECK_NAME_VALUE_STORAGE_OPEN, true, 1_000, lookAtOpen(config.healthDatabases)],
    [HEALTH_CHECK_NAME_VALUE_STORAGE_RECOVERY, true, 1_000, lookAtRecovery],
    [HEALTH_CHECK_NAME_VALUE_STORAGE_WAL_WRITABLE, true, 1_000, lookAtWrites()],
    [HEALTH_CHECK_NAME_VALUE_STORAGE_DISK_SPACE, true, 5_000, lookAtSpace({ degraded, critical })],
    [HEALTH_CHECK_NAME_VALUE_STORAGE_CHECKPOINT, false, 1_000, lookAtLog(config.healthLogBytes)],
    [HEALTH_CHECK_NAME_VALUE_STORAGE_COMPACTION, false, 1_000, lookAtCompaction(limitsOf(config))],
    [HEALTH_CHECK_NAME_VALUE_ERROR_RATE, false, 5_000, errorRates(config.healthErrorRatio)],
  ];
  // A sync delays those of the application, so this check is rare.
  if (folder !== "") rows.push([HEALTH_CHECK_NAME_VALUE_STORAGE_RW_PROBE, true, 30_000, () => writeAndRead(folder)]);
  if (engines.length > 0)
    rows.push([HEALTH_CHECK_NAME_VALUE_STORAGE_ENGINE_PROBE, true, 30_000, () => lookAtEngines(engines, folder)]);
  return rows;
}

/** Returns the checks of the application's storage. */
export const storageChecks = (config: Config): HealthCheck[] =>
  rowsOf(config).map(([name, isRequired, interval, run]) => ({
    name,
    type: "readiness",
    required: config.healthRequired?.includes(name) ?? isRequired,
    interval,
    timeout: config.healthTimeout,
    run,
  }));
