// What the programs share that do random things by a seed and write down what comes of it. Run as
// `node program.cjs FROM TO`, they write a line for each seed: a hash of its events, or all of them with FUZZ_EVENTS=1.
"use strict";
const { createHash } = require("node:crypto");
const { mkdtempSync, rmSync, writeSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { inspect } = require("node:util");

const folder = mkdtempSync(join(tmpdir(), "stratascope-fuzz-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

/** Random choices that are the same for the same seed: mulberry32. */
class Chance {
  constructor(seed) {
    this.state = seed;
  }

  /** A number from 0 to 1. */
  number() {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit) {
    return Math.floor(this.number() * limit);
  }

  is(probability) {
    return this.number() < probability;
  }

  one(values) {
    return values[this.below(values.length)];
  }

  several(limit, make) {
    return Array.from({ length: this.below(limit) }, make);
  }
}

/** A text without what differs between two runs. */
const scrubbed = (text) =>
  String(text)
    .replaceAll(folder, "FOLDER")
    .replace(/vacuum_[0-9a-f]+/g, "vacuum_ID");

/** A value in words. */
function shown(value) {
  if (value instanceof Promise) return "a promise";
  try {
    return scrubbed(inspect(value, { depth: 4, breakLength: Infinity, maxArrayLength: 20, maxStringLength: 200 }));
  } catch (error) {
    return `cannot be shown: ${typeof error}`;
  }
}

/** The frames of a stack that are the application's, without places. */
function framesOf(error) {
  if (typeof error?.stack !== "string") return "";
  const frames = scrubbed(error.stack)
    .split("\n")
    .filter((line) => line.startsWith("    at ") && !/\/dist\/(?:src|instrumentations)\//.test(line));
  return frames
    .slice(0, 5)
    .map((line) => line.replace(/:\d+:\d+\)?$/, ""))
    .join("|");
}

/** An error in words: its class, name, message, code, what it has of its own, and the frames of its stack. */
function described(error) {
  try {
    const own = typeof error === "object" && error !== null ? Reflect.ownKeys(error).map(String).join() : "";
    const class_ = `${Object.prototype.toString.call(error)} ${error?.constructor?.name}`;
    const words = `${error?.name}: ${scrubbed(error?.message)} ${String(error?.code)} ${error?.errcode}`;
    return `${class_} ${words} own=${own} ${framesOf(error)}`;
  } catch {
    return `an error that cannot be described: ${typeof error}`;
  }
}

/** Tells the attributes of what an object has, without its values. */
function descriptors(object) {
  return Reflect.ownKeys(object).map((key) => {
    const { value, enumerable, configurable, writable } = Object.getOwnPropertyDescriptor(object, key);
    return `${String(key)}:${typeof value} ${enumerable} ${configurable} ${writable} ${value?.name} ${value?.length}`;
  });
}

/** Ways to fail that are not those of errors as they should be. */
const THROWN = [
  new Error("plain"),
  "a text",
  null,
  undefined,
  42,
  Object.freeze({ a: 1 }),
  Symbol("s"),
  new TypeError("with cause", { cause: 1 }),
  Object.create(null),
];
const THROWERS = THROWN.map((thrown) => () => {
  throw thrown;
});

/** Makes a function that does one thing and writes down what came of it. */
const recorder = (log) =>
  function tried(what, act) {
    try {
      const result = act();
      log(`${what} -> ${shown(result)}`);
      return result;
    } catch (error) {
      log(`${what} !! ${described(error)}`);
      return undefined;
    }
  };

/** How often some things are done for each time that others are. */
const OFTEN = { run: 10, prepare: 4, exec: 3, read: 2, iterator: 2 };

/** Does some of many things, one after the other, each once those before have come to their end. */
async function doSome(chance, acts, pending) {
  const names = Object.keys(acts).flatMap((name) => Array.from({ length: OFTEN[name] ?? 1 }, () => name));
  for (let i = chance.below(40) + 20; i > 0; i--) {
    acts[chance.one(names)]();
    await Promise.all(pending);
  }
}

/** Runs all seeds that were asked for. @param run one of them, given its chance and where to write events */
async function runSeeds(run) {
  const [from, to] = process.argv.slice(2).map(Number);
  process.on("unhandledRejection", (error) => console.log(`unhandled ${described(error)}`));
  for (let seed = from; seed < to; seed++) {
    const events = [];
    const log = (event) => {
      events.push(event);
      if (process.env.FUZZ_EVENTS) writeSync(1, `${seed} ${event}\n`);
    };
    await run(new Chance(seed), log, seed);
    writeSync(1, `${seed} ${createHash("sha1").update(events.join("\n")).digest("hex")} ${events.length}\n`);
  }
}

module.exports = { folder, shown, scrubbed, described, descriptors, THROWERS, recorder, doSome, runSeeds };
