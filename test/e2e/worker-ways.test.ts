import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import { describe, it } from "mocha";
import { App, REGISTER, type Ended } from "../helpers/app.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { receiving } from "../helpers/receiver.ts";

/** How an application is started with us: options of Node.js, and those in the environment. */
type Start = (file: string) => { readonly flags: string[]; readonly options?: string };
const STARTS: Readonly<Record<string, Start>> = {
  "--require": (file) => ({ flags: ["--require", file] }),
  "--import": (file) => ({ flags: ["--import", pathToFileURL(file).href] }),
  "NODE_OPTIONS --require": (file) => ({ flags: [], options: `--require=${file}` }),
  "NODE_OPTIONS --import": (file) => ({ flags: [], options: `--import=${pathToFileURL(file).href}` }),
};

describe("workers started in all ways", () => {
  const receiver = receiving();
  const app = new App("workers");
  /** Stands in for us where we are not there, so that the options are as many. */
  const nothing = join(app.folder, "nothing.cjs");

  async function run(version: string, start: Start, file: string): Promise<Ended> {
    const { flags, options } = start(file);
    const env = { ...receiver.env, ...(options !== undefined && { NODE_OPTIONS: options }) };
    const warnings = "--disable-warning=ExperimentalWarning";
    const ended = await app.run("ways.cjs", { node: nodeOf(version), flags: [warnings, ...flags], env });
    return {
      ...ended,
      stdout: ended.stdout.replaceAll(file, "FILE"),
      stderr: ended.stderr.replace(/\(node:\d+\)/g, "(node)"),
    };
  }

  for (const version of SUPPORTED) {
    for (const [name, start] of Object.entries(STARTS)) {
      it(`are observed without side effects: ${name}, Node.js ${version}`, async () => {
        const bare = await run(version, start, nothing);
        expect(await run(version, start, join(REGISTER, "index.js"))).to.deep.equal(bare);
        expect(bare.stdout).to.contain("ERR_WORKER_PATH");
        const points = receiver.latest.get("db.client.operation.duration")?.points ?? [];
        const inserts = points.filter(({ attributes }) => attributes["db.operation.name"] === "INSERT");
        expect(inserts.reduce((sum, { count }) => sum + Number(count), 0)).to.equal(16 * 5);
      });
    }
  }
});
