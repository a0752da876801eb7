import type { Config } from "../config/index.ts";
import { Guard } from "../runtime/guard.ts";
import { adminChunk } from "../runtime/chunks.ts";
import { log } from "../runtime/self-log.ts";
import type { Alert, AlertListener, AlertRule, CompleteRule } from "./rule.ts";

export type { Alert, AlertCondition, AlertListener, AlertRule, AlertStatistic } from "./rule.ts";

/** The rules of this process, and the alerts that are firing. */
interface AlertManager {
  /** @returns takes it away again */
  add(rule: CompleteRule): () => void;
  /** @returns stops it */
  listen(listener: AlertListener): () => void;
  active(): readonly Alert[];
  rules(): readonly CompleteRule[];
  /** Compares the metrics as they are now. */
  evaluate(): void;
}

/** What evaluates and sends alerts, loaded with the first rule. */
export interface AlertsChunk {
  readonly AlertManager: new () => AlertManager;
  readonly Webhook: new (url: string, source: string) => { notify(alerts: readonly Alert[]): unknown };
  /** @throws TypeError that says what is wrong with the rule */
  completeRule(given: unknown): CompleteRule;
  readRules(text: string): { readonly rules: readonly CompleteRule[]; readonly problems: readonly string[] };
}

const admin = (): AlertsChunk => adminChunk<AlertsChunk>();

const guard = new Guard("alerts");

let manager: AlertManager | undefined;
let interval = 15_000;
let timer: NodeJS.Timeout | undefined;

/** Without rules there is no manager, and nothing to evaluate. */
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

/** Alerts on metrics of ours, evaluated in this process. */
export const alerts = {
  /**
   * Adds a rule.
   * @returns takes it away again
   * @throws TypeError that says what is wrong with the rule
   */
  add(rule: AlertRule): () => void {
    return alertManager().add(admin().completeRule(rule));
  },

  /** The alerts that are firing. */
  active: (): readonly Alert[] => manager?.active() ?? [],

  /**
   * Has a function told of the alerts that fire or are resolved: for mail, a pager, or what else there is.
   * @returns stops it
   */
  listen: (listener: AlertListener): (() => void) => alertManager().listen(listener),
};

/** The rules there are, for diagnostics. */
export const alertRules = (): readonly AlertRule[] => manager?.rules() ?? [];

/** Starts with the rules of the settings; without any, with the first that is added. @returns stops it */
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
  // Of rules that are written into the variable only what is wrong with them is repeated.
  const variable = /[\n{[]/.test(text) ? "STRATASCOPE_ALERTS" : `STRATASCOPE_ALERTS="${text}"`;
  for (const problem of problems) log.warn(`${variable} ${problem}`);
  for (const rule of rules) alertManager().add(rule);
}
