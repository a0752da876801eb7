import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { App, REGISTER } from "../helpers/app.ts";
import { BINDINGS } from "../helpers/bindings.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { Receiver } from "../helpers/receiver.ts";
import { unregisteredMetrics } from "../helpers/registry.ts";

describe("snapshots", () => {
  const receiver = new Receiver();
  before(() => receiver.start());
  after(() => receiver.close());

  const flags = ["--disable-warning=ExperimentalWarning"];

  for (const version of SUPPORTED) {
    for (const binding of BINDINGS) {
      it(`change nothing for the application, and are all counted, with ${binding} on Node.js ${version}`, async () => {
        receiver.clear();
        const node = nodeOf(version);
        const args = [binding];
        const bare = await new App("sqlite").run("snapshots.mjs", { node, args, flags });
        const observed = await new App("sqlite").run("snapshots.mjs", {
          node,
          args,
          flags: [...flags, "--require", REGISTER],
          env: receiver.env,
        });
        expect(observed).to.deep.equal(bare);
        expect(bare).to.include({ code: 0, stderr: "" });
        expect(unregisteredMetrics(receiver.metrics)).to.deep.equal([]);

        const counts: Record<string, number> = {};
        for (const { attributes, count } of receiver.latest.get("storage.snapshot.duration")!.points) {
          const key = [attributes["storage.snapshot.type"], "error.type" in attributes ? "failed" : ""]
            .join(" ")
            .trim();
          counts[key] = (counts[key] ?? 0) + Number(count);
        }
        const said = bare.stdout.split("\n").filter((line) => line !== "");
        const hasBackup = said.some((line) => line.startsWith('["backup"'));
        expect(hasBackup).to.equal(!(binding === "node-sqlite" && version.startsWith("22.")));
        expect(counts["vacuum_into"]).to.equal(1);
        expect(counts["serialize"]).to.equal(hasBackup ? 2 : undefined);
        if (!hasBackup) return;
        const refused = said.filter((line) => /^\["(thrown|promised)",/.test(line));
        const succeeded = refused.filter((line) => /"(number|object)"\]$/.test(line)).length;
        expect(refused).to.have.length(7);
        expect(counts["backup"]).to.equal(2 + succeeded);
        expect(counts["backup failed"]).to.equal(2 + (7 - succeeded) + 5);
        const unhandled = said.filter((line) => line.startsWith('["unhandled"')).map((line) => JSON.parse(line)[1]);
        expect(unhandled).to.deep.equal(["left", "left too", "late", "derived"]);
        expect(said.filter((line) => line.startsWith('["handled late"'))).to.have.length(1);
      });
    }
  }
});
