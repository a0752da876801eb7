import { expect } from "chai";
import { before, describe, it } from "mocha";
import { canHookEsModules } from "../../../src/boot/es-modules.ts";
import { App } from "../../helpers/app.ts";
import { needs } from "../../helpers/drivers.ts";
import { nodeOf, SUPPORTED } from "../../helpers/nodes.ts";
import { receiving, type ReceivedPoint } from "../../helpers/receiver.ts";

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

  before(() => {
    app = new App("indexes");
  });

  for (const version of SUPPORTED)
    for (const engine of ENGINES)
      for (const how of ["import", "require"])
        it(`finds the same, and has it counted exactly: ${how} ${engine}, Node.js ${version}`, async function () {
          if (how === "import" && engine !== "hnswlib-node" && !canHookEsModules(version)) this.skip();
          if (engine === "hnswlib-node") await needs(engine, this);
          const options = { node: nodeOf(version), args: [engine, how] };
          const bare = await app.run("workload.mjs", { ...options, flags: [] });
          const observed = await app.run("workload.mjs", { ...options, env: receiver.env });
          expect(bare.code, bare.stderr).to.equal(0);
          expect(observed.stdout, observed.stderr).to.equal(bare.stdout);
          expect(counted()).to.deep.equal(JSON.parse(bare.stdout.split("\n")[1]!) as Done);
          expect(JSON.stringify([receiver.metrics, receiver.spans, receiver.logs])).to.not.match(/marked(?:word|page)/);
        });

  it("has calls counted once whose parts run later, and is told of rejections that it does not handle", async function () {
    if (!canHookEsModules()) this.skip();
    const bare = await app.run("hooks.mjs", { flags: [] });
    const observed = await app.run("hooks.mjs", { env: receiver.env });
    expect(bare.stdout.match(/unhandled/g)).to.have.length(4);
    expect(observed.stdout, observed.stderr).to.equal(bare.stdout);
    const operations = receiver.latest.get("db.client.operation.duration")!.points;
    const runs = operations
      .filter(({ attributes }) => attributes["db.namespace"] === "hooked" && !("error.type" in attributes))
      .map(({ attributes, count }) => [attributes["db.operation.name"], Number(count)] as const)
      .filter(([, count]) => count > 0);
    expect(Object.fromEntries(runs)).to.deep.equal({
      insertMultiple: 1,
      update: 1,
      upsert: 2,
      upsertMultiple: 1,
      remove: 1,
      search: 1,
    });
    const hooked = counted("hooked");
    expect(hooked).to.include({ add: 22, replace: 4, remove: 1, searches: 1, results: 4 });
  });

  /** Returns the same numbers by our metrics. */
  function counted(namespace?: string): Done {
    const points = (name: string): ReceivedPoint[] =>
      (receiver.latest.get(name)?.points ?? []).filter(
        ({ attributes }) => namespace === undefined || attributes["db.namespace"] === namespace,
      );
    const results = points("storage.search.results");
    const updates = points("storage.search.index.updates");
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
