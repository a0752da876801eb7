import { expect } from "chai";
import { messageText, plainValue } from "../../../src/input/plain-value.ts";

/** Runs code so often that it takes long enough to be compared. @returns milliseconds of the fastest of several runs */
function fastest(code: () => unknown): number {
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    code();
    return performance.now() - start;
  });
  return Math.min(...times);
}

describe("a value of a log record", () => {
  it("equals its JSON if that is possible", () => {
    const value = {
      a: [1, "x", null, undefined, true],
      at: new Date(0),
      none: undefined,
      run: () => 1,
      deep: { b: 2 },
    };
    expect(plainValue(value)).to.deep.equal(JSON.parse(JSON.stringify(value)));
  });

  it("replaces values that cannot be written, and keeps the rest", () => {
    const circular: Record<string, unknown> = { kept: 1 };
    circular["self"] = circular;
    const throwing = {
      kept: 1,
      get bad(): never {
        throw new Error("no");
      },
    };
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const json = {
      toJSON: () => {
        throw new Error("no");
      },
    };
    expect(plainValue(circular)).to.deep.equal({ kept: 1, self: "[circular]" });
    expect(plainValue(throwing)).to.deep.equal({ kept: 1, bad: "[unreadable]" });
    expect(plainValue({ a: revoked.proxy, b: json, c: 1 })).to.deep.equal({
      a: "[unreadable]",
      b: "[unreadable]",
      c: 1,
    });
    expect(plainValue({ a: 5n, b: Symbol("s"), c: 10n ** 2_000n })).to.deep.equal({
      a: "5",
      b: "Symbol(s)",
      c: "[cut]",
    });
    expect(plainValue(Buffer.from("secret"))).to.equal("[6 bytes]");
  });

  it("treats `__proto__` and `constructor` like any other name", () => {
    const copied = plainValue(JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2}')) as Record<
      string,
      unknown
    >;
    expect(Object.keys(copied)).to.have.members(["__proto__", "constructor"]);
    expect(copied["polluted"]).to.equal(undefined);
  });

  it("is cut if it is deep, wide, long, or repeats an object", () => {
    let deep: unknown = "bottom";
    for (let i = 0; i < 100_000; i++) deep = [deep];
    let shared: unknown = ["leaf"];
    for (let i = 0; i < 60; i++) shared = [shared, shared];
    for (const value of [
      deep,
      Array.from({ length: 1e6 }, (_, i) => i),
      "x".repeat(1e7),
      shared,
      Object.assign([], { length: 4e9 }),
    ]) {
      expect(JSON.stringify(plainValue(value)).length).to.be.below(300_000);
    }
    expect(plainValue({ a: "x".repeat(1e6), b: 1 })).to.have.keys("a", "[cut]");
  });

  it("takes no longer if it is larger than the limit", () => {
    const list = (length: number): unknown[] => Array.from({ length }, (_, i) => ({ i, text: "some text" }));
    const [long, longer] = [list(20_000), list(200_000)];
    expect(fastest(() => plainValue(longer))).to.be.below(5 * fastest(() => plainValue(long)) + 1);
  });

  it("is a message, if it is of any type", () => {
    const odd = [Object.create(null), Symbol("s"), { a: 1 }, undefined, null, 5n, () => 1];
    expect(odd.map(messageText)).to.deep.equal(["{}", "Symbol(s)", '{"a":1}', "undefined", "null", "5", "undefined"]);
  });
});
