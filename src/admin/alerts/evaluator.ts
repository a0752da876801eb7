import type { MetricRegistry } from "../../metrics/registry.ts";
import { Meter, type Measurement } from "./query.ts";
import type { Alert, AlertCondition, CompleteRule } from "../../alerts/rule.ts";

const HOLDS: Readonly<Record<AlertCondition, (value: number, threshold: number) => boolean>> = {
  above: (value, threshold) => value > threshold,
  below: (value, threshold) => value < threshold,
  rate_above: (value, threshold) => value > threshold,
  rate_below: (value, threshold) => value < threshold,
  // An absent metric has no value to compare.
  absent: () => false,
};

/** State of a rule whose condition holds. */
interface Pending {
  /** Timestamp of the monotonic clock, in milliseconds. */
  readonly since: number;
  alert: Alert | undefined;
}

/** Evaluator of one rule. */
export class Evaluator {
  readonly rule: CompleteRule;
  readonly #meter: Meter;
  readonly #pending = new Map<string, Pending>();

  constructor(rule: CompleteRule) {
    this.rule = rule;
    this.#meter = new Meter(rule);
  }

  /** Returns the alerts that are firing. */
  active(): Alert[] {
    return [...this.#pending.values()].flatMap(({ alert }) => alert ?? []);
  }

  /**
   * Evaluates the current metrics.
   * @returns the alerts that fired or were resolved as a result
   */
  evaluate(metrics: MetricRegistry): Alert[] {
    const holding = new Map(this.#holding(metrics).map((measure) => [JSON.stringify(measure.attributes), measure]));
    const changes: Alert[] = [];
    for (const [key, { alert }] of this.#pending) {
      if (holding.has(key)) continue;
      this.#pending.delete(key);
      if (alert !== undefined) changes.push({ ...alert, state: "resolved", resolvedAt: Date.now() });
    }
    for (const [key, measure] of holding) changes.push(...this.#hold(key, measure));
    return changes;
  }

  #holding(metrics: MetricRegistry): Measurement[] {
    const { condition, threshold } = this.rule;
    const measures = this.#meter.read(metrics);
    if (condition === "absent") return measures.length === 0 ? [{ attributes: {}, value: undefined }] : [];
    return measures.filter(({ value }) => value !== undefined && HOLDS[condition](value, threshold));
  }

  /**
   * Records that the condition holds.
   * @returns the alert, if it fires now
   */
  #hold(key: string, { attributes, value }: Measurement): Alert[] {
    const pending = this.#pending.get(key) ?? { since: performance.now(), alert: undefined };
    this.#pending.set(key, pending);
    if (pending.alert !== undefined) {
      pending.alert = { ...pending.alert, value };
      return [];
    }
    if (performance.now() - pending.since < this.rule.duration * 1000) return [];
    pending.alert = { rule: this.rule, attributes, state: "firing", value, firedAt: Date.now() };
    return [pending.alert];
  }
}
