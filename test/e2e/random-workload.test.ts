import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { App, REGISTER } from "../helpers/app.ts";
import { Receiver } from "../helpers/receiver.ts";
import { BINDINGS } from "../helpers/bindings.ts";

interface Model {
  readonly runs: Record<string, number>;
  readonly errors: Record<string, number>;
  readonly transactions: Record<string, number>;
  readonly read: number;
  readonly written: number;
  readonly content: string;
}

describe("a long random workload", () => {
  const receiver = new Receiver();
  before(() => receiver.start());
  after(() => receiver.close());

  const flags = ["--disable-warning=ExperimentalWarning"];

  /** The points of a metric, summed up by what they are named after. */
  function sums(
    metric: string,
    key: (attributes: Readonly<Record<string, unknown>>) => string | undefined,
  ): Record<string, number> {
    const found: Record<string, number> = {};
    for (const { attributes, count, asInt } of receiver.latest.get(metric)!.points) {
      const name = key(attributes);
      if (name !== undefined) found[name] = (found[name] ?? 0) + Number(count ?? asInt);
    }
    return found;
  }

  for (const binding of BINDINGS) {
    it(`is counted exactly, and leaves the same data, with ${binding}`, async () => {
      receiver.clear();
      const bare = await new App("sqlite").run("random-workload.cjs", { args: [binding], flags });
      const observed = await new App("sqlite").run("random-workload.cjs", {
        args: [binding],
        flags: [...flags, "--require", REGISTER],
        env: receiver.env,
      });
      expect(observed).to.deep.equal(bare);
      const model = JSON.parse(bare.stdout) as Model;
      const summary = (attributes: Readonly<Record<string, unknown>>): string => String(attributes["db.query.summary"]);
      expect(sums("db.client.operation.duration", summary)).to.deep.equal(model.runs);
      expect(
        sums("db.client.operation.duration", (each) => ("error.type" in each ? summary(each) : undefined)),
      ).to.deep.equal(model.errors);
      expect(
        sums(
          "storage.transaction.duration",
          (each) => `${String(each["storage.transaction.mode"])} ${String(each["storage.transaction.outcome"])}`,
        ),
      ).to.deep.equal(model.transactions);
      expect(sums("storage.operation.records", (each) => String(each["disk.io.direction"]))).to.deep.equal({
        read: model.read,
        write: model.written,
      });
    });
  }
});
