import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { roundTrips } from "../../../instrumentations/round-trips.ts";
import { about, HEALTHY, worst, type Verdict } from "../../health/check.ts";
import { loadedModule } from "../../instrument/own-databases.ts";
import type { OpenOwnDatabase, OwnDatabase } from "../../instrument/round-trip.ts";
import { errorType } from "../../runtime/error-type.ts";

const KEY = "stratascope";

const damaged = (message: string): Verdict => ({ state: "unhealthy", message: `data integrity: ${message}` });

/** Writes a record, reads it, and deletes it. */
async function writeAndRead(database: OwnDatabase): Promise<Verdict> {
  const value = randomBytes(32).toString("hex");
  await database.set(KEY, value);
  if ((await database.get(KEY)) !== value) return damaged("what was written is not what is read");
  await database.delete(KEY);
  if ((await database.get(KEY)) !== undefined) return damaged("what was deleted is still read");
  return HEALTHY;
}

/** Opens a database of ours in a folder of its own, which is removed afterwards. */
async function roundTrip(open: OpenOwnDatabase, module: unknown, folder: string): Promise<Verdict> {
  const own = await mkdtemp(join(folder, ".stratascope-probe-"));
  try {
    const database = await open(module, own);
    if (database === undefined) return HEALTHY;
    try {
      return await writeAndRead(database);
    } finally {
      await database.close();
    }
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

async function lookAt(id: string, folder: string): Promise<Verdict> {
  const open = Object.hasOwn(roundTrips, id) ? roundTrips[id] : undefined;
  if (open === undefined) return { state: "degraded", message: "no such probe" };
  const module = loadedModule(id);
  if (module === undefined) return HEALTHY;
  try {
    return await roundTrip(open, module, folder);
  } catch (error) {
    return { state: "unhealthy", message: `a record cannot be written and read (${errorType(error)})` };
  }
}

/**
 * Writes, reads and deletes a record in a database of ours, by each of some engines that the application has loaded, one after
 * the other.
 * @param folder folder in which the databases are created
 */
export async function lookAtEngines(engines: readonly string[], folder: string): Promise<Verdict> {
  if (folder === "") return { state: "degraded", message: "STRATASCOPE_HEALTH_PROBE_FOLDER is not set" };
  const verdicts: Verdict[] = [];
  for (const id of engines) verdicts.push(about(id, await lookAt(id, folder)));
  return worst(verdicts);
}
