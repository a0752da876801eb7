/**
 * What is needed only when somebody asks, or a while after the start. It is loaded then, and together, as these share
 * what they know.
 */
export { Board } from "./alerts/manager.ts";
export { completeRule } from "./alerts/rule.ts";
export { readRules } from "./alerts/rule-source.ts";
export { Webhook } from "./alerts/webhook.ts";
export { healthMonitor, lookAround } from "./health/service.ts";
export { answer } from "./routes/router.ts";
export { expose } from "../export/prometheus/text-format.ts";
export { metricsAsJson } from "./routes/metrics-json.ts";
export { Scrapes } from "../export/prometheus/scrape.ts";
