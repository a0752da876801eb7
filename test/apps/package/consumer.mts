// Uses the types of the package as an application does that has installed it.
import type { Instrumentation } from "@opentelemetry/instrumentation";
import {
  addLogFields,
  instrument,
  instrumentations,
  logger,
  logLevels,
  setLogLevel,
  start,
  withLogFields,
  type Config,
  type Logger,
  type LogThreshold,
  type Stratascope,
} from "stratascope";
import { database } from "stratascope/instrument";
import { KIND_STORAGE_COMPACTION, METRIC_STORAGE_TRANSACTION_DURATION } from "stratascope/semconv";
class Database {
  readonly open = true;
}
const options: Partial<Config> = { spans: "slow", slowSpanMilliseconds: 5 };
const running: Stratascope = start(options);
export const stopped: Promise<void> = running.shutdown();
export const list: Instrumentation[] = instrumentations();
export const same: typeof Database = instrument("better-sqlite3", Database);
export const unit: "s" = METRIC_STORAGE_TRANSACTION_DURATION.unit;
const log: Logger = logger("api");
log.info("paid", { amount: 3, org_id: "acme" });
log.error("rejected", new Error("no"));
export const three: number = withLogFields({ source: "job" }, () => 3);
addLogFields({ user_id: 7 });
export const levels: Record<string, LogThreshold> = logLevels();
setLogLevel("off", "api");
// @ts-expect-error -- no such level
setLogLevel("loud");
// @ts-expect-error -- no such setting
start({ colour: "red" });
const mine = database({ system: "mine", namespace: "orders" });
export const got: Promise<string> = mine.operation("read", { name: "get" }).run(
  async () => "a",
  (text) => text.length,
);
mine.begin(KIND_STORAGE_COMPACTION, { parent: "none" }).end({ bytes: 7 });
// @ts-expect-error -- no such purpose
mine.operation("eat", { name: "get" });
