import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { App } from "../helpers/app.ts";
import { freePort } from "../../collector-config/stack/ports.ts";
import { otlpTo } from "../helpers/receiver.ts";
import { temporaryFolder } from "../helpers/temp.ts";

/** What marks a value that may not leave the process. */
const SECRET = "S3CRET";

/** Ends of the application in `private.cjs`, and whether there is a record of that. */
const ENDS: Readonly<Record<string, boolean>> = {
  "returns normally": false,
  "throws what an engine threw": true,
  "throws what an engine caused": true,
  "throws what a file system threw": true,
  "throws what has properties": true,
  "rejects with an object": true,
};

/** All that a process has to say to a Collector, which it finds none of and so leaves in a file. */
function spooledIn(folder: string): string {
  return readdirSync(folder)
    .filter((name) => !name.endsWith(".key"))
    .flatMap((name) => readFileSync(join(folder, name), "utf8").trim().split("\n"))
    .map((line) => JSON.parse(line) as { readonly signal: string; readonly body: string })
    .filter(({ signal }) => signal === "logs")
    .map(({ body }) => Buffer.from(body, "base64").toString())
    .join("\n");
}

describe("data that the application has not logged", () => {
  for (const [how, isError] of Object.entries(ENDS)) {
    it(`is in no record, in lines or over OTLP, nor where it lies on the machine, when it ${how}`, async () => {
      const app = new App("logs");
      const spool = join(temporaryFolder(), "spool");
      const { stdout } = await app.run("private.cjs", {
        args: [how],
        env: {
          ...otlpTo(`http://127.0.0.1:${await freePort()}`),
          OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
          STRATASCOPE_SPOOL_FOLDER: spool,
          STRATASCOPE_LOG_REQUESTS: "true",
          STRATASCOPE_LOG_LIBRARIES: "otlp",
        },
      });
      const records = spooledIn(spool);
      for (const text of [stdout, records]) {
        expect(text).to.contain("of the application").and.to.contain("in a request").and.to.contain("private.cjs");
        if (isError) expect(text).to.contain("process.error.unhandled");
        expect(text).not.to.contain(SECRET);
        expect(text).not.to.contain(app.folder);
      }
    });
  }
});
