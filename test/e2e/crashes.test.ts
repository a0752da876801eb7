import { join } from "node:path";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { App, REGISTER, type Ended } from "../helpers/app.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { Receiver } from "../helpers/receiver.ts";
import { temporaryFolder } from "../helpers/temp.ts";

/** What is said of an error: how urgent, how it came, and its message, or its type where it has none. */
type CrashRecord = readonly [
  severity: "FATAL" | "ERROR",
  kind: "uncaught_exception" | "unhandled_rejection",
  what: string,
];

interface Row {
  readonly text: string;
  /** ES module; CommonJS otherwise. */
  readonly isModule?: boolean;
  readonly flags?: readonly string[];
  readonly records: readonly CrashRecord[];
}

const thrown = (what: string): CrashRecord => ["FATAL", "uncaught_exception", what];
const rejected = (what: string): CrashRecord => ["FATAL", "unhandled_rejection", what];
const handled = (what: string): CrashRecord => ["ERROR", "uncaught_exception", what];

/** Each way has a message of its own, by which its record is found. */
const ROWS: Readonly<Record<string, Row>> = {
  "throws at once": { text: `throw new TypeError("at once");`, records: [thrown("at once")] },
  "throws later": { text: `setTimeout(() => { throw new RangeError("later"); }, 5);`, records: [thrown("later")] },
  "throws a text": { text: `setTimeout(() => { throw "a text"; }, 5);`, records: [thrown("a text")] },
  "throws undefined": { text: `setTimeout(() => { throw undefined; }, 5);`, records: [thrown("undefined")] },
  "throws null": { text: `throw null;`, records: [thrown("null")] },
  "throws an object": { text: `throw { of: "no class" };`, records: [thrown("object")] },
  "throws what cannot be looked at": {
    text: `throw new Proxy(new Error("hidden"), { get(target, name) {
      if (name === "name" || name === "message") throw new Error("no"); return Reflect.get(target, name); } });`,
    records: [thrown("_OTHER")],
  },
  "runs out of stack": {
    text: `const deeper = (n) => deeper(n + 1) + 1; deeper(0);`,
    records: [thrown("Maximum call stack size exceeded")],
  },
  "throws with a cause": {
    text: `throw new Error("with a cause", { cause: new Error("the cause") });`,
    records: [thrown("with a cause")],
  },
  "throws in a module": { text: `throw new Error("in a module");`, isModule: true, records: [rejected("in a module")] },
  "waits for a rejection in a module": {
    text: `await Promise.reject(new Error("top level"));`,
    isModule: true,
    records: [rejected("top level")],
  },
  "has a rejection": { text: `Promise.reject(new TypeError("a rejection"));`, records: [rejected("a rejection")] },
  "has a rejection with a text": {
    text: `Promise.reject("no error");`,
    records: [rejected('The promise rejected with the reason "no error".')],
  },
  "has a rejection, which is but a warning": {
    text: `Promise.reject(new TypeError("a warning"));`,
    flags: ["--unhandled-rejections=warn"],
    records: [],
  },
  "has a rejection, which is an exception": {
    text: `process.on("unhandledRejection", () => console.log("told")); Promise.reject(new TypeError("strict"));`,
    flags: ["--unhandled-rejections=strict"],
    records: [rejected("strict")],
  },
  "handles rejections": {
    text: `process.on("unhandledRejection", (reason) => console.log("handled", reason.message));
      Promise.reject(new Error("handled rejection"));`,
    records: [],
  },
  "handles exceptions and goes on": {
    text: `process.on("uncaughtException", (error, origin) => console.log("handled", error.message, origin));
      setTimeout(() => { throw new Error("survived"); }, 5); setTimeout(() => console.log("alive"), 30);`,
    records: [handled("survived")],
  },
  "handles exceptions and exits": {
    text: `process.on("uncaughtException", () => process.exit(9)); setTimeout(() => { throw new Error("exits"); }, 5);`,
    records: [handled("exits")],
  },
  "handles exceptions, and throws there": {
    text: `process.on("uncaughtException", () => { throw new Error("second"); });
      setTimeout(() => { throw new Error("first"); }, 5);`,
    // Node.js ends at once, and calls nobody any more.
    records: [],
  },
  "captures exceptions": {
    text: `process.setUncaughtExceptionCaptureCallback((error) => console.log("captured", error.message));
      setTimeout(() => { throw new Error("captured"); }, 5);`,
    records: [handled("captured")],
  },
  "watches exceptions itself": {
    text: `console.log(process.listenerCount("uncaughtException"), process.listenerCount("unhandledRejection"));
      process.on("uncaughtExceptionMonitor", (error, origin) => console.log("seen", error.message, origin));
      throw new Error("watched");`,
    records: [thrown("watched")],
  },
  "changes the code at the exit": {
    text: `process.exitCode = 3; process.on("exit", (code) => { console.log(code); process.exitCode = 4; });
      throw new Error("another code");`,
    records: [thrown("another code")],
  },
  "throws at the exit": {
    text: `process.on("exit", () => { throw new Error("at the exit"); });`,
    // What is still to be called at the exit is not called, we among it.
    records: [],
  },
  "throws in a domain": {
    text: `const domain = require("node:domain").create();
      domain.on("error", (error) => console.log("domain", error.message));
      domain.run(() => setTimeout(() => { throw new Error("in a domain"); }, 5));`,
    records: [handled("in a domain")],
  },
  "throws in a worker": {
    text: `const { Worker, isMainThread } = require("node:worker_threads");
      if (isMainThread) new Worker(__filename).on("error", (error) => console.log("error", error.message)).on("exit", console.log);
      else throw new Error("in a worker");`,
    records: [thrown("in a worker")],
  },
  "throws in an engine": {
    text: `const db = new (require("better-sqlite3"))(":memory:"); db.exec("SELECT quoted FROM nothing");`,
    records: [thrown("SqliteError")],
  },
  aborts: { text: `process.abort();`, records: [] },
};

