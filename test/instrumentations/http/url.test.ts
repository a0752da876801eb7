import { expect } from "chai";
import { describe, it } from "mocha";
import { readTarget, redactQuery, redactTarget } from "../../../instrumentations/http/url.ts";
import { seeded } from "../../helpers/random.ts";

/** What targets are made of, and what parsers stumble over. */
const PIECES = [
  ..."a b Z 0 9 / / / / / . . - _ ~ ! $ & ' ( ) * + , ; = : @ ? = & % | ^ ` { } [ ] < > \" \\".split(" "),
  "..",
  "%2e",
  "%20",
  "%zz",
  "\u00fc",
  "name=world",
];

describe("the target of a request", () => {
  for (const [method, target, parts] of [
    ["GET", "/", { path: "/", query: undefined }],
    ["GET", "/a?b=%20&c=+", { path: "/a", query: "b=%20&c=+" }],
    ["GET", "/a?", { path: "/a", query: undefined }],
    ["GET", "/a?b=c?d", { path: "/a", query: "b=c?d" }],
    ["GET", "/a#b?c", { path: "/a", query: undefined }],
    ["GET", "/a?b#c", { path: "/a", query: "b" }],
    ["GET", "//path//x", { path: "//path//x", query: undefined }],
    ["GET", "/..//../etc/%2e", { path: "/..//../etc/%2e", query: undefined }],
    ["GET", "/a?b=1&Sig=s3cret", { path: "/a", query: "b=1&Sig=REDACTED" }],
    ["OPTIONS", "*", { path: "*", query: undefined }],
    ["GET", "", { path: undefined, query: undefined }],
    ["CONNECT", "shop.example:443", { authority: "shop.example:443" }],
    ["GET", "http://shop.example", { scheme: "http", authority: "shop.example", path: "/", query: undefined }],
    ["GET", "HTTPS://[::1]:8?a", { scheme: "https", authority: "[::1]:8", path: "/", query: "a" }],
    ["GET", "http:///a", { scheme: "http", authority: "", path: "/a", query: undefined }],
  ] as const) {
    it(`is read from ${method} "${target}"`, () => {
      expect(readTarget(method, target)).to.deep.equal(parts);
    });
  }

  it("is reported as it was written", () => {
    const random = seeded(7);
    for (let i = 0; i < 5_000; i++) {
      const pieces = Array.from({ length: random() * 12 }, () => PIECES[Math.floor(random() * PIECES.length)]!);
      const target = `/${pieces.join("")}`;
      const { path, query } = readTarget("GET", target);
      expect(query === undefined ? path! : `${path}?${query}`).to.equal(target.replace(/^([^?]*)\?$/, "$1"));
    }
  });
});

describe("a URL without its secrets", () => {
  for (const [query, redacted] of [
    ["a=1&b=2", "a=1&b=2"],
    ["sig=s3cret&a=1", "sig=REDACTED&a=1"],
    ["SIG=s3cret", "SIG=REDACTED"],
    ["%73ig=s3cret&b=%20", "%73ig=REDACTED&b=%20"],
    ["x=%&s%69%67=s3cret", "x=%&s%69%67=REDACTED"],
    ["sig=one&a&sig=s3cret", "sig=REDACTED&a&sig=REDACTED"],
    ["X-Amz-Signature=s3cret&X-Amz-Credential=s3cret", "X-Amz-Signature=REDACTED&X-Amz-Credential=REDACTED"],
    ["design=1&sig", "design=1&sig"],
  ] as const) {
    it(`reads ${query} as ${redacted}`, () => {
      expect(redactQuery(query)).to.equal(redacted);
    });
  }

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
