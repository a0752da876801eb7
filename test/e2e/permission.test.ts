import { realpathSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { App, REGISTER, ROOT } from "../helpers/app.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { receiving } from "../helpers/receiver.ts";

describe("an application that is not permitted everything", () => {
  const receiver = receiving();
  const app = new App("permission");
  const readable = [ROOT, realpathSync(app.folder), realpathSync(join(ROOT, "node_modules"))];
  const permitted = ["--permission", ...readable.map((path) => `--allow-fs-read=${path}`)];

  for (const version of SUPPORTED) {
    it(`runs, and a log line names what the missing permission disables, on Node.js ${version}`, async () => {
      const flags = [...permitted, "--no-warnings", "--require", REGISTER];
      const env = { ...receiver.env, OTEL_METRICS_EXPORTER: "otlp,prometheus", OTEL_EXPORTER_PROMETHEUS_PORT: "0" };
      const { code, stdout, stderr } = await app.run("app.cjs", { node: nodeOf(version), flags, env });
      expect({ code, stdout }).to.deep.equal({ code: 0, stdout: "done\n" });
      expect(stderr).not.to.contain("collection errors");
      const hasNetwork = !version.startsWith("26");
      expect(/no metrics on .*: Node.js was started with --permission and without --allow-net\n/.test(stderr)).to.equal(
        !hasNetwork,
      );
      expect(receiver.latest.has("db.client.operation.duration")).to.equal(hasNetwork);
    });
  }
});
