import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { after, afterEach, before, describe, it } from "mocha";
import { eventually } from "../helpers/eventually.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { Receiver } from "../helpers/receiver.ts";
import { unregisteredEvents, unregisteredMetrics } from "../helpers/registry.ts";
import { readPage, scrape, select } from "../helpers/scrape.ts";
import { BINDINGS } from "../helpers/bindings.ts";
import { RemoteApp, type RemoteAppOptions } from "../helpers/remote-app.ts";
import { temporaryFolder } from "../helpers/temp.ts";

const OPEN = `kept.db = open("dictionary.db", 5000); kept.db.exec("PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS words (word)");`;

/** Leaves what a crash leaves. */
const CRASH = `return require("node:child_process").spawnSync(process.execPath, ["--no-warnings", "crash.cjs"], { env: {} }).signal`;

/** Has another process lock the database, until `kept.locker` has no input any more. */
const LOCK = `
  const flags = ["--no-warnings", "locker.cjs"];
  kept.locker = require("node:child_process").spawn(process.execPath, flags, { stdio: ["pipe", "pipe", "inherit"] });
  await new Promise((resolve) => kept.locker.stdout.once("data", resolve));
`;

/** Until what was checked is checked again. */
const recheck = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1_100));

/** Milliseconds something takes. */
async function timed(task: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await task();
  return performance.now() - start;
}

