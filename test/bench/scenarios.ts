import { engines } from "./engines.ts";
import { exit } from "./exit.ts";
import { exported } from "./exported.ts";
import type { Scenario } from "./harness/scenario.ts";
import { http } from "./http.ts";
import { record } from "./record.ts";
import { scrape } from "./scrape.ts";
import { pointRead, transaction } from "./sqlite.ts";
import { startup } from "./startup.ts";
import { workers } from "./workers.ts";

/** What is measured, by the name `--only` takes, in the order of the table. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  startup,
  workers,
  "point-read": pointRead,
  transaction,
  engines,
  exported,
  record,
  http,
  scrape,
  exit,
};
