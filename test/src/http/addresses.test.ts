import type { IncomingMessage } from "node:http";
import { expect } from "chai";
import { describe, it } from "mocha";
import { clientAddress, parseHost, serverAddress } from "../../../src/http/addresses.ts";

const incoming = (headers: IncomingMessage["headers"]): IncomingMessage =>
  ({ headers, socket: { remoteAddress: "127.0.0.1" } }) as IncomingMessage;

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
    const request = incoming({
      forwarded: 'by=10.0.0.2, for="[2001:db8::7]:4711";Host="a,b:1";proto=https, for=10.0.0.1',
    });
    expect(clientAddress(request)).to.equal("2001:db8::7");
    expect(serverAddress(request, "http")).to.deep.equal({ host: "a,b", port: 1 });
  });

  it("is that of the connection and of the request where no proxy tells it", () => {
    const request = incoming({ host: "shop.example", forwarded: "nonsense;;=," });
    expect(clientAddress(request)).to.equal("127.0.0.1");
    expect(serverAddress(request, "https")).to.deep.equal({ host: "shop.example", port: 443 });
    expect(serverAddress(incoming({}), "http")).to.equal(undefined);
  });
});
