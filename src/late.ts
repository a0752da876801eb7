/**
 * What is needed only when somebody asks, or a while after the start. It is loaded then, and together, as these share
 * what they know.
 */
export { Board } from "./alerts/board.ts";
export { completeRule } from "./alerts/rule.ts";
export { readRules } from "./alerts/source.ts";
export { Webhook } from "./alerts/webhook.ts";
export { healthMonitor, lookAround } from "./health/lookout.ts";
export { answer } from "./listener/pages.ts";
export { expose } from "./metrics/exposition.ts";
export { metricsAsJson } from "./metrics/json.ts";
export { Scrapes } from "./metrics/scrape.ts";
