import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { App, REGISTER } from "../helpers/app.ts";
import { Receiver } from "../helpers/receiver.ts";
import { ALIKE } from "../helpers/bindings.ts";
import { needs } from "../helpers/drivers.ts";

interface Model {
  readonly runs: Record<string, number>;
  readonly errors: Record<string, number>;
  readonly transactions: Record<string, number>;
  readonly read: number;
  readonly written: number;
  readonly content: string;
}

/**
 * Counts all rollbacks as one: libsql does not tell when an iteration is given up, which is the last success of a transaction,
 * or is not.
 */
function withoutReasons(transactions: Record<string, number>): Record<string, number> {
  const { "deferred error": errors = 0, "deferred rollback": rollbacks = 0, ...others } = transactions;
  return { ...others, rolledBack: errors + rollbacks };
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

  for (const binding of [...ALIKE, "sqlite3"]) {
    it(`is counted exactly, and leaves the same data, with ${binding}`, async function () {
      if (binding === "sqlite3") await needs("sqlite3", this);
      const program = binding === "sqlite3" ? "random-queued.cjs" : "random-workload.cjs";
      receiver.clear();
      const bare = await new App("sqlite").run(program, { args: [binding], flags });
      const observed = await new App("sqlite").run(program, {
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
      const transactions = sums(
        "storage.transaction.duration",
        (each) => `${String(each["storage.transaction.mode"])} ${String(each["storage.transaction.outcome"])}`,
      );
      const told = binding === "libsql" ? withoutReasons : (each: Record<string, number>) => each;
      expect(told(transactions)).to.deep.equal(told(model.transactions));
      expect(sums("storage.operation.records", (each) => String(each["disk.io.direction"]))).to.deep.equal({
        read: model.read,
        write: model.written,
      });
    });
  }
});