describe("health", () => {
  let app: RemoteApp | undefined;
  const start = async (binding: string, env: RemoteAppOptions["env"] = {}, node?: string): Promise<RemoteApp> => {
    app = await RemoteApp.start(binding, { env, ...(node === undefined ? {} : { node }) });
    return app;
  };
  afterEach(async () => {
    await app?.stop();
    app = undefined;
  });

  describe("of storage", () => {
    for (const binding of BINDINGS) {
      it(`reports whether the required databases are open, with ${binding}`, async () => {
        const app = await start(binding, { STRATASCOPE_HEALTH_DATABASES: "dictionary,users" });
        expect(await app.check("/readyz/storage.open", /^503/)).to.contain("dictionary, users: not open");
        await app.evaluate(OPEN);
        await app.check("/readyz/storage.open", /^503 unhealthy: users: not open/);
        await app.evaluate(`kept.other = open("users.db"); kept.other.exec("PRAGMA foreign_keys = ON")`);
        await app.check("/readyz/storage.open", /^200 healthy/);
        await app.evaluate(`kept.other.close()`);
        await app.check("/readyz/storage.open", /^503 unhealthy: users: not open/);
      });

      it(`reports that the file of an open database was removed, with ${binding}`, async () => {
        const app = await start(binding);
        await app.evaluate(OPEN);
        await app.check("/readyz/storage.open", /^200 healthy/);
        rmSync(join(app.folder, "dictionary.db"));
        await app.check("/readyz/storage.open", /^503 critical: dictionary: its file is not the one/);
        const { status, body } = await app.ask("/readyz");
        expect([status, body["status"]]).to.deep.equal([503, "critical"]);
        await app.check("/readyz/storage.wal_writable", /^503 unhealthy: dictionary: may not be written \(ENOENT\)/);
      });

      it(`follows the file, not its name, if a new one replaces it, with ${binding}`, async () => {
        const app = await start(binding);
        await app.evaluate(`${OPEN} kept.db.exec("PRAGMA journal_mode = DELETE");`);
        await app.check("/readyz/storage.open", /^200 healthy/);
        await app.evaluate(`const next = open("next.db"); next.exec("CREATE TABLE words (word)"); next.close();`);
        renameSync(join(app.folder, "next.db"), join(app.folder, "dictionary.db"));
        await recheck();
        await app.check("/readyz/storage.open", /^503 critical: dictionary: its file is not the one/);
        await app.evaluate(`kept.next = open("dictionary.db"); kept.next.exec("SELECT * FROM words");`);
        await app.check("/readyz/storage.open", /^200 degraded: dictionary: its file was replaced, and both are open/);
        await app.evaluate(`kept.db.close()`);
        await app.check("/readyz/storage.open", /^200 healthy/);
      });

      it(`finds the file of a relative path and of a link after the working directory was changed, with ${binding}`, async () => {
        const app = await start(binding);
        mkdirSync(join(app.folder, "elsewhere"));
        symlinkSync(join(app.folder, "dictionary.db"), join(app.folder, "link.db"));
        await app.evaluate(`const db = open("dictionary.db"); kept.linked = open("link.db"); kept.db = db;
          ${binding === "better-sqlite3" ? "" : "for (const each of [db, kept.linked]) each.prepare('SELECT 1').get();"}
          process.chdir("elsewhere");
          db.exec("PRAGMA journal_mode = WAL; CREATE TABLE words (word)"); kept.linked.exec("SELECT * FROM words");`);
        await app.check("/readyz/storage.open", /^200 healthy/);
        const page = readPage((await app.ask("/metrics")).text);
        const sizes = select(page, "storage_space_usage_bytes", { storage_file_type: "wal" });
        expect(sizes.map(({ value }) => value > 0)).to.deep.equal([true]);
      });

      it(`is healthy if nothing can be written and nothing is, with ${binding}`, async () => {
        const app = await start(binding);
        await app.evaluate(`const { chmodSync, mkdirSync } = require("node:fs");
          mkdirSync("image"); const made = open("image/dictionary.db"); made.exec("CREATE TABLE words (word)"); made.close();
          chmodSync("image/dictionary.db", 0o444); chmodSync("image", 0o555); chmodSync(".", 0o755);
          if (process.getuid() === 0) process.setuid(65534);
          kept.db = open("image/dictionary.db"); kept.db.prepare("SELECT * FROM words").all();`);
        await app.check("/readyz/storage.wal_writable", /^200 healthy/);
        expect(await app.evaluate(`kept.db.exec("INSERT INTO words VALUES (1)")`)).to.match(/readonly/);
        await app.check("/readyz/storage.wal_writable", /^503 unhealthy: dictionary: may not be written \(EACCES\)/);
      });

      it(`waits for the recovery from a crash, and not for a lock, with ${binding}`, async () => {
        const app = await start(binding);
        expect(await app.evaluate(CRASH)).to.equal("SIGKILL");
        await app.evaluate(LOCK);
        await app.evaluate(`kept.db = open("dictionary.db", 5000); kept.db.exec("PRAGMA foreign_keys = ON")`);
        const locked = app.check("/readyz/storage.recovery", /^503 unhealthy: dictionary: .*SQLITE_BUSY/);
        expect(await timed(() => locked)).to.be.lessThan(2_500);
        await app.evaluate(
          `kept.locker.stdin.end(); await new Promise((resolve) => kept.locker.once("exit", resolve))`,
        );
        await app.check("/readyz/storage.recovery", /^200 healthy/);
        const timeout = await app.evaluate(`return Object.values(kept.db.prepare("PRAGMA busy_timeout").get())`);
        expect(timeout).to.deep.equal([5000]);
        expect(await app.evaluate(`return kept.db.prepare("SELECT word FROM words").all()`)).to.deep.equal([
          { word: 1 },
        ]);
      });

      it(`does not read inside of a transaction of the application, with ${binding}`, async () => {
        const app = await start(binding);
        await app.evaluate(CRASH);
        await app.evaluate(`kept.db = open("dictionary.db"); kept.db.exec("BEGIN")`);
        await app.check("/readyz/storage.recovery", /^200 degraded: dictionary: cannot be asked/);
        // What another connection writes now is seen: the transaction has read nothing yet.
        await app.evaluate(
          `const other = open("dictionary.db"); other.exec("INSERT INTO words VALUES (2)"); other.close()`,
        );
        expect(await app.evaluate(`return kept.db.prepare("SELECT word FROM words").all().length`)).to.equal(2);
        await app.evaluate(`kept.db.exec("COMMIT")`);
        await app.check("/readyz/storage.recovery", /^200 healthy/);
      });

      it(`reports failing writes until a commit succeeds, with ${binding}`, async () => {
        const app = await start(binding);
        await app.evaluate(`${OPEN} kept.db.exec("PRAGMA max_page_count = 4")`);
        await app.check("/readyz/storage.wal_writable", /^200 healthy/);
        const fill = `for (let i = 0; i < 50; i++) kept.db.prepare("INSERT INTO words VALUES (zeroblob(1000))").run()`;
        expect(await app.evaluate(fill)).to.contain("full");
        await recheck();
        // The rows that fitted were committed before the one that did not.
        await app.check("/readyz/storage.wal_writable", /^200 healthy/);
        expect(await app.evaluate(fill)).to.contain("full");
        await app.check("/readyz/storage.wal_writable", /^503 unhealthy: dictionary: storage fails/);
        await app.evaluate(`kept.db.exec("PRAGMA max_page_count = 1000")`);
        await app.check("/readyz/storage.wal_writable", /^503 unhealthy/);
        expect(await app.evaluate(fill)).to.equal(null);
        await app.check("/readyz/storage.wal_writable", /^200 healthy/);
      });

      it(`reports that checkpoints are blocked, with ${binding}`, async () => {
        const app = await start(binding, { STRATASCOPE_HEALTH_WAL_BYTES: "1000000" });
        await app.evaluate(`${OPEN} kept.db.exec("PRAGMA wal_autocheckpoint = 50; INSERT INTO words VALUES (1)");
          kept.reader = open("dictionary.db"); kept.reader.exec("BEGIN"); kept.reader.prepare("SELECT count(*) FROM words").get();
          for (let i = 0; i < 300; i++) kept.db.prepare("INSERT INTO words VALUES (zeroblob(8000))").run()`);
        await app.check("/readyz/storage.checkpoint", /^200 degraded: dictionary: \d MB of its log wait/);
        const { status, body } = await app.ask("/readyz");
        expect([status, body["status"]]).to.deep.equal([200, "degraded"]);
        await app.evaluate(`kept.reader.exec("COMMIT"); kept.db.exec("PRAGMA wal_checkpoint(TRUNCATE)")`);
        await app.check("/readyz/storage.checkpoint", /^200 healthy/);
      });

      it(`reports a high error rate, without errors of the application, with ${binding}`, async () => {
        const app = await start(binding, { STRATASCOPE_HEALTH_ERROR_RATIO: "0.05" });
        await app.evaluate(OPEN);
        await app.check("/readyz/error_rate", /^200 healthy/);
        const fail = (sql: string): string =>
          `const db = open("dictionary.db", 0); for (let i = 0; i < 100; i++) try { db.exec(${JSON.stringify(sql)}) } catch {}; db.close()`;
        await app.evaluate(fail("INSERT INTO no_such_table VALUES (1)"));
        await new Promise((resolve) => setTimeout(resolve, 5_500));
        await app.check("/readyz/error_rate", /^200 healthy/);
        await app.evaluate(`kept.db.exec("BEGIN IMMEDIATE")`);
        await app.evaluate(fail("INSERT INTO words VALUES (1)"));
        await app.check("/readyz/error_rate", /^503 unhealthy: operations: \d\d\.\d % of \d+ failed/);
        const { status, body } = await app.ask("/readyz");
        expect([status, body["status"]]).to.deep.equal([200, "degraded"]);
      });
    }

    it("depends on the free space of the disk", async () => {
      const app = await start("node-sqlite", { STRATASCOPE_HEALTH_DISK_DEGRADED_BYTES: "1000000000000000" });
      await app.check("/readyz/storage.disk_space", /^200 healthy: no database is open/);
      await app.evaluate(OPEN);
      await app.check("/readyz/storage.disk_space", /^200 degraded: dictionary: \d+ MB are free/);
      await app.stop();
      const full = await start("node-sqlite", { STRATASCOPE_HEALTH_DISK_CRITICAL_BYTES: "1000000000000000" });
      await full.evaluate(OPEN);
      await full.check("/readyz/storage.disk_space", /^503 critical: dictionary: \d+ MB are free/);
    });

    it("writes a probe file if it is allowed to, and removes it", async () => {
      const app = await start("node-sqlite", { STRATASCOPE_HEALTH_PROBE_FOLDER: "probe" });
      const folder = join(app.folder, "probe");
      expect(await app.check("/readyz/storage.rw_probe", /ENOENT/)).to.match(/^503 unhealthy/);
      await app.stop();
      const next = await start("node-sqlite", { STRATASCOPE_HEALTH_PROBE_FOLDER: folder });
      mkdirSync(folder);
      await next.check("/readyz/storage.rw_probe", /^200 healthy/);
      expect(readdirSync(folder)).to.deep.equal([]);
    });

    it("writes and reads a record through the engines, in databases that are not observed", async () => {
      const folder = temporaryFolder();
      const app = await start("better-sqlite3", {
        STRATASCOPE_HEALTH_PROBE_FOLDER: folder,
        STRATASCOPE_HEALTH_ENGINE_PROBE: "better-sqlite3,node-sqlite,classic-level,lmdb,rocksdb-native",
      });
      await app.evaluate(`${OPEN}
        const { ClassicLevel } = require("classic-level");
        kept.level = new ClassicLevel("words");
        kept.lmdb = require("lmdb").open({ path: "synonyms" });
        await kept.level.put("a", "b");
        await kept.lmdb.put("a", "b");
        require("node:sqlite");
        const RocksDB = require("rocksdb-native");
        kept.rocks = new RocksDB("antonyms");
        await kept.rocks.put("a", "b");
      `);
      expect(await app.check("/readyz/storage.engine_probe", /^200 healthy/)).to.not.contain("no such");
      expect(readdirSync(folder)).to.deep.equal([]);
      const page = await scrape(`${app.url}/metrics`);
      const namespaces = new Set(page.samples.map(({ labels }) => labels["db_namespace"]));
      expect(namespaces).to.deep.equal(new Set([undefined, "antonyms", "dictionary", "synonyms", "words"]));
      expect(await app.evaluate(`return [await kept.level.get("a"), kept.lmdb.get("a")]`)).to.deep.equal(["b", "b"]);
    });

    it("writes nothing if no folder is set", async () => {
      const app = await start("node-sqlite");
      await app.evaluate(OPEN);
      const before = readdirSync(app.folder);
      const { body } = await app.ask("/readyz");
      expect(Object.keys(body["checks"] as object))
        .to.include("storage.open")
        .and.not.to.include("storage.rw_probe");
      expect(readdirSync(app.folder)).to.deep.equal(before);
    });
  });

  describe("of the process", () => {
    it("is degraded for a while after the event loop was blocked", async () => {
      const app = await start("node-sqlite", { STRATASCOPE_HEALTH_LAG_MS: "1500", STRATASCOPE_BLOCKED_MS: "0" });
      await app.check("/livez/event_loop", /^200/);
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      const blocked = app.evaluate(`const end = Date.now() + 2500; while (Date.now() < end);`);
      expect(await timed(() => app.ask("/livez"))).to.be.greaterThan(1_500);
      await blocked;
      await app.check("/livez", /^503 unhealthy/);
      expect((await app.ask("/health")).body).to.deep.equal({ status: "unhealthy" });
      await app.check("/livez", /^200/);
    });

    it("counts unhandled errors, and does not change their effect", async () => {
      const app = await start("node-sqlite");
      const counts = async (): Promise<unknown> => {
        const { body } = await app.ask("/metrics.json");
        const series = body["metrics"] as { name: string; attributes: Record<string, string>; value: number }[];
        const ours = series.filter(({ name }) => name === "health.unhandled_errors");
        return Object.fromEntries(ours.map(({ attributes, value }) => [attributes["health.error.type"], value]));
      };
      expect(await counts()).to.deep.equal({ uncaught_exception: 0, unhandled_rejection: 0 });
      await app.evaluate(`kept.seen = []; kept.see = (error) => kept.seen.push(error.message); process.on("uncaughtException", kept.see);
        setTimeout(() => { throw new Error("first"); }); setTimeout(() => Promise.reject(new Error("second"))); while (kept.seen.length < 2) await sleep(5)`);
      expect(await app.evaluate(`return kept.seen`)).to.deep.equal(["first", "second"]);
      expect(await counts()).to.deep.equal({ uncaught_exception: 1, unhandled_rejection: 1 });
      await app.evaluate(
        `process.off("uncaughtException", kept.see); setTimeout(() => { throw new Error("boom"); }, 10)`,
      );
      const { code, stderr } = await app.running.ended;
      expect(code).to.equal(1);
      expect(stderr).to.contain("Error: boom");
    });
  });

  describe("of the application's own", () => {
    it("is the combined result of its checks", async () => {
      const app = await start("node-sqlite");
      await app.evaluate(`
        api.health.add({ name: "queue", run: () => kept.queue });
        api.health.add({ name: "cache", required: false, run: () => ({ state: "critical", message: "cold\\nsecond line" }) });
        api.health.add({ name: "hangs", timeout: 100, required: false, run: (signal) => { signal.onabort = () => (kept.aborted = (kept.aborted ?? 0) + 1); kept.runs = (kept.runs ?? 0) + 1; return new Promise(() => {}); } });
        api.health.add({ name: "throws", required: false, run: () => { throw Object.assign(new Error("password S3CRET in /etc/secret/file"), { code: "E_FAILED" }); } });
        api.health.add({ name: "tells", required: false, run: () => ({ state: "degraded", message: "see https://user:S3CRET@host/ and /home/me/S3CRET/file.txt" }) });
        api.health.add({ name: "odd", required: false, run: () => "excellent" });
        api.health.add({ name: "deadlock", type: "liveness", run: () => kept.deadlock !== true });
      `);
      const { status, body, text } = await app.ask("/readyz");
      const checks = body["checks"] as Record<string, { status: string; message?: string; required: boolean }>;
      const said = (name: string): unknown[] => [checks[name]!.status, checks[name]!.message, checks[name]!.required];
      expect(said("queue")).to.deep.equal(["healthy", undefined, true]);
      expect(said("cache")).to.deep.equal(["critical", "cold", false]);
      expect(said("hangs")).to.deep.equal(["unhealthy", "no answer within 100 ms", false]);
      expect(said("throws")).to.deep.equal(["unhealthy", "failed with E_FAILED", false]);
      expect(said("tells")).to.deep.equal(["degraded", "see https://host/ and …/file.txt", false]);
      expect(said("odd")).to.deep.equal(["unhealthy", "failed with TypeError", false]);
      expect([status, body["status"]]).to.deep.equal([200, "degraded"]);
      expect(text).not.to.contain("S3CRET");
      await app.evaluate(`kept.queue = "unhealthy"; kept.deadlock = true`);
      await app.check("/readyz", /^503 unhealthy/);
      await app.check("/livez", /^503 unhealthy/);
      // What hangs is given up once, and not started again beside itself.
      expect(await app.evaluate(`return [kept.runs, kept.aborted]`)).to.deep.equal([1, 1]);
      expect(await app.evaluate(`return (await api.health.report()).status`)).to.equal("unhealthy");
    });

    it("replaces a built-in check of the same name, until it is removed", async () => {
      const app = await start("node-sqlite", { STRATASCOPE_HEALTH_DATABASES: "dictionary" });
      await app.check("/readyz", /^503/);
      await app.evaluate(`kept.remove = api.health.add({ name: "storage.open", run: () => true })`);
      await app.check("/readyz", /^200/);
      await app.evaluate(`kept.remove()`);
      await app.check("/readyz", /^503/);
      expect((await app.ask("/readyz/none")).status).to.equal(404);
      expect((await app.ask("/readyz/event_loop")).status).to.equal(404);
    });
  });

  it("is reported as events and metrics, without a request", async () => {
    const receiver = new Receiver();
    await receiver.start();
    try {
      const { OTEL_EXPORTER_OTLP_ENDPOINT } = receiver.env;
      const app = await start("node-sqlite", {
        OTEL_EXPORTER_OTLP_ENDPOINT: OTEL_EXPORTER_OTLP_ENDPOINT!,
        OTEL_METRICS_EXPORTER: "otlp,prometheus",
        OTEL_LOGS_EXPORTER: "otlp",
        // The receiver knows the names of events in this form alone.
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
        STRATASCOPE_HEALTH_INTERVAL_MS: "200",
        STRATASCOPE_HEALTH_DATABASES: "dictionary",
      });
      const status = async (): Promise<unknown> => {
        const page = await scrape(`${app.url}/metrics`);
        const set = [
          ...select(page, "health_status", { health_check_type: "readiness" }),
          ...select(page, "health_check_status", { health_check_name: "storage.open" }),
        ];
        return set.filter(({ value }) => value === 1).map(({ labels }) => labels["health_state"]);
      };
      const until = (states: readonly string[]): Promise<void> =>
        eventually(async () => JSON.stringify(await status()) === JSON.stringify(states), { every: 100 });
      await until(["unhealthy", "unhealthy"]);
      await app.evaluate(OPEN);
      await until(["healthy", "healthy"]);
      await app.evaluate(`kept.db.close()`);
      await until(["unhealthy", "unhealthy"]);
      await app.stop();
      const events = receiver.logs.filter(({ eventName }) => eventName === "health.transition");
      expect(unregisteredEvents(events)).to.deep.equal([]);
      const ofOpen = events.filter(({ attributes }) => attributes["health.check.name"] === "storage.open");
      expect(ofOpen.map(({ body, severityText }) => [severityText, body])).to.deep.equal([
        ["ERROR", "storage.open is unhealthy: dictionary: not open"],
        ["INFO", "storage.open went from unhealthy to healthy"],
        ["ERROR", "storage.open went from healthy to unhealthy: dictionary: not open"],
      ]);
      const ofAll = events.filter(({ attributes }) => attributes["health.check.name"] === undefined);
      expect(ofAll.map(({ body }) => body)).to.deep.equal([
        "readiness is unhealthy: storage.open: dictionary: not open",
        "readiness went from unhealthy to healthy",
        "readiness went from healthy to unhealthy: storage.open: dictionary: not open",
      ]);
      const metrics = [...receiver.latest.values()].filter(({ name }) => name.startsWith("health."));
      expect(unregisteredMetrics(metrics)).to.deep.equal([]);
      const transitions = receiver.latest
        .get("health.transitions")!
        .points.map(({ attributes, asInt }) => [
          attributes["health.check.type"],
          attributes["health.state"],
          Number(asInt),
        ]);
      expect(transitions).to.deep.include(["readiness", "healthy", 1]).and.deep.include(["readiness", "unhealthy", 1]);
    } finally {
      await receiver.close();
    }
  });

  describe("on its paths", () => {
    let app: RemoteApp;
    before(async () => {
      app = await RemoteApp.start("node-sqlite", { env: { STRATASCOPE_HEALTH_ALIASES: "/up,/status/ready" } });
      await app.evaluate(OPEN);
    });
    after(() => app.stop());

    for (const path of ["/livez", "/healthz", "/health/live"]) {
      it(`answers for liveness at ${path}`, async () => {
        const { status, body, headers } = await app.ask(path);
        expect([status, body["status"], headers["content-type"]]).to.deep.equal([
          200,
          "healthy",
          "application/json; charset=utf-8",
        ]);
        expect(Object.keys(body)).to.deep.equal(["status", "timestamp", "checks"]);
        expect(Object.keys(body["checks"] as object)).to.deep.equal(["event_loop"]);
        expect(Math.abs(Date.now() - Date.parse(String(body["timestamp"])))).to.be.lessThan(60_000);
      });
    }

    for (const path of ["/readyz", "/health/ready", "/up", "/status/ready"]) {
      it(`answers for readiness at ${path}, and for each check below it`, async () => {
        const { status, body, text } = await app.ask(path);
        expect([status, body["status"]]).to.deep.equal([200, "healthy"]);
        expect(text).not.to.contain(app.folder);
        const checks = body["checks"] as Record<string, object>;
        expect(checks).to.include.all.keys("storage.open", "storage.recovery", "storage.wal_writable", "error_rate");
        for (const [name, check] of Object.entries(checks)) {
          expect(check).to.include.all.keys("status", "required", "last_check", "duration_ms");
          const single = await app.ask(`${path}/${name}`);
          expect([single.status, single.body["name"]]).to.deep.equal([200, name]);
        }
      });
    }

    it("answers with one word at the short paths", async () => {
      expect((await app.ask("/health")).body).to.deep.equal({ status: "ok" });
      expect((await app.ask("/live")).body).to.deep.equal({ status: "ok" });
      expect((await app.ask("/ready")).body).to.deep.equal({ status: "ready" });
    });

    it("refuses other methods and other paths", async () => {
      const answers = [
        await app.ask("/readyz", { method: "POST" }),
        await app.ask("/readyz", { method: "HEAD" }),
        await app.ask("/nowhere"),
        await app.ask("/readyz/%zz"),
        await app.ask("//"),
      ];
      expect(answers.map(({ status }) => status)).to.deep.equal([405, 200, 404, 404, 404]);
      expect(answers[1]!.text).to.equal("");
    });
  });

  it("is served without Prometheus if it is on, and not at all if it is off", async () => {
    const alone = await start("node-sqlite", { OTEL_METRICS_EXPORTER: "none", STRATASCOPE_HEALTH: "on" });
    expect((await alone.ask("/readyz")).status).to.equal(200);
    expect((await alone.ask("/metrics")).status).to.equal(404);
    expect(((await alone.ask("/metrics.json")).body["metrics"] as unknown[]).length).to.be.greaterThan(0);
    await alone.stop();
    const off = await start("node-sqlite", { STRATASCOPE_HEALTH: "off" });
    expect((await off.ask("/readyz")).status).to.equal(404);
    expect((await off.ask("/metrics")).status).to.equal(200);
  });

  it("closes a connection whose request is not complete in time", async () => {
    const app = await start("node-sqlite");
    const { connect } = await import("node:net");
    const { hostname, port } = new URL(app.url);
    const socket = connect(Number(port), hostname);
    socket.write("GET /readyz HTTP/1.1\r\nHost: x\r\n");
    const seconds = (await timed(() => new Promise((resolve) => socket.once("close", resolve).resume()))) / 1000;
    expect(seconds).to.be.within(5, 25);
    expect((await app.ask("/readyz")).status).to.equal(200);
  });

  for (const version of SUPPORTED) {
    it(`is checked on Node.js ${version}`, async () => {
      for (const binding of BINDINGS) {
        const app = await start(binding, { STRATASCOPE_HEALTH_WAL_BYTES: "1000000" }, nodeOf(version));
        await app.evaluate(`${OPEN} kept.db.exec("PRAGMA wal_autocheckpoint = 50; INSERT INTO words VALUES (1)");
          kept.reader = open("dictionary.db"); kept.reader.exec("BEGIN"); kept.reader.prepare("SELECT count(*) FROM words").get();
          for (let i = 0; i < 300; i++) kept.db.prepare("INSERT INTO words VALUES (zeroblob(8000))").run()`);
        await app.check("/readyz/storage.checkpoint", /^200 degraded: dictionary: \d MB of its log wait/);
        await app.check("/livez", /^200/);
        await app.evaluate(`kept.reader.exec("COMMIT"); kept.db.exec("PRAGMA wal_checkpoint(TRUNCATE)")`);
        await app.check("/readyz/storage.checkpoint", /^200 healthy/);
        rmSync(join(app.folder, "dictionary.db"));
        await app.check("/readyz", /^503 critical/);
        expect(existsSync(join(app.folder, "dictionary.db"))).to.equal(false);
        await app.stop();
      }
    }).timeout(180_000);
  }
});
