import type { Config } from "../config.ts";
import { answerWithIds } from "../correlation/response.ts";
import { recordCrashes } from "./crashes.ts";
import { writeBy } from "./logger.ts";
import { configureLogs } from "./loggers.ts";
import { recordRequests } from "./requests.ts";
import { writeRecord } from "./write.ts";

writeBy(writeRecord);

/** Starts what the settings say is recorded and answered of itself. */
export function startLogging(config: Config): void {
  configureLogs(config);
  if (config.disabled) return;
  recordCrashes(config);
  if (config.logRequests) recordRequests();
  if (config.correlationResponse) answerWithIds(config);
}
