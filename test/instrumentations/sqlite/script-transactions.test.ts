import { expect } from "chai";
import { describe, it } from "mocha";
import { parseScript } from "../../../instrumentations/sqlite/sql.ts";
import { walk, type Walk, type WalkedTransaction } from "../../../instrumentations/sqlite/script-transactions.ts";

const follow = (sql: string, isOpen = false): Walk => {
  const { ended, open, autocommits } = walk(parseScript(sql).parts, isOpen);
  return { ended, open, autocommits };
};

// oxlint-disable-next-line max-params -- a row of a table
const transaction = (
  mode: WalkedTransaction["mode"],
  statements: number,
  savepoints: number,
  outcome?: "commit" | "rollback",
): WalkedTransaction =>
  outcome === undefined ? { mode, statements, savepoints } : { mode, statements, savepoints, outcome };

const WRITE = "INSERT INTO t VALUES (1)";

describe("the transactions of a script", () => {
  it("are recognized, with the writes between them", () => {
    const script = `${WRITE}; BEGIN IMMEDIATE; ${WRITE}; SELECT 1; COMMIT; ${WRITE}; SELECT 2;
      BEGIN EXCLUSIVE; ROLLBACK; BEGIN; ${WRITE}; END; DELETE FROM t`;
    expect(follow(script)).to.deep.equal({
      ended: [
        transaction("immediate", 2, 0, "commit"),
        transaction("exclusive", 0, 0, "rollback"),
        transaction("deferred", 1, 0, "commit"),
      ],
      open: undefined,
      autocommits: 3,
    });
  });

  it("begin with one that was open before, whose mode the script does not show", () => {
    expect(follow(`${WRITE}; SAVEPOINT a; COMMIT; BEGIN IMMEDIATE; SELECT 1`, true)).to.deep.equal({
      ended: [transaction(undefined, 1, 1, "commit")],
      open: transaction("immediate", 1, 0),
      autocommits: 0,
    });
  });

  it("do not end with a savepoint that was set before the script", () => {
    expect(follow(`RELEASE a; ${WRITE}`, true).open).to.deep.equal(transaction(undefined, 1, 0));
  });

  it("do not end with a savepoint inside them", () => {
    const inside = `SAVEPOINT a; ${WRITE}; SAVEPOINT b; ${WRITE}; ROLLBACK TO b; RELEASE b; RELEASE a; ${WRITE}`;
    expect(follow(`BEGIN; ${inside}; COMMIT`)).to.deep.equal({
      ended: [transaction("deferred", 3, 2, "commit")],
      open: undefined,
      autocommits: 0,
    });
    expect(follow(inside, true).open).to.deep.equal(transaction(undefined, 3, 2));
  });

  it("begin with a savepoint outside of any", () => {
    expect(follow(`SAVEPOINT a; ${WRITE}; SAVEPOINT b; RELEASE b; ROLLBACK TO a; ${WRITE}`)).to.deep.equal({
      ended: [],
      open: transaction("deferred", 2, 1),
      autocommits: 0,
    });
  });

  it("end when the savepoint is released that began them", () => {
    expect(follow(`SAVEPOINT a; SAVEPOINT b; ${WRITE}; RELEASE A; ${WRITE}; BEGIN; ${WRITE}; COMMIT`)).to.deep.equal({
      ended: [transaction("deferred", 1, 1, "commit"), transaction("deferred", 1, 0, "commit")],
      open: undefined,
      autocommits: 1,
    });
  });

  it("have ended where another begins", () => {
    expect(follow(`${WRITE}; RELEASE a; BEGIN IMMEDIATE; ${WRITE}; COMMIT`, true)).to.deep.equal({
      ended: [transaction(undefined, 1, 0, "commit"), transaction("immediate", 1, 0, "commit")],
      open: undefined,
      autocommits: 0,
    });
  });

  it("are not in the body of a trigger", () => {
    const trigger = "CREATE TRIGGER a AFTER INSERT ON t BEGIN DELETE FROM u; SELECT 1; END";
    expect(follow(`${trigger}; ${WRITE}`)).to.deep.equal({ ended: [], open: undefined, autocommits: 2 });
  });
});
