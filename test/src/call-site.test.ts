import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Attributes } from "@opentelemetry/api";
import { expect } from "chai";
import { before, describe, it } from "mocha";
import { callSite } from "../../src/insights/call-site.ts";
import { eventually } from "../helpers/eventually.ts";
import { temporaryFolder } from "../helpers/temp.ts";

type Find = () => Attributes;
type Run = (find: Find) => Promise<Attributes>;

const FILES = {
  "node_modules/kysely/dist/index.mjs": `
    export async function execute(call) { await null; return inTurn(call); }
    const inTurn = (call) => call();`,
  "node_modules/@mikro-orm/core/index.mjs": `export { execute } from "../../kysely/dist/index.mjs";`,
  "node_modules/product/lib/store.mjs": `
    import { execute } from "../../kysely/dist/index.mjs";
    export async function readAll(find) {
      const rows = await execute(find);
      return rows;
    }`,
  "app.mjs": `
    import { execute } from "./node_modules/kysely/dist/index.mjs";
    import { readAll } from "./node_modules/product/lib/store.mjs";
    export async function ofTheApplication(find) {
      const rows = await execute(find);
      return rows;
    }
    export async function byAProduct(find) { return await readAll(find); }`,
};

describe("the call site of a finding", () => {
  const folder = temporaryFolder();
  before(() => {
    for (const [name, text] of Object.entries(FILES)) {
      mkdirSync(join(folder, name, ".."), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
  });

  /** Runs a function of a file from where nothing of this test is on the stack. */
  async function find(file: string, name: string): Promise<Attributes> {
    const exported = (await import(pathToFileURL(join(folder, file)).href)) as Record<string, Run>;
    const found: Attributes[] = [];
    setTimeout(() => {
      const run = exported[name]!(callSite);
      run.then(
        (each) => found.push(each),
        () => {},
      );
    }, 1);
    await eventually(() => found.length > 0, { every: 1 });
    return found[0]!;
  }

  it("is in the application after an await of a query builder", async () => {
    expect(await find("app.mjs", "ofTheApplication")).to.deep.equal({
      "code.file.path": "app.mjs",
      "code.line.number": 5,
      "code.function.name": "ofTheApplication",
    });
  });

  it("is in the application if a package makes the call", async () => {
    expect(await find("app.mjs", "byAProduct")).to.include({ "code.function.name": "byAProduct" });
  });

  it("is in a product that is a package itself if no application code is in the stack", async () => {
    expect(await find("node_modules/product/lib/store.mjs", "readAll")).to.deep.equal({
      "code.file.path": "product/lib/store.mjs",
      "code.line.number": 4,
      "code.function.name": "readAll",
    });
  });

  it("is absent if the stack has only a query builder and stratascope", async () => {
    expect(await find("node_modules/kysely/dist/index.mjs", "execute")).to.deep.equal({});
  });

  it("does not change the settings of stack traces", () => {
    const { prepareStackTrace, stackTraceLimit } = Error;
    callSite();
    expect(Error.prepareStackTrace).to.equal(prepareStackTrace);
    expect(Error.stackTraceLimit).to.equal(stackTraceLimit);
  });
});
