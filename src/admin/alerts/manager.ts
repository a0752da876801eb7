import { ROOT_CONTEXT } from "@opentelemetry/api";
import {
  ATTR_ALERT_NAME,
  ATTR_ALERT_SEVERITY,
  ATTR_ALERT_STATE,
  ATTR_ALERT_THRESHOLD,
  ATTR_ALERT_VALUE,
  EVENT_ALERT_TRANSITION,
  METRIC_ALERT_ACTIVE,
  type AlertSeverity,
} from "../../../semconv/index.ts";
import type { SumSeries } from "../../metrics/series.ts";
import { attemptFinding, emitFinding } from "../../insights/emit.ts";
import { errorType } from "../../runtime/error-type.ts";
import { metricRegistry } from "../../metrics/registry.ts";
import { warnOnce } from "../../runtime/self-log.ts";
import type { Alert, AlertListener, CompleteRule } from "../../alerts/rule.ts";
import { Evaluator } from "./evaluator.ts";

const active = metricRegistry.instrument(METRIC_ALERT_ACTIVE);

const seriesOf = ({ name, severity }: CompleteRule): SumSeries =>
  active.bind({ [ATTR_ALERT_NAME]: name, [ATTR_ALERT_SEVERITY]: severity });

/** Rules of this process, and the alerts that are firing. */
export class AlertManager {
  readonly #evaluators = new Set<Evaluator>();
  readonly #listeners = new Set<AlertListener>();

  /**
   * Adds a rule.
   * @returns a function that removes it
   */
  add(rule: CompleteRule): () => void {
    const evaluator = new Evaluator(rule);
    this.#evaluators.add(evaluator);
    seriesOf(rule).add(0);
    return () => {
      if (this.#evaluators.delete(evaluator)) seriesOf(rule).add(-evaluator.active().length);
    };
  }

  /**
   * Adds a listener.
   * @returns a function that removes it
   */
  listen(listener: AlertListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  active(): Alert[] {
    return [...this.#evaluators].flatMap((evaluator) => evaluator.active());
  }

  rules(): CompleteRule[] {
    return Array.from(this.#evaluators, ({ rule }) => rule);
  }

  /** Evaluates the current metrics. */
  evaluate(): void {
    metricRegistry.poll();
    const changes = [...this.#evaluators].flatMap((evaluator) => evaluator.evaluate(metricRegistry));
    if (changes.length === 0) return;
    for (const alert of changes) {
      seriesOf(alert.rule).add(alert.state === "firing" ? 1 : -1);
      attemptFinding(() => report(alert));
    }
    for (const listener of this.#listeners) {
      try {
        listener(changes);
      } catch (error) {
        warnOnce(`a listener of alerts failed with ${errorType(error)}`);
      }
    }
  }
}

const SEVERITIES: Readonly<Record<AlertSeverity, "INFO" | "WARN" | "ERROR">> = {
  info: "INFO",
  warning: "WARN",
  critical: "ERROR",
  emergency: "ERROR",
};

function report({ rule, state, value, attributes }: Alert): void {
  const about = Object.values(attributes).join(", ");
  const words = [rule.name, about && `(${about})`, state === "firing" ? "fires" : "is resolved"];
  const comparison = value === undefined ? {} : { [ATTR_ALERT_VALUE]: value, [ATTR_ALERT_THRESHOLD]: rule.threshold };
  emitFinding({
    name: EVENT_ALERT_TRANSITION,
    body: [words.filter((word) => word !== "").join(" "), rule.message].filter((part) => part !== "").join(": "),
    severity: state === "firing" ? SEVERITIES[rule.severity] : "INFO",
    attributes: {
      [ATTR_ALERT_NAME]: rule.name,
      [ATTR_ALERT_SEVERITY]: rule.severity,
      [ATTR_ALERT_STATE]: state,
      ...comparison,
    },
    suppressed: 0,
    context: ROOT_CONTEXT,
  });
}
