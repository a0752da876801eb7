import { homedir } from "node:os";
import { before, describe, it } from "mocha";
import { App } from "../../helpers/app.ts";
import { emptyDumpFile } from "../../helpers/pglite.ts";
import { runTwice } from "../../helpers/twice.ts";

describe("an application that uses pglite", () => {
  const app = new App("engine-faults");
  let dump: string;

  before(async function () {
    this.timeout(60_000);
    dump = await emptyDumpFile();
  });

  it("sees the same with and without stratascope", async function () {
    this.timeout(120_000);
    const env = { FAULTS_PACKAGE: "@electric-sql/pglite", FAULTS_NAME: "pglite", FAULTS_DUMP: dump, HOME: homedir() };
    await runTwice(app, "pglite.cjs", { args: ["objects", "errors", "contexts", "unhandled", "closing"], env });
  });
});
