import { execFileSync, spawn, type StdioOptions } from "node:child_process";
import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { App, REGISTER } from "../helpers/app.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { temporaryFolder } from "../helpers/temp.ts";

const app = new App("exit");

/** Has a line said while the program runs: nothing listens there. */
const ENV = {
  OTEL_TRACES_EXPORTER: "none",
  OTEL_LOGS_EXPORTER: "none",
  OTEL_METRICS_EXPORTER: "otlp",
  OTEL_METRIC_EXPORT_INTERVAL: "200",
  OTEL_METRIC_EXPORT_TIMEOUT: "200",
  OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9",
  STRATASCOPE_SPOOL: "false",
};

/** Runs the program with another stderr. @returns what it says, and its exit code or signal */
async function runWith(stderr: "closed" | number, node: string, ...args: readonly string[]): Promise<string> {
  const stdio: StdioOptions = ["ignore", "pipe", stderr === "closed" ? "pipe" : stderr];
  const flags = ["--disable-warning=ExperimentalWarning", "--require", REGISTER];
  const child = spawn(node, [...flags, "stderr.cjs", ...args], {
    cwd: app.folder,
    stdio,
    env: { ...process.env, ...ENV },
  });
  child.stderr?.destroy();
  let text = "";
  child.stdout!.on("data", (chunk) => (text += String(chunk)));
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.on("close", (...end) => resolve(end));
  });
  return `${text}${signal ?? code}`;
}

/** A pipe that is full, and that no one reads. */
function fullPipe(): number {
  const path = join(temporaryFolder(), "pipe");
  execFileSync("mkfifo", [path]);
  const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    for (;;) writeSync(pipe, Buffer.alloc(1024, "."));
  } catch {
    // It is full. The program is to find a pipe that blocks, as from a shell.
    const blocking = openSync(path, constants.O_RDWR);
    closeSync(pipe);
    return blocking;
  }
}

describe("our log on stderr", () => {
  for (const version of SUPPORTED) {
    const node = nodeOf(version);

    it(`is dropped silently if its reader has gone, on Node.js ${version}`, async () => {
      expect(await runWith("closed", node)).to.equal("alive\n0");
    });

    it(`waits for no reader, on Node.js ${version}`, async function () {
      if (process.platform !== "linux") this.skip();
      const pipe = fullPipe();
      try {
        expect(await runWith(pipe, node)).to.equal("alive\n0");
        // Nothing was set for those that share it.
        expect(readSync(pipe, Buffer.alloc(10))).to.equal(10);
      } finally {
        closeSync(pipe);
      }
    });

    it(`is not written into a file that the application has opened in its place, on Node.js ${version}`, async () => {
      const file = join(temporaryFolder(), "data");
      expect(await runWith("closed", node, "reuses its number", file)).to.equal(`alive\n""\n0`);
    });
  }

  it("is one line without terminal escapes for each message", async () => {
    const env = { ...ENV, OTEL_METRICS_EXPORTER: "otlp,\u001b[2Jodd\u009b\u2028\u202ename\nnext" };
    const { stderr } = await app.run("codes.mjs", { env, flags: ["--no-warnings", "--require", REGISTER] });
    const line = stderr.split("\n").find((each) => each.includes("odd"))!;
    expect(line).to.match(/^stratascope: .*odd.*next/);
    expect(line).to.not.match(/[\p{Cc}\u2028\u202e]/u);
  });
});

describe("an exit code", () => {
  for (const way of ["unsettled", "set", "thrown", "none"]) {
    it(`is the same as unobserved with --jitless, on the first version: ${way}`, async () => {
      const run = (...flags: string[]) =>
        app.run("codes.mjs", {
          node: nodeOf(SUPPORTED[0]),
          args: [way],
          env: ENV,
          flags: ["--jitless", "--disable-warning=ExperimentalWarning", ...flags],
        });
      const [bare, observed] = await Promise.all([run(), run("--require", REGISTER)]);
      expect(observed.code).to.equal(bare.code).and.be.a("number");
    });
  }
});
