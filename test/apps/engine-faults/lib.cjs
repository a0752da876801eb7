// What the programs share: each runs the scenarios that it is given by name (`node program.cjs NAME…`) and writes down
// everything that the application can see of them, to be compared with a run without stratascope.
"use strict";
const { AsyncLocalStorage } = require("node:async_hooks");
const { mkdirSync, rmSync } = require("node:fs");
const { join } = require("node:path");
const { inspect } = require("node:util");

/** Folder of the databases. */
const DATA = join(process.cwd(), `data ${process.env.FAULTS_NAME} ${process.env.FAULTS_DATA}`);

/** Returns the path of a database that does not exist yet. */
function fresh(name) {
  mkdirSync(DATA, { recursive: true });
  const path = join(DATA, name);
  rmSync(path, { recursive: true, force: true });
  return path;
}

/** Returns a text without what differs between two runs: places, addresses, and times. */
const scrubbed = (text) =>
  String(text)
    .replaceAll(DATA, "DATA")
    .replaceAll(process.cwd(), "CWD")
    .replaceAll(/\[External: [0-9a-f]+\]/g, "[External]")
    .replaceAll(/((?:[aA]ddress|averageTransactionTime): )[\d.]+/g, "$1N")
    .replaceAll(/(_cacheId"?: ?)['"]\w+['"]/g, "$1ID")
    .replaceAll(/(_idleStart: |asyncId\): |triggerId\): )\d+/g, "$1N")
    .replaceAll(/_idle(?:Prev|Next): \[\w+\]/g, "_idle")
    .replaceAll(/acquire time \d+ acquiring thread \d+/g, "acquired")
    .replaceAll(/duration: [\d.e-]+/g, "duration: N")
    .replaceAll(/\b1[78]\d{11}\b/g, "TIME");

/** Function of a frame, and its file. */
const placeOf = (frame) => frame?.replace(/:\d+:\d+\)?$/, "");

/** Frames of a stack. Where a function of lmdb calls itself, that is by way of its other copy. */
const framesOf = (stack) =>
  scrubbed(stack)
    .split("\n")
    .filter((line) => line.startsWith("    at "))
    // A callback that is a property of an object has its name, and that of a wrapper has not.
    .map((line) => line.slice(7).replace(/ \[as \w+\]/, ""))
    .filter((frame, i, all) => !(frame.startsWith("open (") && placeOf(frame) === placeOf(all[i - 1])));

/** An error in words: its class, message, code, what it has of its own, its causes, and its stack. */
function described(error, depth = 0) {
  if (!(error instanceof Error)) return `no error: ${shown(error)}`;
  const own = Reflect.ownKeys(error).map(String).join();
  const cause = error.cause === undefined || depth > 3 ? "" : ` because of ${described(error.cause, depth + 1)}`;
  const stack = process.env.FAULTS_STACKS === "0" ? "" : ` at ${framesOf(error.stack).join(" | ")}`;
  return `${error.constructor?.name} ${error.name} ${scrubbed(error.message)} ${String(error.code)} own=${own}${stack}${cause}`;
}

function shown(value) {
  try {
    return scrubbed(inspect(value, { depth: 3, breakLength: Infinity, maxArrayLength: 20, maxStringLength: 5_000 }));
  } catch (error) {
    return `cannot be shown: ${described(error)}`;
  }
}

const say = (text) => process.stdout.write(`${text}\n`);

/** Does something, and writes down its result, or its error. Returns the result. */
async function tell(what, act) {
  try {
    const result = act();
    const value = await result;
    say(`${what}${result === value ? "" : " later"} -> ${shown(value)}`);
    return value;
  } catch (error) {
    say(`${what} !! ${described(error)}`);
    return undefined;
  }
}

/** The methods of a class as an application can look at them. */
const methods = (target) =>
  Reflect.ownKeys(target).map((key) => {
    const { value, get, enumerable, configurable, writable } = Object.getOwnPropertyDescriptor(target, key);
    // A method of a class has no prototype and a native one has what old functions have; a wrapper differs.
    const own =
      typeof value === "function"
        ? Reflect.ownKeys(value)
            .map(String)
            .filter((each) => !["arguments", "caller", "prototype"].includes(each))
        : [];
    return `${String(key)} ${typeof value} ${typeof get} ${enumerable} ${configurable} ${writable} ${value?.name} ${value?.length} ${own.join()}`;
  });

const storage = new AsyncLocalStorage();

/** Runs the scenarios that were asked for, one after the other. */
async function main(scenarios) {
  process.on("unhandledRejection", (error) => say(`unhandled rejection: ${described(error)}`));
  process.on("warning", (warning) => say(`warning: ${described(warning)}`));
  const names = process.argv.slice(2);
  for (const name of names.length === 0 ? Object.keys(scenarios) : names) {
    say(`## ${name}`);
    await storage.run(name, () => tell(name, scenarios[name]));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  say("## end");
}

module.exports = { DATA, fresh, described, shown, say, tell, methods, storage, main, scrubbed };
