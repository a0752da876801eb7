import { expect } from "chai";
import { describe, it } from "mocha";
import { partsOf, redactQuery, redactTarget } from "../../../src/http/url.ts";
import { seeded } from "../../helpers/random.ts";

const BASE = "http://localhost:8080";

/** What targets are made of, and what parsers stumble over. */
const PIECES = [
  ..."a b Z 0 9 / / / / / . . - _ ~ ! $ & ' ( ) * + , ; = : @ ? = & % | ^ ` { } [ ] < > \" \\ #".split(" "),
  "..",
  "%2e",
  "%20",
  "%zz",
  "\u00fc",
  "name=world",
];

describe("a URL without its secrets", () => {
  for (const [query, redacted] of [
    ["a=1&b=2", "a=1&b=2"],
    ["sig=s3cret&a=1", "sig=REDACTED&a=1"],
    ["SIG=s3cret", "SIG=REDACTED"],
    ["%73ig=s3cret", "sig=REDACTED"],
    ["sig=one&sig=s3cret", "sig=REDACTED"],
    ["X-Amz-Signature=s3cret&X-Amz-Credential=s3cret", "X-Amz-Signature=REDACTED&X-Amz-Credential=REDACTED"],
    ["design=1", "design=1"],
  ] as const) {
    it(`reads ${query} as ${redacted}`, () => {
      expect(redactQuery(query)).to.equal(redacted);
    });
  }

  it("has the path and the query that the parsers of Node.js find in any target", () => {
    const random = seeded(7);
    for (let i = 0; i < 20_000; i++) {
      const pieces = Array.from({ length: random() * 12 }, () => PIECES[Math.floor(random() * PIECES.length)]!);
      const target = `/${pieces.join("")}`;
      const url = URL.parse(target, BASE);
      expect(partsOf(target, BASE), target).to.deep.equal({
        path: url?.pathname,
        query: url?.search ? new URLSearchParams(url.search).toString() : undefined,
      });
    }
  });

  it("has no secrets in the query of a target", () => {
    expect(partsOf("/a?b=1&Sig=s3cret", BASE)).to.deep.equal({ path: "/a", query: "b=1&Sig=REDACTED" });
  });

  for (const [target, redacted] of [
    ["/", "/"],
    ["/a?sig=s3cret", "/a?sig=REDACTED"],
    ["/a@b", "/a@b"],
    ["http://user:s3cret@host/a?b=c", "http://REDACTED:REDACTED@host/a?b=c"],
    ["host:443", "host:443"],
  ] as const) {
    it(`has ${redacted} for the target ${target}`, () => {
      expect(redactTarget(target)).to.equal(redacted);
    });
  }
});
