import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { App } from "../helpers/app.ts";
import { eventually, eventuallyDefined } from "../helpers/eventually.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { Receiver } from "../helpers/receiver.ts";
import { unregisteredEvents, unregisteredMetrics } from "../helpers/registry.ts";
import { scrape, select, total } from "../helpers/scrape.ts";
import { RemoteApp } from "../helpers/remote-app.ts";

/** What Alertmanager's webhooks are sent, as far as a test looks. */
interface Notification {
  readonly version: string;
  readonly status: string;
  readonly alerts: {
    readonly status: string;
    readonly labels: Record<string, string>;
    readonly annotations: Record<string, string>;
    readonly startsAt: string;
    readonly endsAt: string;
  }[];
}

/** A webhook that answers as it is told, and keeps what it got. */
class Hook {
  readonly got: Notification[] = [];
  readonly headers: IncomingMessage["headers"][] = [];
  /** Statuses of the next answers; 200 after that. */
  readonly statuses: number[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      let text = "";
      request.on("data", (part: Buffer) => (text += part.toString()));
      request.on("end", () => {
        this.headers.push(request.headers);
        this.got.push(JSON.parse(text) as Notification);
        response.writeHead(this.statuses.shift() ?? 200).end();
      });
    });
  }

  start(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook?key=S3CRET`;
  }

  /** What was told of a rule: its name, what happened, and the values of its labels beside. */
  told(name: string): string[] {
    const all = this.got.flatMap(({ alerts }) => alerts).filter(({ labels }) => labels["alertname"] === name);
    return all.map(({ status, labels }) => [status, labels["db_namespace"] ?? ""].join(" ").trim());
  }

  async until(name: string, told: readonly string[]): Promise<void> {
    await eventually(() => JSON.stringify(this.told(name)) === JSON.stringify(told));
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

const OPEN = `kept.db = open("words.db", 0); kept.db.exec("PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS words (word)");
  kept.insert = (n) => { const s = kept.db.prepare("INSERT INTO words VALUES (?)"); for (let i = 0; i < n; i++) s.run("x"); };`;

describe("alerts", () => {
  const hook = { current: new Hook() };
  let app: RemoteApp | undefined;
  beforeEach(async () => {
    hook.current = new Hook();
    await hook.current.start();
  });
  afterEach(async () => {
    await app?.stop();
    app = undefined;
    hook.current.close();
  });

  const start = async (env: Record<string, string>, node?: string): Promise<RemoteApp> => {
    const alerting = { STRATASCOPE_ALERTS_WEBHOOK: hook.current.url, STRATASCOPE_ALERTS_INTERVAL_MS: "100" };
    app = await RemoteApp.start("node-sqlite", {
      env: { ...alerting, ...env },
      ...(node === undefined ? {} : { node }),
    });
    return app;
  };

  const active = async (app: RemoteApp): Promise<string[]> => {
    const { body } = await app.askPrivately("/debug/alerts");
    return (body["active"] as { name: string }[]).map(({ name }) => name).sort();
  };

  for (const version of SUPPORTED) {
    it(`fire and are resolved by each condition, on Node.js ${version}`, async () => {
      const app = await start({ STRATASCOPE_ALERTS: "rules.yaml" }, nodeOf(version));
      const { current } = hook;
      await current.until("NeverSearched", ["firing"]);
      await app.evaluate(OPEN);
      await app.evaluate(`kept.db.prepare("SELECT count(*) FROM words").get()`);
      await current.until("NeverSearched", ["firing", "resolved"]);

      await app.evaluate(`kept.db.exec("BEGIN IMMEDIATE")`);
      await current.until("LongTransaction", ["firing words"]);
      const [alert] = current.got.flatMap(({ alerts }) =>
        alerts.filter(({ labels }) => labels["alertname"] === "LongTransaction"),
      );
      expect(alert!.labels).to.include({ severity: "critical", db_namespace: "words" });
      expect(Number(alert!.annotations["value"])).to.be.greaterThan(1);
      expect(alert!.annotations["summary"]).to.equal("A transaction is open for long.");
      expect(Math.abs(Date.now() - Date.parse(alert!.startsAt))).to.be.lessThan(10_000);
      expect(alert!.endsAt).to.equal("0001-01-01T00:00:00Z");
      expect(await active(app))
        .to.include("LongTransaction")
        .and.not.include("Patient");
      await app.evaluate(`kept.db.exec("ROLLBACK")`);
      await current.until("LongTransaction", ["firing words", "resolved words"]);

      expect(current.told("Slow")).to.deep.equal([]);
      const slow = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) SELECT max(i) FROM n`;
      await app.evaluate(
        `const s = kept.db.prepare("${slow}"); for (let i = 0; i < 5; i++) { s.get(); await sleep(100); }`,
      );
      await current.until("Slow", ["firing"]);
      // There is nothing of it in the window any more.
      await current.until("Slow", ["firing", "resolved"]);

      await app.evaluate(`for (let i = 0; i < 20; i++) { kept.insert(20); await sleep(100); }`);
      await current.until("Inserting", ["firing"]);
      await current.until("Inserting", ["firing", "resolved"]);
      await current.until("Idle", ["firing"]);
      expect(current.got.every(({ version }) => version === "4")).to.equal(true);
    }).timeout(180_000);
  }

  it("evaluate metrics of worker threads too", async () => {
    const rule = {
      name: "Written",
      metric: "storage.operation.records",
      where: { "db.query.summary": "INSERT words" },
      condition: "above",
      threshold: 99,
    };
    const app = await start({ STRATASCOPE_ALERTS: JSON.stringify([rule]) });
    await app.evaluate(`const { Worker } = require("node:worker_threads"), { once } = require("node:events");
      kept.work = () => once(new Worker("./inserting-worker.cjs"), "exit");
      await kept.work(); await sleep(500)`);
    expect(hook.current.told("Written")).to.deep.equal([]);
    await app.evaluate(`await kept.work()`);
    await hook.current.until("Written", ["firing"]);
  });

  it("emit events and metrics of the registry, and are listed while they fire", async () => {
    const receiver = new Receiver();
    await receiver.start();
    try {
      const rule = { name: "Absent", metric: "storage.transaction.duration", condition: "absent", message: "Nothing." };
      const app = await start({
        ...receiver.env,
        OTEL_METRICS_EXPORTER: "otlp,prometheus",
        OTEL_TRACES_EXPORTER: "none",
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
        STRATASCOPE_ALERTS: JSON.stringify([rule]),
      });
      await hook.current.until("Absent", ["firing"]);
      const firing = await scrape(`${app.url}/metrics`);
      expect(total(firing, "alert_active", { alert_name: "Absent", alert_severity: "warning" })).to.equal(1);
      expect(await active(app)).to.deep.equal(["Absent"]);
      await app.evaluate(`${OPEN} kept.insert(1)`);
      await hook.current.until("Absent", ["firing", "resolved"]);
      expect(await active(app)).to.deep.equal([]);
      const over = await scrape(`${app.url}/metrics`);
      expect(total(over, "alert_active", { alert_name: "Absent" })).to.equal(0);
      expect(select(over, "alert_notifications_total").map(({ value }) => value)).to.deep.equal([2]);
      await app.stop();
      const events = receiver.logs.filter(({ eventName }) => eventName === "alert.transition");
      expect(events.map(({ body, severityText }) => [severityText, body])).to.deep.equal([
        ["WARN", "Absent fires: Nothing."],
        ["INFO", "Absent is resolved: Nothing."],
      ]);
      expect(unregisteredEvents(events)).to.deep.equal([]);
      const metrics = [...receiver.latest.values()].filter(({ name }) => name.startsWith("alert."));
      expect(unregisteredMetrics(metrics)).to.deep.equal([]);
      expect(metrics.length).to.equal(2);
    } finally {
      await receiver.close();
    }
  });

  it("reach a webhook that fails at first, without traced requests", async () => {
    hook.current.statuses.push(503, 500);
    const receiver = new Receiver();
    await receiver.start();
    try {
      const app = await start({
        ...receiver.env,
        OTEL_METRICS_EXPORTER: "prometheus",
        STRATASCOPE_ALERTS: `[{ "name": "A", "metric": "storage.transaction.duration", "condition": "absent" }]`,
      });
      await hook.current.until("A", ["firing", "firing", "firing"]);
      expect(hook.current.headers.every(({ traceparent }) => traceparent === undefined)).to.equal(true);
      // Requests that fail are not counted as notifications.
      const notifications = await eventuallyDefined(async () => {
        const sent = select(await scrape(`${app.url}/metrics`), "alert_notifications_total");
        return sent.length === 0 ? undefined : sent;
      });
      expect(notifications.map(({ value }) => value)).to.deep.equal([1]);
      await app.stop();
      expect(receiver.spans).to.deep.equal([]);
      expect((await app.running.ended).stderr).not.to.contain("webhook");
    } finally {
      await receiver.close();
    }
  });

  it("are dropped and counted if the webhook refuses them, with one log line without its secret", async () => {
    hook.current.statuses.push(403, 403);
    const rule = `{ "metric": "storage.transaction.duration", "condition": "absent" }`;
    const rules = `[${rule.replace("{", `{ "name": "A",`)}, ${rule.replace("{", `{ "name": "B", "by": ["db.namespace"],`)}]`;
    const app = await start({ STRATASCOPE_ALERTS: rules });
    await hook.current.until("B", ["firing"]);
    await app.evaluate(`${OPEN} kept.insert(1)`);
    await hook.current.until("B", ["firing", "resolved"]);
    await eventually(async () => {
      const page = await scrape(`${app.url}/metrics`);
      return total(page, "alert_notifications_total", { error_type: "403" }) === 2;
    });
    await app.stop();
    const { stderr } = await app.running.ended;
    expect(stderr.match(/alerts cannot be delivered/g)).to.have.length(1);
    expect(stderr).not.to.contain("S3CRET");
  });

  it("do not keep a process alive, whatever the webhook does", async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const app = new App({ "app.cjs": `setTimeout(() => console.log("over"), 1000)` });
    const started = performance.now();
    const { code, stdout } = await app.run("app.cjs", {
      env: {
        STRATASCOPE_ALERTS: `[{ "name": "A", "metric": "storage.transaction.duration", "condition": "absent" }]`,
        STRATASCOPE_ALERTS_INTERVAL_MS: "100",
        STRATASCOPE_ALERTS_WEBHOOK: `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`,
      },
    });
    expect([code, stdout]).to.deep.equal([0, "over\n"]);
    expect(performance.now() - started).to.be.lessThan(4_500);
    silent.close();
    silent.closeAllConnections();
  });

  it("can be added, observed and removed in code", async () => {
    const app = await start({});
    const told = await app.evaluate(`
      kept.told = [];
      api.alerts.listen(() => { throw new Error("not ours"); });
      kept.stop = api.alerts.listen((alerts) => kept.told.push(...alerts.map(({ rule, state }) => rule.name + " " + state)));
      kept.remove = api.alerts.add({ name: "Absent", metric: "storage.transaction.duration", condition: "absent" });
      while (kept.told.length === 0) await sleep(5);
      return [kept.told, api.alerts.active().length];
    `);
    expect(told).to.deep.equal([["Absent firing"], 1]);
    expect(
      await app.evaluate(`kept.remove(); await sleep(300); return [kept.told, api.alerts.active().length]`),
    ).to.deep.equal([["Absent firing"], 0]);
    expect(
      await app.evaluate(`api.alerts.add({ name: "x", metric: "storage.checkpoints", condition: "above" })`),
    ).to.equal('threw needs "threshold" to be a number');
    const page = await scrape(`${app.url}/metrics`);
    expect(total(page, "alert_active", { alert_name: "Absent" })).to.equal(0);
  });

  it("of the default rules fire on a full disk, in a process without a listener", async () => {
    const { current } = hook;
    const running = new App("alerts").start("stores.cjs", {
      env: {
        STRATASCOPE_ALERTS: "default",
        STRATASCOPE_ALERTS_WEBHOOK: current.url,
        STRATASCOPE_ALERTS_INTERVAL_MS: "100",
        STRATASCOPE_HEALTH_DISK_CRITICAL_BYTES: "1000000000000000",
        STRATASCOPE_HEALTH_INTERVAL_MS: "200",
      },
    });
    await current.until("DiskFull", ["firing"]);
    expect(current.got.flatMap(({ alerts }) => alerts)).to.have.length(1);
    running.process.stdin!.end();
    expect((await running.ended).code).to.equal(0);
  });

  const PROBLEMS: readonly (readonly [what: string, rules: string, line: RegExp])[] = [
    [
      "a file that is missing",
      "none.yaml",
      /STRATASCOPE_ALERTS="none\.yaml" cannot be read \(ENOENT.*\); there are no/,
    ],
    ["text that is no YAML", `[{ "name": `, /STRATASCOPE_ALERTS cannot be read .*; there are no alerts/],
    ["no list", `{ "rule": [] }`, /STRATASCOPE_ALERTS has no list of rules; there are no alerts/],
    [
      "an unknown condition",
      `[{ "name": "a", "metric": "storage.checkpoints", "condition": "equals" }]`,
      /rule 1 needs "condition" to be one of/,
    ],
    [
      "an unknown field",
      `[{ "name": "a", "metric": "m", "condition": "absent", "for": 3 }]`,
      /rule 1 has "for"; a rule has name/,
    ],
    [
      "an unknown metric",
      `[{ "name": "a", "metric": "m", "condition": "absent" }]`,
      /rule 1 needs "metric" to be the name of/,
    ],
    ["a rule that is none", `["a"]`, /rule 1 is no rule; it is left out/],
  ];
  for (const [what, rules, line] of PROBLEMS) {
    it(`with ${what} cause one log line, and the application runs`, async () => {
      const app = new App({ "app.cjs": `console.log("hello")` });
      const { code, stdout, stderr } = await app.run("app.cjs", { env: { STRATASCOPE_ALERTS: rules } });
      expect([code, stdout]).to.deep.equal([0, "hello\n"]);
      expect(stderr).to.match(line);
      expect(stderr.trim().split("\n")).to.have.length(1);
    });
  }
});
