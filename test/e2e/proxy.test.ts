import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { App, type Ended } from "../helpers/app.ts";
import { BlackHole } from "../helpers/black-hole.ts";
import { FaultyCollector } from "../helpers/faulty-collector.ts";
import { Proxy } from "../helpers/proxy.ts";
import { temporaryFolder } from "../helpers/temp.ts";

describe("through a proxy", () => {
  const app = new App("proxy");
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  const run = (env: Record<string, string>): Promise<Ended> =>
    app.run("span.cjs", { env: { OTEL_TRACES_EXPORTER: "otlp", OTEL_LOG_LEVEL: "info", ...env } });

  async function starting(proxy: Proxy): Promise<string> {
    closing.push(() => proxy.close());
    return proxy.start();
  }

  /** A Collector, and how many requests it has had. */
  async function collector(): Promise<{ url: string; requests: Map<string, number[]> }> {
    const accepting = new FaultyCollector((response) => response.end());
    await accepting.start();
    closing.push(() => accepting.close());
    return accepting;
  }

  it("telemetry for an http URL is sent, except as NO_PROXY says", async () => {
    const proxy = new Proxy();
    const HTTP_PROXY = `http://user:pass%20word@${await starting(proxy)}`;
    const { url, requests } = await collector();
    expect(await run({ HTTP_PROXY, OTEL_EXPORTER_OTLP_ENDPOINT: `${url}/?tenant=x` })).to.include({
      code: 0,
      stderr: "",
    });
    expect(proxy.asked.map(({ method, target }) => `${method} ${target}`)).to.deep.equal([
      `POST ${url}/v1/traces?tenant=x`,
    ]);
    expect(proxy.asked[0]!.headers).to.include({
      host: new URL(url).host,
      "proxy-authorization": `Basic ${Buffer.from("user:pass word").toString("base64")}`,
    });
    expect(requests.get("/v1/traces?tenant=x")).to.have.length(1);

    const NO_PROXY = "localhost,127.0.0.1";
    expect(await run({ HTTP_PROXY, NO_PROXY, OTEL_EXPORTER_OTLP_ENDPOINT: url })).to.include({ code: 0, stderr: "" });
    expect(proxy.asked).to.have.length(1);
    expect(requests.get("/v1/traces")).to.have.length(1);
  });

  it("telemetry for an https URL is sent inside one tunnel, with the configured certificates", async () => {
    const folder = temporaryFolder();
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const request = [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-days",
      "1",
    ];
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    execFileSync("openssl", [...request, ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
    const paths: string[] = [];
    const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (incoming, response) => {
      paths.push(incoming.url!);
      incoming.resume().on("end", () => response.end());
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    closing.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });

    const { port } = server.address() as AddressInfo;
    const proxy = new Proxy();
    const env = {
      https_proxy: await starting(proxy),
      OTEL_EXPORTER_OTLP_ENDPOINT: `https://localhost:${port}`,
      OTEL_EXPORTER_OTLP_CERTIFICATE: cert,
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "1",
    };
    expect(await run(env)).to.include({ code: 0, stderr: "" });
    expect(proxy.asked.map(({ method, target }) => `${method} ${target}`)).to.deep.equal([`CONNECT localhost:${port}`]);
    expect(paths).to.deep.equal(["/v1/traces"]);
  });

  it("nothing is sent if it refuses, with one log line", async () => {
    const address = await starting(new Proxy("407 Proxy Authentication Required"));
    const { code, stderr } = await run({
      HTTPS_PROXY: address,
      OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector.invalid",
    });
    expect(code).to.equal(0);
    expect(stderr).to.match(/^stratascope: traces cannot be sent over OTLP \(the proxy answered with 407\).*\n$/);
  });

  for (const scheme of ["http", "https"])
    it(`nothing waits if it never answers: ${scheme}`, async () => {
      const hole = new BlackHole();
      await hole.start();
      closing.push(() => hole.close());
      const started = performance.now();
      const proxied = { HTTP_PROXY: hole.url, HTTPS_PROXY: hole.url };
      const { code } = await run({ ...proxied, OTEL_EXPORTER_OTLP_ENDPOINT: `${scheme}://collector.invalid` });
      expect(code).to.equal(0);
      expect(performance.now() - started).to.be.below(8_000);
    });
});
