import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { App, REGISTER } from "../helpers/app.ts";
import { Receiver, type ReceivedLog } from "../helpers/receiver.ts";
import { unregisteredEvents, unregisteredMetrics } from "../helpers/registry.ts";
import { BINDINGS } from "../helpers/bindings.ts";

const FILE = "held.cjs";

/** What is reported of each holder: the event, the statement that opened it, where it was used, and whether it is still open. */
const EXPECTED: Readonly<Record<string, readonly unknown[]>> = {
  slowLoop: ["storage.wal.pinned", "SELECT words", FILE, "slowLoop", false],
  transaction: ["storage.wal.pinned", "BEGIN", FILE, "transaction", false],
  idleTransaction: ["storage.snapshot.held", "BEGIN", FILE, "idleTransaction", false],
  leak: ["storage.wal.pinned", "SELECT words", undefined, undefined, true],
};

describe("a snapshot that stays open", () => {
  const receiver = new Receiver();
  before(() => receiver.start());
  after(() => receiver.close());

  async function run(binding: string, holder: string, env: Record<string, string> = {}): Promise<ReceivedLog[]> {
    receiver.clear();
    const app = new App("sqlite");
    const { code, stderr } = await app.run(FILE, {
      flags: ["--disable-warning=ExperimentalWarning", "--require", REGISTER],
      args: [binding, holder],
      // Binary, the receiver knows no names of events.
      env: { ...receiver.env, OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: "http/json", ...env },
    });
    expect([code, stderr]).to.deep.equal([0, ""]);
    return receiver.logs.filter(({ eventName }) => /held|pinned/.test(eventName ?? ""));
  }

  for (const binding of BINDINGS) {
    for (const [holder, expected] of Object.entries(EXPECTED)) {
      it(`is reported once, with the code that keeps it open and the log it pins: ${holder}, with ${binding}`, async () => {
        // What never ends is told of at ten times the threshold.
        const events = await run(binding, holder, { STRATASCOPE_LONG_OPEN_MS: holder === "leak" ? "100" : "1000" });
        expect(
          events.map(({ eventName, attributes: a }) => [
            eventName,
            a["db.query.summary"],
            a["code.file.path"],
            a["code.function.name"],
            a["storage.snapshot.open"],
          ]),
        ).to.deep.equal([expected]);
        const { attributes } = events[0]!;
        expect(attributes["storage.snapshot.age"]).to.be.within(1, 10);
        const pinned = Number(attributes["storage.wal.pinned_size"] ?? 0);
        if (expected[0] === "storage.wal.pinned") expect(pinned).to.be.within(50 * 4096, 2_000_000);
        else expect(pinned).to.equal(0);
        expect(unregisteredEvents(receiver.logs)).to.deep.equal([]);
        expect(unregisteredMetrics(receiver.metrics)).to.deep.equal([]);
      });
    }

    it(`causes no warning if the application uses a database as a lock, with ${binding}`, async () => {
      const [event, ...others] = await run(binding, "lockFile");
      expect(others).to.deep.equal([]);
      expect([event!.severityText, event!.body]).to.match(
        /^INFO,BEGIN EXCLUSIVE was open for \d\.\d s; .*it is a lock$/,
      );
      expect(receiver.metrics.map(({ name }) => name)).to.not.include("storage.snapshot.held");
    });

    it(`is reported by a process that only reads, while another one writes, with ${binding}`, async () => {
      receiver.clear();
      const app = new App("sqlite");
      const env = { ...receiver.env, OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: "http/json" };
      const { stderr } = await app.run("wal-reader.cjs", {
        args: [binding],
        flags: ["--disable-warning=ExperimentalWarning", "--require", REGISTER],
        env,
      });
      expect(stderr).to.equal("");
      const [event, ...others] = receiver.logs.filter(({ eventName }) => eventName === "storage.wal.pinned");
      expect(others).to.deep.equal([]);
      expect(event!.attributes).to.include({ "code.file.path": "wal-reader.cjs", "code.function.name": "read" });
    });

    it(`is not reported if it is short, or if the option is off, with ${binding}`, async () => {
      expect(await run(binding, "short")).to.deep.equal([]);
      expect(await run(binding, "slowLoop", { STRATASCOPE_LONG_OPEN_MS: "0" })).to.deep.equal([]);
    });
  }
});
