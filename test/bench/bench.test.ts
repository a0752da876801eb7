import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { describe, it } from "mocha";
import { emitCosts } from "./generate.ts";
import { temporaryFolder } from "../helpers/temp.ts";
import { aligned, comparison, tableOf, type Cell, type Report } from "./harness/report.ts";
import type { Row } from "./harness/scenario.ts";
import { Sink } from "./harness/sink.ts";
import { isPeer, VARIANT_NAMES, VARIANTS } from "./harness/variants.ts";
import { prove } from "./proof.ts";
import { SCENARIOS } from "./scenarios.ts";

const run = promisify(execFile);

const row = (compare: Row["compare"]): Row => ({ title: "", unit: "ms", compare, absent: {} });

const REPORT: Report = {
  node: "24.0.0",
  machine: "2 × processor",
  rounds: 3,
  columns: [
    { variant: "bare", title: "bare" },
    { variant: "stratascope", title: "stratascope" },
    { variant: "auto", title: "auto 1.2.3", note: "Without clouds." },
  ],
  rows: [
    {
      scenario: "startup",
      id: "time",
      title: "start",
      unit: "ms",
      compare: "difference",
      aim: 80,
      cells: {
        bare: { value: 40.16, compared: 0, low: 0, high: 0 },
        stratascope: { value: 95, compared: 54.84, low: -1.5, high: 101.4 },
        auto: { value: 390, compared: 349.8, low: 349.8, high: 349.8 },
      },
    },
    {
      scenario: "point-read",
      id: "on",
      title: "read",
      unit: "µs",
      compare: "ratio",
      aim: 1.06,
      cells: {
        bare: { value: 2.512, compared: 1, low: 0.99, high: 1.01 },
        stratascope: { value: 2.6, compared: 1.0412, low: 1.03, high: 1.1 },
        auto: "Not covered.",
      },
    },
    {
      scenario: "record",
      id: "time",
      title: "record",
      unit: "ns",
      compare: "itself",
      cells: {
        bare: "Records nothing.",
        stratascope: { value: 4.2, compared: 4.2, low: 4.1, high: 4.25 },
        auto: "Not covered.",
      },
    },
  ],
};

describe("the benchmark", () => {
  it("runs each scenario of the bare application and of stratascope, and needs no peer for that", async function () {
    this.timeout(300_000);
    const json = join(temporaryFolder(), "report.json");
    const args = [join(import.meta.dirname, "run.ts"), "--variants", "stratascope", "--json", json];
    const { stdout } = await run(process.execPath, [...args, "--rounds", "1", "--effort", "0.01"]);
    const { columns, rows } = JSON.parse(readFileSync(json, "utf8")) as Report;
    expect(columns.map(({ variant }) => variant)).to.deep.equal(["bare", "stratascope"]);
    expect(rows.map(({ scenario, id }) => `${scenario} ${id}`)).to.deep.equal(
      Object.entries(SCENARIOS).flatMap(([name, scenario]) => Object.keys(scenario.rows).map((id) => `${name} ${id}`)),
    );
    for (const { scenario, title, cells } of rows) {
      expect(stdout).to.contain(title);
      const measured = Object.values(cells).filter((cell): cell is Cell => typeof cell !== "string");
      expect(measured, title).to.have.length(["record", "scrape"].includes(scenario) ? 1 : 2);
      for (const { value } of measured) expect(value, title).to.be.above(0);
    }
  });

  it("lists the available scenarios if an unknown one is requested", async () => {
    const args = [join(import.meta.dirname, "run.ts"), "--only", "startup,speed"];
    const failure = await run(process.execPath, args).catch((error: Error) => error.message);
    expect(failure).to.contain("speed: there is startup,workers,");
  });

  it("compares with the bare cost of the same round, and takes the median", () => {
    const samples = [{ value: 30 }, { value: 12 }, { value: 21 }];
    const bare = [{ value: 10 }, { value: 10 }, { value: 20 }];
    expect(comparison(row("ratio"), samples, bare)).to.deep.equal({ value: 21, compared: 1.2, low: 1.05, high: 3 });
    expect(comparison(row("difference"), samples, bare)).to.deep.equal({ value: 21, compared: 2, low: 1, high: 20 });
    expect(comparison(row("itself"), samples, [])).to.deep.equal({ value: 21, compared: 21, low: 12, high: 30 });
    const beside = samples.map((sample) => ({ ...sample, ratio: 1.5 }));
    expect(comparison(row("ratio"), beside, bare)).to.include({ compared: 1.5, low: 1.5, high: 1.5 });
  });

  it("prints one table, with a note for what is missing", () => {
    const { cells, notes } = tableOf(REPORT);
    expect(aligned(cells).split("\n")).to.deep.equal([
      "        bare     stratascope               auto 1.2.3¹  aim",
      "start   40.2 ms  +54.8 ms (−1.50 to +101)  +350 ms      ≤ +80 ms",
      "read    2.51 µs  × 1.04 (1.03 to 1.10)     –²           ≤ × 1.06",
      "record  –³       4.20 ns (4.10 to 4.25)    –²",
    ]);
    expect(notes).to.deep.equal(["¹ Without clouds.", "² Not covered.", "³ Records nothing."]);
  });

  it("writes the table into its page, only between the marks", () => {
    const readme = "before\n<!-- costs -->\nold\n<!-- /costs -->\nafter\n";
    const text = emitCosts(readme, REPORT);
    expect(text).to.match(/^before\n<!-- costs -->\nNode.js 24.0.0, 2 × processor, medians of 3 rounds/);
    expect(text).to.contain("| read | 2.51 µs | × 1.04 (1.03 to 1.10) | –² | ≤ × 1.06 |\n");
    expect(text).to.match(/² Not covered. {2}\n³ Records nothing.\n<!-- \/costs -->\nafter\n$/);
    expect(emitCosts(text, REPORT)).to.equal(text);
  });

  it("proves which telemetry it received", async () => {
    const sink = new Sink();
    await sink.start();
    const [came, missing] = [sink.receives("/proof", 5_000), sink.receives("/other", 200)];
    const answer = await fetch(`${sink.url}/v0.4/traces`, { method: "PUT", body: "\u0001/proof\u0002" });
    expect(await answer.json()).to.deep.equal({ rate_by_service: {} });
    expect(await came).to.equal(true);
    expect(await missing).to.equal(false);
    sink.close();
  });

  it("does not measure a variant that sends no telemetry", async () => {
    const sink = new Sink();
    await sink.start();
    const failure = await prove("bare", sink, 1_000).catch((error: Error) => error.message);
    sink.close();
    expect(failure).to.equal("bare sends no span of a request");
  });

  it("names the version of every variant, or the reason why it was not measured", () => {
    const peers = VARIANT_NAMES.filter((name) => isPeer(VARIANTS[name]));
    expect(peers).to.deep.equal(["sdk", "plugin", "auto", "elastic", "dd-trace"]);
    const { columns, rows } = JSON.parse(readFileSync(join(import.meta.dirname, "results.json"), "utf8")) as Report;
    expect(columns.map(({ variant }) => variant)).to.deep.equal(VARIANT_NAMES);
    for (const { cells } of rows) expect(Object.keys(cells)).to.deep.equal(VARIANT_NAMES);
  });
});
