import { setTimeout as wait } from "node:timers/promises";
import type { IncomingMessage } from "node:http";
import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import { suppressTracing } from "@opentelemetry/core";
import { ATTR_ERROR_TYPE, METRIC_ALERT_NOTIFICATIONS } from "../../../semconv/index.ts";
import { Guard } from "../../runtime/guard.ts";
import { SCOPE } from "../../runtime/package-info.ts";
import { metricRegistry } from "../../metrics/registry.ts";
import { letProcessEnd } from "../../runtime/unref-request.ts";
import { ownRequest } from "../../runtime/own-request.ts";
import { warnOnce } from "../../runtime/self-log.ts";
import type { Alert } from "../../alerts/rule.ts";

const notifications = metricRegistry.instrument(METRIC_ALERT_NOTIFICATIONS);

const guard = new Guard("webhook");

/** Timeout of a request, in milliseconds. */
const TIMEOUT = 5_000;
/** Delays of the retries, in milliseconds. */
const DELAYS = [1_000, 5_000, 15_000];
/** Maximum number of queued notifications; further ones are dropped. */
const MAX_ALERTS = 100;

/** Webhook that receives alerts, one notification at a time. It does not keep the process alive. */
export class Webhook {
  readonly #url: URL;
  readonly #source: string;
  readonly #waiting: string[] = [];
  #isSending = false;

  /** @param source the name of the sender: `service.name` */
  constructor(url: string, source: string) {
    this.#url = new URL(url);
    this.#source = source;
    notifications.bind({}).add(0);
  }

  notify(alerts: readonly Alert[]): void {
    if (this.#waiting.length >= MAX_ALERTS) return notifications.bind({ [ATTR_ERROR_TYPE]: "queue_full" }).add(1);
    this.#waiting.push(JSON.stringify(payload(alerts, this.#source)));
    if (!this.#isSending) guard.watch(this.#send());
  }

  /** Sends the queued notifications. Never rejects. */
  async #send(): Promise<void> {
    this.#isSending = true;
    for (let body = this.#waiting.shift(); body !== undefined; body = this.#waiting.shift()) {
      const failure = await this.#deliver(body);
      notifications.bind({ [ATTR_ERROR_TYPE]: failure }).add(1);
      // The URL of the webhook may contain a credential.
      if (failure !== undefined)
        warnOnce(
          `alerts cannot be delivered to the webhook on ${this.#url.host} (${failure}); /debug/alerts lists them`,
        );
    }
    this.#isSending = false;
  }

  /**
   * Delivers a notification, with retries.
   * @returns the `error.type` of a failed delivery
   */
  async #deliver(body: string): Promise<string | undefined> {
    for (let attempt = 0; ; attempt++) {
      const status = await this.#post(body).catch(() => undefined);
      if (status !== undefined && status >= 200 && status < 300) return undefined;
      const isFinal = status !== undefined && status >= 400 && status < 500 && status !== 429;
      if (isFinal || attempt >= DELAYS.length) return status === undefined ? "unreachable" : String(status);
      await wait(DELAYS[attempt], undefined, { ref: false });
    }
  }

  #post(body: string): Promise<number> {
    const options = {
      ...process.getBuiltinModule("node:url").urlToHttpOptions(this.#url),
      method: "POST",
      headers: {
        "User-Agent": `${SCOPE.name}/${SCOPE.version}`,
        "Content-Type": "application/json",
        "Content-Length": Buffer.byteLength(body),
      },
      agent: false,
      signal: AbortSignal.timeout(TIMEOUT),
    };
    return new Promise((resolve, reject) => {
      // Our own requests are neither instrumented nor part of a trace of the application.
      context.with(suppressTracing(ROOT_CONTEXT), () => {
        const sent = ownRequest(options);
        letProcessEnd(sent);
        const answered = guard.callback((response: IncomingMessage) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        });
        sent.on("response", answered).on("error", reject);
        sent.end(body);
      });
    });
  }
}

const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Returns the payload in Alertmanager's webhook format, version 4, so that receivers for Alertmanager can be used. */
function payload(alerts: readonly Alert[], source: string): object {
  return {
    version: "4",
    receiver: SCOPE.name,
    status: alerts.some(({ state }) => state === "firing") ? "firing" : "resolved",
    groupKey: source,
    groupLabels: { service_name: source },
    commonLabels: { service_name: source },
    commonAnnotations: {},
    externalURL: "",
    truncatedAlerts: 0,
    alerts: alerts.map(({ rule, attributes, state, value, firedAt, resolvedAt }) => ({
      status: state,
      labels: {
        alertname: rule.name,
        severity: rule.severity,
        service_name: source,
        ...Object.fromEntries(
          Object.entries(attributes).map(([name, each]) => [name.replace(/\W/g, "_"), text(each ?? "")]),
        ),
      },
      annotations: { summary: rule.message, value: value === undefined ? "" : String(value), metric: rule.metric },
      startsAt: new Date(firedAt).toISOString(),
      endsAt: resolvedAt === undefined ? "0001-01-01T00:00:00Z" : new Date(resolvedAt).toISOString(),
      generatorURL: "",
      fingerprint: `${rule.name}${JSON.stringify(attributes)}`,
    })),
  };
}
