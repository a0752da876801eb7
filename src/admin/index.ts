import type { AlertsChunk } from "../alerts/index.ts";
import { Scrapes } from "../export/prometheus/scrape.ts";
import { expose } from "../export/prometheus/text-format.ts";
import type { HealthChunk } from "../health/index.ts";
import type { PagesChunk } from "../server/index.ts";
import { AlertManager } from "./alerts/manager.ts";
import { completeRule } from "./alerts/rule.ts";
import { readRules } from "./alerts/rule-source.ts";
import { Webhook } from "./alerts/webhook.ts";
import { healthMonitor, lookAround } from "./health/service.ts";
import { metricsAsJson } from "./routes/metrics-json.ts";
import { answer } from "./routes/router.ts";

/** Functions that are needed from the first request, check or rule on. They are loaded then. */
export const admin = {
  answer,
  AlertManager,
  completeRule,
  expose,
  healthMonitor,
  lookAround,
  metricsAsJson,
  readRules,
  Scrapes,
  Webhook,
} satisfies AlertsChunk & HealthChunk & PagesChunk & Record<string, unknown>;
