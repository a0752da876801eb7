import type { Config } from "../config/index.ts";
import { recordCrashes } from "./crashes.ts";
import { writeBy } from "./logger.ts";
import { configureLogs } from "./loggers.ts";
import { recordRequests } from "./request-records.ts";
import { writeRecord } from "./write.ts";

writeBy(writeRecord);

/** Starts the log records that are configured to be emitted automatically. */
export function startLogging(config: Config): void {
  configureLogs(config);
  if (config.disabled) return;
  recordCrashes(config);
  if (config.logRequests) recordRequests();
}
