import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { unguardedIn } from "../checks/unguarded.ts";

const ROOT = join(import.meta.dirname, "../..");

/** What the guard is made of. */
const BELOW = new Set(["src/runtime/guard.ts", "src/runtime/stderr.ts"]);

/** Runs in a process of its own. */
const TOOL = "src/cli.ts";

const UNGUARDED: Readonly<Record<string, string>> = {
  "a listener": `emitter.on("error", (error) => fail(error));`,
  "a listener that is a method": `emitter.prependOnceListener("x", this.listener);`,
  "a listener that is a parameter": `const listen = (listener) => process.on("exit", listener);`,
  "a timer": `const timer = setTimeout(() => this.look(), 5).unref();`,
  "a named function": `const look = () => { work(); }; queueMicrotask(look);`,
  "a channel": `channel.subscribe(ended);`,
  "a finalizer": `const registry = new FinalizationRegistry((each) => each.close());`,
  "a hook": `registerHooks({ load: (url) => url });`,
  "a server": `createServer(OPTIONS, answer);`,
  "the answer to a request": `const sent = request(url, {}, (response) => response.resume());`,
  "a handler in a property": `port.onmessage = () => take();`,
};

describe("our callbacks", () => {
  for (const [name, text] of Object.entries(UNGUARDED))
    it(`are found without a guard: ${name}`, () => expect(unguardedIn("x.ts", text)).to.have.length(1));

  it("are accepted with a guard, inline or before, and if they cannot fail", () => {
    const text = `
      class Look { #look = guard.callback(() => work()); start() { setInterval(this.#look, 5); } }
      const look = guard.callback(() => work());
      setInterval(look, 5);
      socket.on("data", guard.whileEnabled((text) => take(text))).on("end", () => guard.attempt(() => end())).on("error", () => {}).on("close", resolve);
      new FinalizationRegistry(guard.callback((each) => each.close()));
      cache.get(key);`;
    expect(unguardedIn("x.ts", text)).to.deep.equal([]);
  });

  it("all go through a guard", () => {
    const files = globSync(["src/**/*.ts", "instrumentations/**/*.ts"], { cwd: ROOT });
    const found = files
      .filter((file) => !file.endsWith("/example.ts") && !BELOW.has(file) && file !== TOOL)
      .flatMap((file) => unguardedIn(file, readFileSync(join(ROOT, file), "utf8")));
    expect(found).to.deep.equal([]);
  });
});
