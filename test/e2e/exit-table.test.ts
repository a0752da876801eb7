import { join } from "node:path";
import { expect } from "chai";
import { after, describe, it } from "mocha";
import { App, UNHURRIED, type Ended, type RunOptions } from "../helpers/app.ts";
import { freePort } from "../../collector-config/stack/ports.ts";
import { BlackHole } from "../helpers/black-hole.ts";
import { otlpTo, Receiver } from "../helpers/receiver.ts";
import { spooledIn } from "../helpers/spooled.ts";
import { temporaryFolder } from "../helpers/temp.ts";

/** Milliseconds a process may need more with us than without us. */
const TOLERATED = 1_500;

/** A way to end, in `test/apps/exit-table`: the signal it gets once it is ready, and how often it works. */
interface Row {
  readonly signal?: NodeJS.Signals;
  readonly works: number;
  /** Whether what ended last can be lost. */
  readonly isLossy?: boolean;
}

const ROWS: Readonly<Record<string, Row>> = {
  "returns normally": { works: 1 },
  "calls process.exit": { works: 2 },
  "gets SIGTERM, which it does not handle": { signal: "SIGTERM", works: 1 },
  "gets SIGTERM, and shuts itself down": { signal: "SIGTERM", works: 2 },
  "gets SIGINT, which it does not handle": { signal: "SIGINT", works: 1 },
  "throws what is not caught": { works: 2 },
  "has a rejection that is not handled": { works: 2 },
  "calls process.exit once a worker has worked": { works: 1 },
  "terminates a worker once it has worked": { works: 1 },
  "has a worker that calls process.exit": { works: 1 },
  "has a worker that returns normally": { works: 1 },
  "gets SIGKILL": { signal: "SIGKILL", works: 1, isLossy: true },
};

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

describe("the end of a process, in every way", () => {
  const app = new App("exit-table");
  const table: string[] = [];
  after(() => {
    if (process.env["EXIT_TABLE"] !== undefined) console.log(table.join("\n"));
  });

  async function timed(way: string, signal: NodeJS.Signals | undefined, options: RunOptions): Promise<Timed> {
    const running = app.start("ends.cjs", { args: [way], ...options });
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
      it(`${fate}, and ends as unobserved: ${how}, the Collector is ${state}`, async () => {
        const port = await freePort();
        const folder = join(temporaryFolder(), "spool");
        const env = { ...UNHURRIED, ...otlpTo(`http://127.0.0.1:${port}`), STRATASCOPE_SPOOL_FOLDER: folder };
        const receiver = new Receiver();
        if (isUp) await receiver.start(port);
        const stop = await start(port);
        try {
          const bare = await timed(how, signal, { flags: [] });
          const ours = await timed(how, signal, { env });
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
          expect(await app.run("next.cjs", { env })).to.include({ code: 0, stderr: "" });
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
