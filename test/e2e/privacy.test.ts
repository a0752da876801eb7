import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { App, REGISTER } from "../helpers/app.ts";
import { Receiver } from "../helpers/receiver.ts";
import { OPEN_METRICS, scrape } from "../helpers/scrape.ts";
import { BINDINGS } from "../helpers/sqlite-app.ts";

/** What marks a value that may not leave the process. */
const SECRET = "S3CRET";

/** Puts a secret in every place a value can be, in statements that succeed and in such as fail. */
const application = (binding: string): string => `${BINDINGS[binding]}
const { mkdirSync } = require("node:fs");
const { trace } = require("@opentelemetry/api");
mkdirSync("folder-${SECRET}");
const db = open("folder-${SECRET}/data.db"), other = open("folder-${SECRET}/data.db");
const backup = (db, path) => db.backup ? db.backup(path) : require("node:sqlite").backup?.(db, path);
const attempt = (call) => { try { return call(); } catch {} };
const everything = () => {
  attempt(() => db.exec("CREATE TABLE IF NOT EXISTS kv (k TEXT PRIMARY KEY, v TEXT DEFAULT '${SECRET}1')"));
  attempt(() => db.exec("CREATE VIRTUAL TABLE IF NOT EXISTS fts USING fts5(text)"));
  attempt(() => db.prepare("INSERT INTO kv VALUES (?, ?)").run("${SECRET}2", "${SECRET}3"));
  attempt(() => db.prepare("INSERT INTO kv VALUES ('${SECRET}4', '${SECRET}5')").run());
  attempt(() => db.prepare("INSERT INTO kv VALUES ('${SECRET}4', x'${Buffer.from(SECRET).toString("hex")}')").run());
  attempt(() => db.prepare("INSERT INTO fts VALUES ('${SECRET}6')").run());
  attempt(() => db.prepare("SELECT * FROM fts WHERE fts MATCH ?").all("${SECRET}7"));
  attempt(() => db.prepare("SELECT * FROM fts WHERE fts MATCH '${SECRET}8'").all());
  attempt(() => db.prepare("SELECT * FROM fts WHERE fts MATCH '\\"${SECRET}9'").all());
  attempt(() => db.prepare("SELECT * FROM kv WHERE k = :${SECRET.toLowerCase()} -- ${SECRET}10").all({ ${SECRET.toLowerCase()}: "${SECRET}11" }));
  attempt(() => db.prepare("SELECT /* ${SECRET}12 */ '${SECRET}13' AS a, count(*) FROM kv WHERE v LIKE '%${SECRET}14%'").get());
  attempt(() => Array.from(db.prepare("SELECT * FROM kv WHERE v > '${SECRET}15'").iterate()));
  attempt(() => db.exec("SELECT '${SECRET}16"));
  attempt(() => db.exec("SELEKT ${SECRET}17"));
  attempt(() => db.prepare("SELECT * FROM ${SECRET}18 WHERE a = '${SECRET}19'"));
  attempt(() => db.exec("PRAGMA key = '${SECRET}20'; PRAGMA user_version = 5"));
  attempt(() => db.exec("ATTACH 'folder-${SECRET}/other.db' AS other_${SECRET}21"));
  attempt(() => db.exec("SAVEPOINT ${SECRET}22; RELEASE ${SECRET}22"));
  attempt(() => db.function("fail", () => { throw new Error("${SECRET}23"); }));
  attempt(() => db.prepare("SELECT fail()").get());
  attempt(() => db.exec("VACUUM INTO 'folder-${SECRET}/copy-" + process.pid + ".db'"));
  attempt(() => db.prepare("VACUUM INTO ?").run("folder-${SECRET}/bound-" + process.pid + ".db"));
  attempt(() => db.exec("VACUUM INTO 'folder-${SECRET}/no folder/copy.db'"));
  attempt(() => db.exec("VACUUM"));
  attempt(() => db.exec("INSERT INTO fts (fts) VALUES ('optimize')"));
  attempt(() => db.serialize());
  attempt(() => backup(db, "folder-${SECRET}/backup.db")?.catch(() => {}));
  attempt(() => backup(db, "folder-${SECRET}/no folder/backup.db")?.catch(() => {}));
  attempt(() => backup(db, "folder-${SECRET}\0.db")?.catch(() => {}));
  attempt(() => { other.exec("BEGIN IMMEDIATE"); attempt(() => db.prepare("INSERT INTO kv VALUES ('${SECRET}24', 1)").run()); other.exec("ROLLBACK"); });
  attempt(() => db.exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT max(i) || '${SECRET}25' FROM n"));
  attempt(() => db.prepare("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT max(i) || '${SECRET}26' FROM n").get());
};
everything();
trace.getTracer("app").startActiveSpan("request", (span) => { everything(); for (let i = 0; i < 30; i++) attempt(() => db.prepare("SELECT v FROM kv WHERE k = ?").get("${SECRET}27")); span.end(); });
console.log("done");
process.stdin.resume().on("end", () => { db.close(); other.close(); });
`;

describe("what the application stores", () => {
  const receiver = new Receiver();
  before(() => receiver.start());
  after(() => receiver.close());

  for (const binding of Object.keys(BINDINGS)) {
    it(`never leaves the process, in any signal, with every statement a span, with ${binding}`, async () => {
      receiver.clear();
      const app = new App({ "app.cjs": application(binding) });
      const running = app.start("app.cjs", {
        flags: ["--disable-warning=ExperimentalWarning", "--require", REGISTER],
        args: [`--password=${SECRET}28`],
        env: {
          ...receiver.env,
          OTEL_METRICS_EXPORTER: "otlp,prometheus",
          OTEL_EXPORTER_PROMETHEUS_PORT: "0",
          OTEL_LOG_LEVEL: "verbose",
          OTEL_EXPORTER_OTLP_HEADERS: `x-key=${SECRET}29`,
          STRATASCOPE_SPANS: "all",
        },
      });
      const [, url] = await running.says(/metrics on (\S+)/);
      await running.says(/done/);
      const pages = [await scrape(url!), await scrape(url!, OPEN_METRICS)].map(({ text }) => text);
      running.process.stdin!.end();
      const { stderr, code } = await running.ended;
      expect(code).to.equal(0);
      expect(receiver.spans.length).to.be.greaterThan(40);
      const { spans, metrics, logs } = receiver;
      const shown = {
        spans: JSON.stringify(spans),
        metrics: JSON.stringify(metrics),
        logs: JSON.stringify(logs),
        page: pages.join(""),
        stderr,
      };
      for (const [where, text] of Object.entries(shown)) {
        const leaks = text.split(/(?<=[,}\n])/).filter((part) => part.includes(SECRET));
        expect(leaks, where).to.deep.equal([]);
      }
    });
  }
});
