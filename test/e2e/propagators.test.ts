import { request } from "node:http";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { App, type RunningApp } from "../helpers/app.ts";
import { receiving } from "../helpers/receiver.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const CALLER = "b7ad6b7169203331";

/** Headers of a trace, by the propagator that reads and writes them. */
const SENT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  b3: { b3: `${TRACE}-${CALLER}-1` },
  b3multi: { "x-b3-traceid": TRACE, "x-b3-spanid": CALLER, "x-b3-sampled": "1" },
  jaeger: { "uber-trace-id": `${TRACE}:${CALLER}:0:01` },
  xray: { "x-amzn-trace-id": `Root=1-${TRACE.slice(0, 8)}-${TRACE.slice(8)};Parent=${CALLER};Sampled=1` },
};

/** What strangers can send in these headers. */
const HOSTILE = ["%", ":", "-", ";", "=", "Root=", "%E0%A4%A", "constructor", "__proto__"];

function ask(url: string, headers: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  return new Promise((resolve, reject) => {
    const call = request(url, { headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve(JSON.parse(text) as Record<string, string>));
    });
    call.on("error", reject).end();
  });
}

describe("propagators of packages", () => {
  const app = new App("http");
  const receiver = receiving();
  let service: RunningApp;

  async function serve(propagators: string): Promise<string> {
    const env = { ...receiver.env, OTEL_PROPAGATORS: propagators };
    service = app.start("echo.mjs", { env });
    const [, url] = await service.says(/serves (\S+)\n/);
    return url!;
  }
  afterEach(() => service.process.kill("SIGKILL"));

  for (const [name, headers] of Object.entries(SENT)) {
    it(`read and write their headers: ${name}`, async () => {
      const url = await serve(name);
      const sent = await ask(url, headers);
      const written = Object.fromEntries(Object.keys(headers).map((key) => [key, sent[key]]));
      expect(written).not.to.deep.equal(headers);
      for (const value of Object.values(written)) expect(value).to.be.a("string");
      expect(JSON.stringify(sent).replaceAll("-", "")).to.contain(TRACE);
      expect(sent).not.to.have.property("traceparent");
    });

    it(`take any text without an error: ${name}`, async () => {
      const url = await serve(name);
      for (const text of HOSTILE) {
        const value = text.repeat(Math.floor(12_000 / text.length / Object.keys(headers).length));
        const bad = Object.fromEntries(Object.keys(headers).map((key) => [key, value]));
        await ask(url, name === "jaeger" ? { ...bad, "uberctx-a": "%E0%A4%A", "uberctx-__proto__": "x" } : bad);
      }
      await ask(url, headers);
      service.process.kill("SIGTERM");
      expect(await service.ended).to.deep.include({ stderr: "" });
      expect(receiver.spans.filter(({ kind }) => kind.endsWith("SERVER"))).to.have.length(2 * HOSTILE.length + 2);
      expect(receiver.spans.filter(({ parentSpanId }) => parentSpanId === CALLER)).to.have.length(1);
    });
  }
});
