import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import Database from "better-sqlite3";
import { expect } from "chai";
import { describe, it } from "mocha";
import { describeError, noMessage, privateMessage } from "../../../src/runtime/describe-error.ts";

function thrownBy(code: () => unknown): Error {
  try {
    code();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

const stackOf = (error: unknown, policy = privateMessage): string =>
  String(describeError(error, policy)["exception.stacktrace"]);

describe("the description of an error", () => {
  it("has its code, class, message and stack, without the path of the application", () => {
    const error = Object.assign(new TypeError("broken"), { code: "E_BROKEN" });
    const { "exception.stacktrace": stack, ...rest } = describeError(error);
    expect(rest).to.deep.equal({
      "error.type": "E_BROKEN",
      "exception.type": "TypeError",
      "exception.message": "broken",
    });
    expect(stack).to.match(/^TypeError: broken\n {4}at .*\(?test\/src\/runtime\/describe-error\.test\.ts:\d+:\d+\)?\n/);
    expect(stack).to.match(/\(node_modules\/mocha\//);
    expect(stack).not.to.contain(process.cwd());
    expect(stack).not.to.contain("file:");
  });

  it("names the class of an error that has no name of its own", () => {
    class OutOfPaper extends Error {}
    expect(describeError(new OutOfPaper("empty"))["exception.type"]).to.equal("OutOfPaper");
  });

  it("includes its causes, each once and limited in depth", () => {
    const inner = new Error("inner");
    const outer = new AggregateError([inner, new RangeError("other")], "outer", { cause: inner });
    inner.cause = outer;
    const heads = stackOf(outer)
      .split("\n")
      .filter((line) => !line.startsWith("    at "));
    expect(heads).to.deep.equal(["AggregateError: outer", "Caused by: Error: inner", "Caused by: RangeError: other"]);
    let deep = new Error("0");
    for (let i = 1; i <= 100; i++) deep = new Error(String(i), { cause: deep });
    expect(stackOf(deep).match(/Caused by/g)).to.have.length(5);
  });

  it("has at most sixteen thousand characters", () => {
    expect(stackOf(new Error("x".repeat(100_000)))).to.have.length(16_384);
  });

  it("supports errors of another realm, and values that are not errors", () => {
    expect(describeError(runInNewContext("new RangeError('there')"))).to.include({ "exception.type": "RangeError" });
    expect(describeError("text")).to.include({ "exception.type": "string", "exception.message": "text" });
    expect(describeError(undefined)).to.include({ "exception.type": "undefined", "exception.message": "undefined" });
    expect(describeError({ secret: "S3CRET" })).to.deep.equal({
      "error.type": "_OTHER",
      "exception.type": "object",
      "exception.message": undefined,
    });
  });

  it("exists even if the error cannot be read", () => {
    const hostile = new Proxy(new Error("no"), {
      get() {
        throw new Error("again no");
      },
    });
    expect(describeError(hostile)).to.deep.equal({ "error.type": "_OTHER", "exception.type": "_OTHER" });
  });

  it("has no paths in messages of errors that the application did not log", () => {
    const messageOf = (error: Error): unknown => describeError(error, privateMessage)["exception.message"];
    const missing = thrownBy(() => readFileSync(join(homedir(), "a folder/secret.txt")));
    expect(messageOf(missing)).to.equal("ENOENT: no such file or directory, open 'secret.txt'");
    expect(messageOf(new Error(`no ${join(process.cwd(), "src/missing.ts")}: gone`))).to.equal(
      "no src/missing.ts: gone",
    );
    expect(messageOf(new Error("at file:///home/me/app/x.mjs, and C:\\Users\\me\\y.txt"))).to.match(/^at x\.mjs, and /);
    expect(messageOf(new Error("GET http://localhost:1/a/b failed"))).to.equal("GET http://localhost:1/a/b failed");
  });

  it("has no stored values", () => {
    const db = new Database(":memory:");
    const error = thrownBy(() => db.exec("SELECT * FROM t WHERE a = 'S3CRET"));
    expect(error.message).to.contain("S3CRET");
    const wrapped = new Error("could not save", { cause: error });
    expect(JSON.stringify(describeError(error, privateMessage))).not.to.contain("S3CRET");
    expect(JSON.stringify(describeError(wrapped, privateMessage))).not.to.contain("S3CRET");
    expect(stackOf(wrapped)).to.match(/^Error: could not save\n[^]*\nCaused by: SqliteError\n/);
    expect(JSON.stringify(describeError(new Error("S3CRET"), noMessage))).not.to.contain("S3CRET");
  });
});
