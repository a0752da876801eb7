import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { App, type Ended } from "../helpers/app.ts";
import { BlackHole } from "../helpers/black-hole.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";

const WAYS = [
  "last act",
  "after a listener",
  "and exits",
  "and goes on",
  "in exit",
  "in beforeExit",
  "by number",
  "handled, in exit",
  "without its listeners",
  "that does not exist",
];

const outcome = ({ code, signal, stdout }: Ended): unknown => ({ code, signal, stdout });

describe("signals", () => {
  const app = new App("exit");
  const hole = new BlackHole();
  before(() => hole.start());
  after(() => hole.close());

  /** Runs a program without us, with nothing to send, and with telemetry that no one takes. */
  async function runs(file: string, node: string, ...args: readonly string[]): Promise<readonly [Ended, ...Ended[]]> {
    const env = { OTEL_TRACES_EXPORTER: "otlp", OTEL_METRICS_EXPORTER: "otlp", OTEL_EXPORTER_OTLP_ENDPOINT: hole.url };
    const flags = ["--disable-warning=ExperimentalWarning"];
    return Promise.all([
      app.run(file, { node, args, flags }),
      app.run(file, { node, args }),
      app.run(file, { node, args: [...args, "busy"], env }),
    ]);
  }

  for (const version of SUPPORTED) {
    describe(`on Node.js ${version}`, () => {
      it("have exactly the listeners of the application at any time", async () => {
        const [bare, ...observed] = await runs("signal-visibility.cjs", nodeOf(version));
        expect(bare).to.include({ code: null, signal: "SIGTERM" });
        for (const each of observed) expect(outcome(each)).to.deep.equal(outcome(bare));
      });

      for (const way of WAYS) {
        it(`that the process sends itself end it as unobserved: ${way}`, async () => {
          const [bare, ...observed] = await runs("signal-ends.cjs", nodeOf(version), way);
          for (const each of observed) expect(outcome(each)).to.deep.equal(outcome(bare));
        });
      }

      it("do not interrupt work on the thread pool at the end", async () => {
        const [bare, ...observed] = await runs("thread-pool-at-end.cjs", nodeOf(version));
        expect(bare).to.include({ code: 0, stdout: "done\nasked 2\n" });
        for (const each of observed) expect(outcome(each)).to.deep.equal(outcome(bare));
      });
    });
  }
});
