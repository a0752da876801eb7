import { setTimeout } from "node:timers/promises";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import type { Backends } from "../../collector-config/stack/backends.ts";
import type { Daemon } from "../../collector-config/stack/daemon.ts";
import { countSpans } from "../../collector-config/stack/jaeger.ts";
import { Load, sendTraces } from "../../collector-config/stack/load.ts";
import { eventually, startBackends } from "../helpers/backends.ts";
import { readPage, total } from "../helpers/scrape.ts";

/** Traces in a request, and milliseconds between two: 2,000 spans a second. */
const TRACES = 25;
const PAUSE = 50;

describe("what an agent has accepted", () => {
  let backends: Backends;
  before(async function () {
    backends = await startBackends(this, { env: { KEEP_PERCENT: "100" } });
  });
  after(() => backends?.stop());

  /** Sends spans for some seconds. @returns how many of them were accepted */
  async function load(service: string, seconds: number): Promise<number> {
    const requests = new Load(service, TRACES);
    let accepted = 0;
    const until = performance.now() + seconds * 1000;
    const sent: Promise<void>[] = [];
    while (performance.now() < until) {
      sent.push(
        sendTraces(backends.otlpUrl, requests.next()).then((isAccepted) => {
          if (isAccepted) accepted += requests.spans;
        }),
      );
      await setTimeout(PAUSE);
    }
    await Promise.all(sent);
    return accepted;
  }

  const stored = (service: string): Promise<number> => countSpans(backends.jaegerUrl, service);

  /** Under load, ends a program in the middle of its work and starts it again three seconds later. */
  async function interrupted(service: string, daemon: Daemon, signal: NodeJS.Signals): Promise<number> {
    const loading = load(service, 9);
    await setTimeout(3_000);
    await daemon.stop(signal);
    await setTimeout(3_000);
    await daemon.start();
    const accepted = await loading;
    expect(accepted).to.be.above(5_000);
    return accepted;
  }

  it("is stored to the last span after the gateway was killed and restarted", async () => {
    const accepted = await interrupted("gateway-killed", backends.gateway, "SIGKILL");
    await eventually(
      60,
      () => stored("gateway-killed"),
      (count) => expect(count).to.equal(accepted),
    );
  });

  it("is stored after the sampler was stopped and restarted", async () => {
    const accepted = await interrupted("sampler-stopped", backends.sampler, "SIGTERM");
    await eventually(
      60,
      () => stored("sampler-stopped"),
      (count) => expect(count).to.equal(accepted),
    );
  });

  it("is stored after the agent was killed with a queue on disk and no receiver", async () => {
    await backends.gateway.stop();
    const accepted = await load("agent-killed", 4);
    expect(accepted).to.be.above(3_000);
    await backends.agent.stop("SIGKILL");
    expect(await stored("agent-killed")).to.equal(0);
    await backends.agent.start();
    await backends.gateway.start();
    await eventually(
      60,
      () => stored("agent-killed"),
      (count) => expect(count).to.equal(accepted),
    );
    const page = readPage(await (await fetch(backends.metricsUrl("agent"))).text());
    expect(total(page, "otelcol_exporter_queue_size")).to.equal(0);
  });

  it("is lost by a killed sampler for at most its decision time", async () => {
    const accepted = await interrupted("sampler-killed", backends.sampler, "SIGKILL");
    // Two seconds of waiting, and what was under way.
    const atMost = 4 * (1_000 / PAUSE) * new Load("", TRACES).spans;
    await eventually(
      60,
      () => stored("sampler-killed"),
      (count) => expect(count).to.be.within(accepted - atMost, accepted),
    );
  });
});
