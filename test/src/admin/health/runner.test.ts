import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { describe, it } from "mocha";
import type { HealthCheck } from "../../../../src/health/check.ts";
import { Runner } from "../../../../src/admin/health/runner.ts";

const check = (run: HealthCheck["run"]): HealthCheck => ({
  name: "test",
  type: "liveness",
  required: true,
  interval: 50,
  timeout: 50,
  run,
});

describe("the result of a check", () => {
  it("is never older than its interval, although a run does not settle", async () => {
    const runner = new Runner(check(() => new Promise(() => {})));
    expect(await runner.result()).to.include({ state: "unhealthy", message: "no answer within 50 ms" });
    await sleep(200);
    const { state, message, time } = await runner.result();
    expect(state).to.equal("unhealthy");
    expect(message).to.match(/^no answer for \d{3,} ms$/);
    expect(Date.now() - time).to.be.below(50);
  });

  it("is that of the current run if the last one is too old", async () => {
    let runs = 0;
    const runner = new Runner(
      check(async () => {
        if (runs++ === 0) return { state: "healthy" };
        await sleep(20);
        return { state: "critical" };
      }),
    );
    expect((await runner.result()).state).to.equal("healthy");
    await sleep(100);
    const both = await Promise.all([runner.result(), runner.result()]);
    expect(both.map(({ state }) => state)).to.deep.equal(["critical", "critical"]);
    expect(runs).to.equal(2);
  });

  it("is valid for its interval whatever the wall clock does", async () => {
    let runs = 0;
    const runner = new Runner(check(async () => ({ state: runs++ === 0 ? "healthy" : "critical" })));
    await runner.result();
    const { now } = Date;
    Date.now = () => now() - 3_600_000;
    try {
      await sleep(100);
      expect((await runner.result()).state).to.equal("critical");
    } finally {
      Date.now = now;
    }
  });
});
