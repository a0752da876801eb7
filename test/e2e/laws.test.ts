import { readFileSync } from "node:fs";
import { expect } from "chai";
import { describe, it } from "mocha";
import { App, REGISTER, type RunningApp } from "../helpers/app.ts";
import { nodeOf } from "../helpers/nodes.ts";
import { scrape } from "../helpers/scrape.ts";
import { ALIKE, BINDINGS } from "../helpers/bindings.ts";
import { needs } from "../helpers/drivers.ts";

const FLAGS = ["--disable-warning=ExperimentalWarning"];
const OBSERVED = [...FLAGS, "--require", REGISTER];

const ENV = { OTEL_METRICS_EXPORTER: "prometheus", OTEL_EXPORTER_PROMETHEUS_PORT: "0", OTEL_LOG_LEVEL: "info" };

/** The locks a process holds on files, as the kernel has them: kind and range. */
function locksOf({ process: { pid } }: RunningApp): string[] {
  const lines = readFileSync("/proc/locks", "utf8").split("\n");
  const own = lines.map((line) => line.trim().split(/\s+/)).filter((fields) => fields[4] === String(pid));
  return own.map((fields) => [fields[1], fields[3], fields[6], fields[7]].join(" ")).sort();
}

describe("the locks of a database", () => {
  for (const binding of [...ALIKE, "sqlite3"]) {
    it(`are the same as unobserved, however often metrics are collected, with ${binding}`, async function () {
      if (binding === "sqlite3") await needs("sqlite3", this);
      const program = binding === "sqlite3" ? "lock-holder-queued.cjs" : "lock-holder.cjs";
      const app = new App("sqlite");
      const args = [binding];
      const bare = new App("sqlite").start(program, { args, flags: FLAGS });
      const observed = app.start(program, { args, flags: OBSERVED, env: ENV });
      const [, url] = await observed.says(/metrics on (\S+)/);
      for (const each of [bare, observed]) await each.says(/holds its locks/);
      for (let i = 0; i < 5; i++) await scrape(url!);

      expect(locksOf(bare)).not.to.deep.equal([]);
      expect(locksOf(observed)).to.deep.equal(locksOf(bare));
      const { stdout } = await app.run("lock-intruder.cjs", { args: ["better-sqlite3"], flags: FLAGS });
      expect(stdout).to.equal("journal.db database is locked\nwal.db database is locked\n");
      for (const each of [bare, observed]) each.process.stdin!.end();
      await Promise.all([bare.ended, observed.ended]);
    });
  }
});

const WAYS_TO_LISTEN = ["a log of statements", "an authorizer", "the channel of Node.js"];

describe("an application that listens to its statements", () => {
  const node = nodeOf("26.10.0");
  for (const way of WAYS_TO_LISTEN) {
    it(`sees no query of stratascope: ${way}`, async () => {
      const outputs = [FLAGS, OBSERVED].map(async (flags) => {
        const { stdout } = await new App("sqlite").run("listening.cjs", { node, args: [way], flags, env: ENV });
        // VACUUM gives its copy a name of chance.
        return stdout.replace(/vacuum_[0-9a-f]+/g, "vacuum");
      });
      const [bare, observed] = await Promise.all(outputs);
      expect(bare).to.match(/MATCH|match/);
      expect(observed).to.equal(bare);
    });
  }
});

describe("memory", () => {
  for (const binding of BINDINGS) {
    it(`does not grow over a million runs of ten thousand texts, with ${binding}`, async () => {
      const app = new App("sqlite");
      const growth = async (flags: readonly string[]): Promise<number> =>
        Number((await app.run("many-texts.cjs", { args: [binding], flags: ["--expose-gc", ...flags] })).stdout);
      // better-sqlite3 keeps 56 bytes of each statement by itself.
      const bare = await growth(FLAGS);
      expect(await growth(OBSERVED), `${bare.toFixed(1)} MiB without us`).to.be.lessThan(bare + 1);
    });
  }
});
