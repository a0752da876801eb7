import { expect } from "chai";
import { describe, it } from "mocha";
import { redactQuery, redactTarget } from "../../../src/http/url.ts";

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
