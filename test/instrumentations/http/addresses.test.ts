import { expect } from "chai";
import { describe, it } from "mocha";
import { clientAddress, forwardedScheme, parseHost, serverAddress } from "../../../instrumentations/http/addresses.ts";

describe("an address", () => {
  for (const [text, host, port] of [
    ["example.com", "example.com", 80],
    ["example.com:8080", "example.com", 8080],
    ["example.com:", "example.com", 80],
    ["[::1]", "::1", 80],
    ["[::1]:8080", "::1", 8080],
    ["[fe80::1%eth0]:8080", "fe80::1%eth0", 8080],
  ] as const) {
    it(`is read from "${text}"`, () => {
      expect(parseHost(text, "http")).to.deep.equal({ host, port });
    });
  }

  for (const text of [
    "not:a:host",
    "",
    ":80",
    "[::1",
    "::1",
    "a b",
    "a/b",
    "a@b",
    "a:b",
    "a:65536",
    "[x]",
    "a".repeat(301),
  ]) {
    it(`is not read from "${text}"`, () => {
      expect(parseHost(text, "http")).to.equal(undefined);
    });
  }

  it("is that of the first proxy that reports one", () => {
    const headers = { forwarded: 'by=10.0.0.2, for="[2001:DB8::7]:4711";Host="a,\\b:1";proto=https, for=10.0.0.1' };
    expect(clientAddress({ headers })).to.equal("2001:db8::7");
    expect(serverAddress({ headers, scheme: "http" })).to.deep.equal({ host: "a,b", port: 1 });
    expect(forwardedScheme(headers)).to.equal("https");
  });

  it("has the port of the scheme of the request to the proxy", () => {
    const headers = { forwarded: "proto=http;for=a, proto=https;host=b" };
    expect(serverAddress({ headers, scheme: "http" })).to.deep.equal({ host: "b", port: 443 });
  });

  it("is that of the request if no proxy reports one", () => {
    const headers = { host: "shop.example", forwarded: "nonsense;;=," };
    expect(clientAddress({ headers })).to.equal(undefined);
    expect(serverAddress({ headers, scheme: "https" })).to.deep.equal({ host: "shop.example", port: 443 });
    expect(serverAddress({ headers: {}, scheme: "http" })).to.equal(undefined);
  });

  it("is that of the target of a request rather than of its headers", () => {
    const asked = { headers: { host: "other" }, scheme: "http", authority: "user:s3cret@shop.example:99" };
    expect(serverAddress(asked)).to.deep.equal({ host: "shop.example", port: 99 });
  });

  for (const [header, address] of [
    ["192.0.2.7, 10.0.0.1", "192.0.2.7"],
    ["192.0.2.7:4711", "192.0.2.7"],
    ["[2001:db8::7]:4711", "2001:db8::7"],
    ["2001:db8::7", "2001:db8::7"],
    ["_hidden", "_hidden"],
  ] as const) {
    it(`of a client is read from x-forwarded-for: ${header}`, () => {
      expect(clientAddress({ headers: { "x-forwarded-for": header } })).to.equal(address);
    });
  }

  it("has no scheme but those of HTTP", () => {
    for (const protocol of ["constructor", "ws", ""]) {
      expect(forwardedScheme({ "x-forwarded-proto": protocol }), protocol).to.equal(undefined);
    }
    expect(forwardedScheme({ "x-forwarded-proto": "HTTPS " })).to.equal("https");
    expect(forwardedScheme({ "x-forwarded-proto": "http,https" })).to.equal("http");
  });
});
