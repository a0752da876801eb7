import { expect } from "chai";
import { describe, it } from "mocha";
import { App, REGISTER } from "../helpers/app.ts";
import { linesOf } from "../helpers/logged.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";

describe("a request handler that leaves references behind", () => {
  for (const version of SUPPORTED) {
    it(`retains neither request nor response, and its log records have their fields: ${version}`, async () => {
      const flags = ["--expose-gc", "--require", REGISTER];
      const ended = await new App("http").run("left-behind.cjs", { node: nodeOf(version), flags });
      expect(ended.stdout).to.match(/^living $/m);
      const [late] = linesOf(ended);
      expect(late).to.include({ message: "late", route: "/timer", ip: "192.0.2.7", correlation_id: "of-timer" });
      expect(ended).to.include({ code: 0, stderr: "" });
    });
  }
});
