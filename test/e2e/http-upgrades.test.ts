import { expect } from "chai";
import { describe, it } from "mocha";
import { App } from "../helpers/app.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { Receiver } from "../helpers/receiver.ts";

/** Status and `error.type` of each request. */
const ENDS = {
  "/accepted/undici": [101, undefined],
  "/declined/undici": [503, "503"],
  "/plain/undici": [200, undefined],
  "/dropped/undici": [undefined, "ECONNRESET"],
  "/accepted/undici-5": [101, undefined],
  "/declined/undici-5": [503, "503"],
  "/plain/undici-5": [200, undefined],
  "/dropped/undici-5": [undefined, "ECONNRESET"],
  "/accepted/websocket": [101, undefined],
  "/declined/websocket": [503, "503"],
};

describe("upgrades that an application requests", () => {
  for (const version of SUPPORTED)
    it(`end as unobserved, and their spans have the response of the server: ${version}`, async () => {
      const node = nodeOf(version);
      const receiver = new Receiver();
      await receiver.start();
      const bare = await new App("http").run("upgrades.mjs", { node, flags: [] });
      const seen = await new App("http").run("upgrades.mjs", { node, env: receiver.env });
      await receiver.close();
      expect(seen).to.deep.equal(bare);
      const ends = receiver.spans
        .filter(({ kind }) => kind.endsWith("CLIENT"))
        .map(({ attributes }) => [
          new URL(String(attributes["url.full"])).pathname,
          [attributes["http.response.status_code"], attributes["error.type"]],
        ]);
      expect(Object.fromEntries(ends)).to.deep.equal(ENDS);
    });
});