/**
 * Without what differs between any two runs, and without the frames of ours and of Node.js, of which a stack has ten at
 * most; of an engine's error also without the line it is shown to have been thrown at, which is ours.
 */
const outcome = ({ code, signal, stdout, stderr }: Ended): Ended => ({
  code,
  signal,
  stdout,
  stderr: stderr
    .replaceAll(/\(node:\d+\)/g, "(node)")
    .replaceAll(/0x[0-9a-f]+/g, "0x")
    .replaceAll(/node:events:\d+:\d+/g, "node:events")
    .replace(/^.*(?:src\/core\.cjs|methods\/wrappers\.js):\d+\n.*\n\s*\^\n/, "")
    .replaceAll(/^ {4}at .*(?:\/dist\/src\/|node:internal\/|TracingChannel).*$\n?/gm, ""),
});

for (const version of SUPPORTED) {
  describe(`an unhandled error, on Node.js ${version}`, () => {
    const rows = Object.values(ROWS);
    const fileOf = (i: number): string => `row${i}.${rows[i]!.isModule ? "mjs" : "cjs"}`;
    const app = new App({
      "package.json": `{ "name": "crashes" }`,
      // What was left is sent by a process that stays.
      "next.cjs": "setTimeout(() => {}, 3000);",
      ...Object.fromEntries(rows.map(({ text }, i) => [fileOf(i), `${text}\n`])),
    });
    const receiver = new Receiver();
    let env: Record<string, string>;
    let node: string;
    before(async () => {
      await receiver.start();
      env = {
        ...receiver.env,
        OTEL_TRACES_EXPORTER: "none",
        OTEL_METRICS_EXPORTER: "none",
        // The receiver knows the names of events in this form alone.
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
        STRATASCOPE_SPOOL_FOLDER: join(temporaryFolder(), "spool"),
      };
      node = nodeOf(version);
    });
    after(() => receiver.close());

    for (const [i, how] of Object.keys(ROWS).entries()) {
      it(`ends a process as unobserved that ${how}`, async () => {
        const flags = rows[i]!.flags ?? [];
        const [bare, ours] = await Promise.all([
          app.run(fileOf(i), { node, flags }),
          app.run(fileOf(i), { node, flags: [...flags, "--require", REGISTER], env }),
        ]);
        expect(outcome(ours)).to.deep.equal(outcome(bare));
      });
    }

    it("is reported once each", async () => {
      expect(await app.run("next.cjs", { node, env })).to.include({ code: 0, stderr: "" });
      const told = receiver.logs.map(({ eventName, severityText, attributes, scope }) => {
        expect([eventName, scope]).to.deep.equal(["process.error.unhandled", "process"]);
        const what = attributes["exception.message"] ?? attributes["exception.type"];
        return [
          severityText,
          attributes["health.error.type"],
          String(what).replace(/^This error .* The p/, "The p"),
        ].join(" ");
      });
      const expected = rows.flatMap((row) => row.records.map((each) => each.join(" ")));
      expect(told.toSorted()).to.deep.equal(expected.toSorted());
    });
  });
}
