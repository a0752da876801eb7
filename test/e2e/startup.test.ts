import { pathToFileURL } from "node:url";
import { expect } from "chai";
import { describe, it } from "mocha";
import { App, REGISTER, ROOT } from "../helpers/app.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { receiving } from "../helpers/receiver.ts";

interface Loaded {
  readonly files: readonly string[];
  /** Modules of Node.js. */
  readonly builtIn: readonly string[];
}

/** What takes long to load, and is of use to some processes only. */
const HEAVY = ["child_process", "crypto", "https", "tls", "zlib"];

const START = ["register/index.js", "dist/src/core.cjs"];

describe("the start of a process", () => {
  const app = new App("startup");
  const receiver = receiving();

  /** What a file of the application found to be loaded: of Node.js, and of ours by the path in the repository. */
  async function loaded(file: string, node: string, preload = ["--require", REGISTER]): Promise<Loaded> {
    const env = { ...receiver.env, OTEL_METRICS_EXPORTER: "otlp,prometheus", OTEL_EXPORTER_PROMETHEUS_PORT: "0" };
    const { code, stdout, stderr } = await app.run(file, { node, flags: ["--require", "./spy.cjs", ...preload], env });
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: "" });
    const { files, builtIn } = JSON.parse(stdout) as Loaded;
    const root = `${pathToFileURL(ROOT).href}/`;
    return { files: files.filter((url) => url.startsWith(root)).map((url) => url.slice(root.length)), builtIn };
  }

  for (const version of SUPPORTED) {
    const node = nodeOf(version);

    it(`reads two files, and loads little of Node.js, until a request is answered: ${version}`, async () => {
      const bare = await loaded("service.cjs", node, []);
      const { files, builtIn } = await loaded("service.cjs", node);
      expect(files).to.deep.equal(START);
      expect(builtIn).to.include("http");
      expect(HEAVY.filter((name) => builtIn.includes(name) && !bare.builtIn.includes(name))).to.deep.equal([]);
      // What that left for later has worked nevertheless.
      expect(receiver.spans.map(({ kind }) => kind)).to.have.members(["SPAN_KIND_SERVER", "SPAN_KIND_CLIENT"]);
    });

    it(`loads the exporters only if there is something to send: ${version}`, async () => {
      const nothing = await loaded("nothing.cjs", node);
      expect(nothing.files).to.deep.equal(START);
      expect(HEAVY.filter((name) => nothing.builtIn.includes(name))).to.deep.equal([]);
      expect(receiver.contentTypes).to.deep.equal([]);
      const { files } = await loaded("span.cjs", node);
      expect(files).to.include("dist/src/export/otlp/sending.cjs");
      expect(receiver.spans.map(({ name }) => name)).to.deep.equal(["work"]);
    });

    it(`loads an engine with its package only: ${version}`, async () => {
      const { files } = await loaded("cache.cjs", node);
      expect(files.filter((file) => file.includes("instrumentations/"))).to.deep.equal([
        "dist/instrumentations/lru-cache/patch.cjs",
        "dist/instrumentations/layers/shared.cjs",
      ]);
    });

    it(`happens once, however an application requests it: ${version}`, async () => {
      expect(await app.run("ways.mjs", { node })).to.include({ code: 0, stdout: "1 1\n", stderr: "" });
    });
  }
});
