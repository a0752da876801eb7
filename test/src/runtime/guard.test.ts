import { setTimeout as wait } from "node:timers/promises";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { ATTR_STORAGE_DRIVER_NAME, METRIC_STORAGE_INSTRUMENTATION_ERRORS } from "../../../semconv/index.ts";
import { Guard } from "../../../src/runtime/guard.ts";
import { printThrough, setSelfLogLevel } from "../../../src/runtime/self-log.ts";
import { metricRegistry } from "../../../src/metrics/registry.ts";

/** Failures that switch a part off. */
const MANY = 100;

const throwing = (): never => {
  throw new Error("do not ask");
};
const everyTrap = { get: throwing, getPrototypeOf: throwing, ownKeys: throwing, has: throwing };

/** What code can throw, and what is to be read of it. */
const THROWN: Readonly<Record<string, readonly [thrown: unknown, text: RegExp]>> = {
  "an error": [new TypeError("wrong"), /: TypeError: wrong; at /],
  "a text": ["a text", /: a text$/],
  nothing: [undefined, /: undefined$/],
  null: [null, /: null$/],
  "a symbol": [Symbol("odd"), /: Symbol\(odd\)$/],
  "an object without a prototype": [Object.create(null), /: Error: $/],
  "a proxy whose traps all throw": [new Proxy({}, everyTrap), /cannot be read$/],
  "an error whose stack throws": [Object.defineProperty(new Error("x"), "stack", { get: throwing }), /: Error: x$/],
  "an error whose message is no text": [
    Object.assign(new Error("x"), { message: { toString: throwing } }),
    /: Error: $/,
  ],
  "an error with a message of 10 MB": [new Error("x".repeat(10_000_000)), /: Error: x{200}/],
};

describe("Guard", () => {
  const lines: string[] = [];
  let printAgain: () => void;

  beforeEach(() => {
    setSelfLogLevel("warn");
    printAgain = printThrough((line) => lines.push(line));
  });

  afterEach(() => {
    setSelfLogLevel("none");
    printAgain();
    lines.length = 0;
  });

  const failuresOf = (part: string): number =>
    metricRegistry.instrument(METRIC_STORAGE_INSTRUMENTATION_ERRORS).bind({ [ATTR_STORAGE_DRIVER_NAME]: part }).value;

  for (const [name, [thrown, text]] of Object.entries(THROWN)) {
    it(`counts and logs ${name}`, () => {
      const guard = new Guard(name);
      const fail = guard.callback(() => {
        throw thrown;
      });
      fail();
      fail();
      expect(failuresOf(name)).to.equal(2);
      expect(guard.enabled).to.equal(true);
      expect(lines).to.have.length(1);
      expect(lines[0]).to.match(text).and.have.length.below(4_000);
    });
  }

  it("handles the promise that a callback returns, and one that is not awaited", async () => {
    const guard = new Guard("promises");
    guard.callback(async () => throwing())();
    guard.watch(Promise.reject(new Error("rejected")));
    await wait(1);
    expect(failuresOf("promises")).to.equal(2);
  });

  it("skips one call for one failure, and switches the part off after many", () => {
    const guard = new Guard("often");
    let calls = 0;
    const work = guard.whileEnabled(() => {
      calls++;
      throw new Error("again");
    });
    for (let i = 0; i < 2 * MANY; i++) work();
    expect(calls).to.equal(MANY);
    expect(guard.enabled).to.equal(false);
    expect(lines.map((line) => line.replace(/: Error.*/, ""))).to.deep.equal([
      "stratascope: [often] failed, which leaves this one call unobserved; the application is not affected",
      "stratascope: [often] failed 100 times within a minute and is off for 30 s; the application is not affected, and it is tried again from time to time",
    ]);
    expect(guard.attempt(() => "what has to be done")).to.equal("what has to be done");
  });

  it("is tried again after a pause, which doubles, unless the application switched it off", () => {
    const timers: { readonly milliseconds: number; readonly done: () => void }[] = [];
    const { setTimeout: real } = globalThis;
    globalThis.setTimeout = ((done: () => void, milliseconds: number) => {
      timers.push({ milliseconds, done });
      return { unref() {} };
    }) as never;
    try {
      const guard = new Guard("again");
      const failOften = (): void => {
        for (let i = 0; i < MANY; i++) guard.failed("again");
      };
      for (let i = 0; i < 9; i++) {
        failOften();
        expect(guard.enabled).to.equal(false);
        timers[i]!.done();
        expect(guard.enabled).to.equal(true);
      }
      expect(timers.map(({ milliseconds }) => milliseconds / 1000)).to.deep.equal([
        30, 60, 120, 240, 480, 960, 1920, 3600, 3600,
      ]);
      expect(lines).to.have.length(2);
      failOften();
      guard.disable();
      timers[9]!.done();
      expect(guard.enabled).to.equal(false);
    } finally {
      globalThis.setTimeout = real;
    }
  });
});
