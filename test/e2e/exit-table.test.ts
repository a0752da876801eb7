import { join } from "node:path";
import { expect } from "chai";
import { after, describe, it } from "mocha";
import { App, UNHURRIED, type Ended, type RunningApp, type RunOptions } from "../helpers/app.ts";
import { freePort } from "../../collector-config/stack/ports.ts";
import { BlackHole } from "../helpers/black-hole.ts";
import { otlpTo, Receiver } from "../helpers/receiver.ts";
import { spooledIn } from "../helpers/spooled.ts";
import { temporaryFolder } from "../helpers/temp.ts";

/** Milliseconds a process may need more with us than without us. */
const TOLERATED = 1_500;

/** One span, one log record, one count and one operation of an engine. */
const WORK = `
const { logs, metrics, trace } = require("@opentelemetry/api");
const db = new (require("better-sqlite3"))(":memory:");
const count = metrics.getMeter("app").createCounter("app.last");
const work = () => {
  db.exec("SELECT 1");
  count.add(1);
  logs.getLogger("app").emit({ body: "last" });
  trace.getTracer("app").startSpan("last").end();
};
`;

/** A main thread whose worker works, and what each of them does then. */
const inWorker = (afterwards: string, main: string): string => `
const { isMainThread, parentPort, Worker } = require("node:worker_threads");
if (isMainThread) {
  const worker = new Worker(__filename);
  ${main}
} else {
  ${WORK}
  work();
  ${afterwards}
}
`;

const SERVER = `${WORK}
require("node:http").createServer(() => {}).listen(0, "127.0.0.1", () => { work(); console.log("ready"); });
`;

/** A way to end: the application, the signal it gets once it is ready, and how often it works. */
interface Row {
  readonly text: string;
  readonly signal?: NodeJS.Signals;
  readonly works: number;
  /** Whether what ended last can be lost. */
  readonly isLossy?: boolean;
}

const ROWS: Readonly<Record<string, Row>> = {
  "returns normally": { text: `${WORK} work(); console.log("ready");`, works: 1 },
  "calls process.exit": {
    text: `${WORK} work(); console.log("ready"); setImmediate(() => process.exit(5));
      process.on("exit", (code) => { work(); console.log("exit", code); });`,
    works: 2,
  },
  "gets SIGTERM, which it does not handle": { text: SERVER, signal: "SIGTERM", works: 1 },
  "gets SIGTERM, and shuts itself down": {
    text: `${SERVER} process.on("SIGTERM", () => setTimeout(() => { work(); console.log("bye"); process.exit(0); }, 50));`,
    signal: "SIGTERM",
    works: 2,
  },
  "gets SIGINT, which it does not handle": { text: SERVER, signal: "SIGINT", works: 1 },
  "throws what nobody catches": {
    text: `${WORK} work(); console.log("ready"); setTimeout(() => { work(); throw new TypeError("broken"); }, 10);`,
    works: 2,
  },
  "has a rejection that nobody handles": {
    text: `${WORK} work(); console.log("ready"); setTimeout(() => { work(); Promise.reject(new TypeError("broken")); }, 10);`,
    works: 2,
  },
  "calls process.exit once a worker has worked": {
    text: inWorker(
      `parentPort.postMessage("worked"); for (;;);`,
      `worker.on("message", () => { console.log("ready"); process.exit(5); });`,
    ),
    works: 1,
  },
  "terminates a worker once it has worked": {
    text: inWorker(
      `parentPort.postMessage("worked"); for (;;);`,
      `worker.on("message", () => worker.terminate().then(() => console.log("ready")));`,
    ),
    works: 1,
  },
  "has a worker that calls process.exit": {
    text: inWorker(
      `process.exit(3);`,
      `worker.on("exit", (code) => { process.exitCode = code; console.log("ready"); });`,
    ),
    works: 1,
  },
  "has a worker that returns normally": {
    text: inWorker(``, `worker.on("exit", () => console.log("ready"));`),
    works: 1,
  },
  "gets SIGKILL": { text: SERVER, signal: "SIGKILL", works: 1, isLossy: true },
};

const NEXT = "next.cjs";

interface Collector {
  /** Whether it takes what it is sent. */
  readonly isUp: boolean;
  /** @returns how it is stopped */
  readonly start: (port: number) => Promise<() => Promise<void>>;
}

