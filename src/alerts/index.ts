import type { Config } from "../config/index.ts";
import { Guard } from "../runtime/guard.ts";
import { adminChunk } from "../runtime/chunks.ts";
import { log } from "../runtime/self-log.ts";
import type { Alert, AlertListener, AlertRule, CompleteRule } from "./rule.ts";

export type { Alert, AlertCondition, AlertListener, AlertRule, AlertStatistic } from "./rule.ts";

/** Rules of this process, and the alerts that are firing. */
interface AlertManager {
  /**
   * Adds a rule.
   * @returns a function that removes it
   */
  add(rule: CompleteRule): () => void;
  /**
   * Adds a listener.
   * @returns a function that removes it
   */
  listen(listener: AlertListener): () => void;
  active(): readonly Alert[];
  rules(): readonly CompleteRule[];
  /** Evaluates the current metrics. */
  evaluate(): void;
}

/** Module that evaluates and sends alerts, loaded with the first rule. */
export interface AlertsChunk {
  readonly AlertManager: new () => AlertManager;
  readonly Webhook: new (url: string, source: string) => { notify(alerts: readonly Alert[]): unknown };
  /**
   * Validates a rule.
   * @throws TypeError that describes the problem
   */
  completeRule(given: unknown): CompleteRule;
  readRules(text: string): { readonly rules: readonly CompleteRule[]; readonly problems: readonly string[] };
}

const admin = (): AlertsChunk => adminChunk<AlertsChunk>();

const guard = new Guard("alerts");

let manager: AlertManager | undefined;
let interval = 15_000;
let timer: NodeJS.Timeout | undefined;

/** Returns the manager, which is created with the first rule: without rules there is nothing to evaluate. */
function alertManager(): AlertManager {
  if (manager === undefined) {
    const { AlertManager } = admin();
    manager = new AlertManager();
  }
  timer ??= setInterval(
    guard.whileEnabled(() => manager!.evaluate()),
    interval,
  ).unref();
  return manager;
}

/** Alerts on our metrics, evaluated in this process. */
export const alerts = {
  /**
   * Adds a rule.
   * @returns a function that removes it
   * @throws TypeError that describes the problem with the rule
   */
  add(rule: AlertRule): () => void {
    return alertManager().add(admin().completeRule(rule));
  },

  /** Returns the alerts that are firing. */
  active: (): readonly Alert[] => manager?.active() ?? [],

  /**
   * Adds a listener that is called with the alerts that fire or are resolved, e.g. to send mail or to page.
   * @returns a function that removes it
   */
  listen: (listener: AlertListener): (() => void) => alertManager().listen(listener),
};

/** Returns the current rules, for diagnostics. */
export const alertRules = (): readonly AlertRule[] => manager?.rules() ?? [];

/**
 * Starts the evaluation with the configured rules or, if there are none, with the first rule that is added.
 * @returns a function that stops it
 */
export function startAlerts(config: Config, source: string): () => void {
  interval = config.alertsInterval;
  if (config.alerts !== "") addRules(config.alerts);
  if (config.alertsWebhook !== "") {
    const { Webhook } = admin();
    const webhook = new Webhook(config.alertsWebhook, source);
    alerts.listen(guard.callback((changes) => webhook.notify(changes)));
  }
  return () => {
    clearInterval(timer);
    timer = undefined;
  };
}

function addRules(text: string): void {
  const { rules, problems } = admin().readRules(text);
  // Rules written inline in the variable are not repeated, only their problems.
  const variable = /[\n{[]/.test(text) ? "STRATASCOPE_ALERTS" : `STRATASCOPE_ALERTS="${text}"`;
  for (const problem of problems) log.warn(`${variable} ${problem}`);
  for (const rule of rules) alertManager().add(rule);
}
