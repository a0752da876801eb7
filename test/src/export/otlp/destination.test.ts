import { expect } from "chai";
import { describe, it } from "mocha";
import { readConfig } from "../../../../src/config/index.ts";
import { clientOptions, destinationOf } from "../../../../src/export/otlp/destination.ts";

const ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";

describe("the destination of a signal", () => {
  const optionsOf = (environment: NodeJS.ProcessEnv): ReturnType<typeof clientOptions> =>
    clientOptions(readConfig(environment).config, "traces");

  it("is the shared address with the path of the signal, before its query", () => {
    for (const [endpoint, url] of Object.entries({
      "http://host": "http://host/v1/traces",
      "http://host:4318/": "http://host:4318/v1/traces",
      "http://host/?tenant=x": "http://host/v1/traces?tenant=x",
      "http://host?tenant=x&b=%20": "http://host/v1/traces?tenant=x&b=%20",
      "http://host/api/otlp//?tenant=x": "http://host/api/otlp/v1/traces?tenant=x",
      "https://user:pass@[::1]:4318/a": "https://user:pass@[::1]:4318/a/v1/traces",
    }))
      expect(optionsOf({ [ENDPOINT]: endpoint }).url, endpoint).to.equal(url);
    expect(optionsOf({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://host/a/?b#c" }).url).to.equal("http://host/a/?b#c");
    expect(optionsOf({}).url).to.equal("http://localhost:4318/v1/traces");
  });

  it("is reached through the proxy of its protocol, by variables in either case", () => {
    const http = "http://proxy:3128";
    const https = "http://secure:3128";
    for (const [environment, endpoint, proxy] of [
      [{ HTTP_PROXY: http, HTTPS_PROXY: https }, "http://host", http],
      [{ HTTP_PROXY: http, HTTPS_PROXY: https }, "https://host", https],
      [{ http_proxy: http, HTTP_PROXY: https }, "http://host", http],
      [{ http_proxy: "", HTTP_PROXY: http }, "http://host", http],
      [{ http_proxy: "proxy:3128" }, "http://host", http],
      [{ HTTPS_PROXY: https }, "http://host", undefined],
      [{ HTTP_PROXY: "socks5://proxy" }, "http://host", undefined],
      [{ HTTP_PROXY: http }, undefined, undefined],
    ] as const) {
      const given = { ...environment, ...(endpoint !== undefined && { [ENDPOINT]: endpoint }) };
      expect(optionsOf(given).proxy, JSON.stringify(given)).to.equal(proxy);
    }
  });

  for (const [noProxy, endpoints] of Object.entries({
    "*": { "http://a.example": true, "http://[::1]:4318": true },
    "a.example": { "http://a.example": true, "http://b.A.example:1": true, "http://ba.example": false },
    ".a.example": { "http://a.example": true, "http://b.a.example": true, "http://ba.example": false },
    "*.a.example": { "http://b.a.example": true, "http://ba.example": false },
    "a.example:4318": { "http://a.example:4318": true, "http://a.example": false },
    "a.example:80,b:443": { "http://a.example": true, "https://b": true, "http://b": false },
    "::1": { "http://[::1]:4318": true, "http://[::2]:4318": false },
    "[::1]": { "http://[::1]:4318": true },
    "[::1]:4318": { "http://[::1]:4318": true, "http://[::1]:4319": false },
    "0:0:0:0:0:0:0:1": { "http://[::1]:4318": true },
    "127.0.0.1": { "http://127.0.0.1:1": true, "http://1.127.0.0.1.example": false },
    "10.0.0.0/8": { "http://10.1.2.3": false },
    "x, a.example ,b": { "http://a.example": true, "http://b": true, "http://c": false },
    "x b": { "http://b": true },
    "a.example.": { "http://a.example": true },
    ",:,.,[]:1": { "http://a.example": false },
  } satisfies Record<string, Record<string, boolean>>)) {
    it(`is reached without a proxy as NO_PROXY says: "${noProxy}"`, () => {
      for (const [endpoint, isDirect] of Object.entries(endpoints))
        for (const name of ["NO_PROXY", "no_proxy"]) {
          const environment = {
            [ENDPOINT]: endpoint,
            HTTP_PROXY: "http://p",
            HTTPS_PROXY: "http://p",
            [name]: noProxy,
          };
          expect(optionsOf(environment).proxy === undefined, endpoint).to.equal(isDirect);
        }
    });
  }

  it("shows no password of an invalid address or proxy", () => {
    for (const environment of [
      { [ENDPOINT]: "ftp://user:SECRET@host" },
      { [ENDPOINT]: "http://user:SECRET@host:port" },
      { HTTP_PROXY: "socks5://user:SECRET@host" },
    ])
      expect(readConfig(environment).problems.join())
        .to.match(/is not an http/)
        .and.not.to.contain("SECRET");
  });

  it("differs with the credentials, the address and the protocol of any signal, and with nothing else", () => {
    const destination = (environment: NodeJS.ProcessEnv): string => destinationOf(readConfig(environment).config);
    const all = [
      {},
      { [ENDPOINT]: "http://host" },
      { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "http://host" },
      { OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" },
      { OTEL_EXPORTER_OTLP_HEADERS: "a=1,b=2" },
      { OTEL_EXPORTER_OTLP_METRICS_HEADERS: "a=1,b=2" },
      { OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: "/certificate" },
      { OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE: "/certificate" },
    ].map(destination);
    expect(new Set(all).size).to.equal(all.length);
    const [first, second] = ["a=1,b=2", "b=2,a=1"].map((list) => destination({ OTEL_EXPORTER_OTLP_HEADERS: list }));
    expect(first).to.equal(second);
    expect(destination({ OTEL_EXPORTER_OTLP_TIMEOUT: "5", HTTP_PROXY: "http://p" })).to.equal(all[0]);
  });
});
