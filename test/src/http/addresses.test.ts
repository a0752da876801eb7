import { expect } from "chai";
import { describe, it } from "mocha";
import { clientAddress, parseHost, serverAddress } from "../../../src/http/addresses.ts";

describe("an address", () => {
  for (const [text, host, port] of [
    ["example.com", "example.com", 80],
    ["example.com:8080", "example.com", 8080],
    ["[::1]", "[::1]", 80],
    ["[::1]:8080", "[::1]", 8080],
    ["not:a:host", "not:a:host", undefined],
    ["", "", 80],
  ] as const) {
    it(`is read from "${text}"`, () => {
      expect(parseHost(text, "http")).to.deep.equal({ host, port });
    });
  }

  it("is told by the first proxy that tells it", () => {
    const headers = { forwarded: 'by=10.0.0.2, for="[2001:db8::7]:4711";Host="a,b:1";proto=https, for=10.0.0.1' };
    expect(clientAddress({ headers })).to.equal("2001:db8::7");
    expect(serverAddress(headers, "http")).to.deep.equal({ host: "a,b", port: 1 });
  });

  it("is that of the request where no proxy tells it", () => {
    const headers = { host: "shop.example", forwarded: "nonsense;;=," };
    expect(clientAddress({ headers })).to.equal(undefined);
    expect(serverAddress(headers, "https")).to.deep.equal({ host: "shop.example", port: 443 });
    expect(serverAddress({}, "http")).to.equal(undefined);
  });
});
