import { expect } from "chai";
import { before, describe, it } from "mocha";
import { canHookEsModules } from "../../../src/boot/es-modules.ts";
import { App } from "../../helpers/app.ts";
import { compileHnswlib } from "../../helpers/hnswlib.ts";
import { nodeOf, SUPPORTED } from "../../helpers/nodes.ts";
import { receiving } from "../../helpers/receiver.ts";

/** What the program counts itself. */
interface Done {
  readonly searches: number;
  readonly results: number;
  readonly add: number;
  readonly replace: number;
  readonly remove: number;
  readonly discard: number;
}

const ENGINES = ["minisearch", "orama", "flexsearch", "usearch", "hnswlib-node"];

describe("an application with indexes in memory", () => {
  const receiver = receiving();
  let app: App;

  before(function () {
    this.timeout(600_000);
    compileHnswlib();
    app = new App("indexes");
  });

  for (const version of SUPPORTED)
    for (const engine of ENGINES)
      for (const how of ["import", "require"])
        it(`finds the same, and has it counted exactly: ${how} ${engine}, Node.js ${version}`, async function () {
          if (how === "import" && engine !== "hnswlib-node" && !canHookEsModules(version)) this.skip();
          if (engine === "hnswlib-node" && !compileHnswlib()) this.skip();
          const options = { node: nodeOf(version), args: [engine, how] };
          const bare = await app.run("workload.mjs", { ...options, flags: [] });
          const observed = await app.run("workload.mjs", { ...options, env: receiver.env });
          expect(bare.code, bare.stderr).to.equal(0);
          expect(observed.stdout, observed.stderr).to.equal(bare.stdout);
          expect(counted()).to.deep.equal(JSON.parse(bare.stdout.split("\n")[1]!) as Done);
          expect(JSON.stringify([receiver.metrics, receiver.spans, receiver.logs])).to.not.match(/marked(?:word|page)/);
        });

  /** Returns the same numbers by our metrics. */
  function counted(): Done {
    const points = (name: string): readonly { readonly count?: unknown; readonly sum?: number }[] =>
      receiver.latest.get(name)?.points ?? [];
    const results = points("storage.search.results");
    const updates = receiver.latest.get("storage.search.index.updates")?.points ?? [];
    const changed = (type: string): number =>
      updates
        .filter(({ attributes }) => attributes["storage.search.update.type"] === type)
        .reduce((sum, { asInt }) => sum + Number(asInt), 0);
    return {
      searches: results.reduce((sum, { count }) => sum + Number(count), 0),
      results: results.reduce((total, { sum }) => total + Number(sum), 0),
      add: changed("add"),
      replace: changed("replace"),
      remove: changed("remove"),
      discard: changed("discard"),
    };
  }
});
