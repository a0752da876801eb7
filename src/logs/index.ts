import type { Config } from "../config/index.ts";
import { answerWithIds } from "../../instrumentations/http/correlation-response.ts";
import { recordCrashes } from "./crashes.ts";
import { writeBy } from "./logger.ts";
import { configureLogs } from "./loggers.ts";
import { recordRequests } from "./request-records.ts";
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
