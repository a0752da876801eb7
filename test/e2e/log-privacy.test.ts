import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { App } from "../helpers/app.ts";
import { freePort } from "../../collector-config/stack/ports.ts";
import { otlpTo } from "../helpers/receiver.ts";
import { temporaryFolder } from "../helpers/temp.ts";
import { INDEX } from "../helpers/logged.ts";

/** What marks a value that may not leave the process. */
const SECRET = "S3CRET";

/** Secrets wherever an application has them, records about everything else, and an end of which something is told. */
const application = (end: string): string => `
const { addLogFields, logger } = require(${INDEX});
const http = require("node:http"), fs = require("node:fs");
const db = new (require("better-sqlite3"))("data-${SECRET}.db");
const log = logger("api");
const server = http.createServer((request, response) => {
  db.prepare("SELECT ? AS a").get("${SECRET}1");
  log.info("in a request");
  log.error("failed", new TypeError("of the application"));
  response.setHeader("set-cookie", "${SECRET}2").end("${SECRET}3");
}).listen(0, "127.0.0.1", () => {
  const headers = { authorization: "Bearer ${SECRET}4", cookie: "${SECRET}5", "x-correlation-id": "c1", "x-other": "${SECRET}6" };
  const path = "/users/${SECRET}7?token=${SECRET}8";
  http.request({ host: "127.0.0.1", port: server.address().port, method: "POST", headers, path, agent: false }, (response) =>
    response.resume().on("close", () => { server.close(); ${end} })).end("${SECRET}9");
});
`;

const ENDS: Readonly<Record<string, string>> = {
  "returns normally": "",
  "throws what an engine threw": `db.exec("SELECT * FROM t WHERE a = '${SECRET}10");`,
  "throws what an engine caused": `try { db.exec("SELECT ${SECRET}11"); } catch (cause) { throw new Error("could not save", { cause }); }`,
  "throws what a file system threw": `fs.readFileSync(__dirname + "/no folder/file");`,
  "throws what has properties": `throw Object.assign(new Error("rejected"), { payload: "${SECRET}12", code: "${SECRET} 13" });`,
  "rejects with an object": `Promise.reject({ password: "${SECRET}14" });`,
};

/** All that a process has to say to a Collector, which it finds none of and so leaves in a file. */
function spooledIn(folder: string): string {
  return readdirSync(folder)
    .filter((name) => !name.endsWith(".key"))
    .flatMap((name) => readFileSync(join(folder, name), "utf8").trim().split("\n"))
    .map((line) => JSON.parse(line) as { readonly signal: string; readonly body: string })
    .filter(({ signal }) => signal === "logs")
    .map(({ body }) => Buffer.from(body, "base64").toString())
    .join("\n");
}

describe("what the application has not logged", () => {
  for (const [how, end] of Object.entries(ENDS)) {
    it(`is in no record, in lines or over OTLP, nor where it lies on the machine, when it ${how}`, async () => {
      const app = new App({ "package.json": `{ "name": "private" }`, "app.cjs": application(end) });
      const spool = join(temporaryFolder(), "spool");
      const { stdout } = await app.run("app.cjs", {
        env: {
          ...otlpTo(`http://127.0.0.1:${await freePort()}`),
          OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
          STRATASCOPE_SPOOL_FOLDER: spool,
          STRATASCOPE_LOG_REQUESTS: "true",
          STRATASCOPE_LOG_LIBRARIES: "otlp",
        },
      });
      const records = spooledIn(spool);
      for (const text of [stdout, records]) {
        expect(text).to.contain("of the application").and.to.contain("in a request").and.to.contain("app.cjs");
        if (end !== "") expect(text).to.contain("process.error.unhandled");
        expect(text).not.to.contain(SECRET);
        expect(text).not.to.contain(app.folder);
      }
    });
  }
});