const COLLECTORS: Readonly<Record<string, Collector>> = {
  up: { isUp: true, start: async () => async () => {} },
  down: { isUp: false, start: async () => async () => {} },
  "black-holed": {
    isUp: false,
    async start(port) {
      const hole = new BlackHole();
      await hole.start(port);
      return () => hole.close();
    },
  },
};

interface Timed extends Ended {
  readonly milliseconds: number;
}

const outcome = ({ code, signal, stdout }: Ended): unknown => ({ code, signal, stdout });

describe("whatever way a process ends", () => {
  const files = Object.values(ROWS).map(({ text }, i): [string, string] => [`row${i}.cjs`, text]);
  const app = new App({
    "package.json": `{ "name": "table" }`,
    ...Object.fromEntries(files),
    // One of a moment, and with nothing to tell, leaves it to others.
    [NEXT]: `setTimeout(() => console.log("ready"), 1500)`,
  });
  const table: string[] = [];
  after(() => {
    if (process.env["EXIT_TABLE"] !== undefined) console.log(table.join("\n"));
  });

  async function timed(file: string, signal: NodeJS.Signals | undefined, options: RunOptions): Promise<Timed> {
    const running: RunningApp = app.start(file, options);
    await running.says(/ready\n/);
    const start = performance.now();
    const ended = signal === undefined ? await running.ended : await running.stop(signal);
    return { ...ended, milliseconds: performance.now() - start };
  }

  /** Spans, log records and counts that a receiver got, each of them once. */
  const received = (receiver: Receiver): number[] => [
    new Set(receiver.spans.map(({ spanId }) => spanId)).size,
    receiver.logs.filter(({ scope }) => scope === "app").length,
    receiver.latest.get("app.last")?.points[0]?.asDouble ?? 0,
    (receiver.latest.get("db.client.operation.duration")?.points ?? []).reduce(
      (sum, { count }) => sum + Number(count),
      0,
    ),
  ];

  for (const [how, { signal, works, isLossy = false }] of Object.entries(ROWS)) {
    for (const [state, { isUp, start }] of Object.entries(COLLECTORS)) {
      const fate = isLossy ? "loses nothing but what was not sent" : "loses nothing";
      it(`${fate}, and ends as without us: ${how}, the Collector is ${state}`, async () => {
        const file = `row${Object.keys(ROWS).indexOf(how)}.cjs`;
        const port = await freePort();
        const folder = join(temporaryFolder(), "spool");
        const env = { ...UNHURRIED, ...otlpTo(`http://127.0.0.1:${port}`), STRATASCOPE_SPOOL_FOLDER: folder };
        const receiver = new Receiver();
        if (isUp) await receiver.start(port);
        const stop = await start(port);
        try {
          const bare = await timed(file, signal, { flags: [] });
          const ours = await timed(file, signal, { env });
          await stop();
          expect(outcome(ours)).to.deep.equal(outcome(bare));
          // One line of ours where there is no Collector and time to notice; never one among those of an exception.
          const added = ours.stderr.replace(
            /^stratascope: telemetry could not be sent within .*\n|^stratascope: \w+ cannot be sent .*\n/,
            "",
          );
          expect(bare.stderr === "" && !isUp ? added : ours.stderr).to.equal(bare.stderr);
          expect(ours.milliseconds - bare.milliseconds).to.be.below(TOLERATED);
          const sent = isUp ? received(receiver) : [0, 0, 0, 0];
          if (!isUp) await receiver.start(port);
          expect(await app.run(NEXT, { env })).to.include({ code: 0, stderr: "" });
          const all = Array.from({ length: 4 }, () => works);
          expect(received(receiver)).to.deep.equal(isLossy ? [0, 0, 0, 0] : all);
          expect(spooledIn(folder)).to.deep.equal([]);
          const way = sent[0] === works ? "delivered" : isLossy ? "lost" : sent[0] === 0 ? "spooled" : "both";
          table.push(
            [how, state, way, bare.signal ?? bare.code, Math.round(ours.milliseconds - bare.milliseconds)].join(" | "),
          );
        } finally {
          await receiver.close();
        }
      });
    }
  }
});
