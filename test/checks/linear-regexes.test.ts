import { expect } from "chai";
import { problemOf, regexesIn } from "./linear-regexes.ts";

describe("the check of regular expressions", () => {
  const problems = (code: string): (string | undefined)[] => regexesIn("a.ts", code).map(problemOf);

  it("accepts what is linear", () => {
    expect(problems("const word = /^[a-z]+$/i;")).to.deep.equal([undefined]);
  });

  it("names the place of one that is exponential, one that is quadratic, and one that is put together at run time", () => {
    const [exponential, quadratic, unknown] = problems("/^(a+)+$/;\n/a+$/;\nnew RegExp(`^${text}`);");
    expect(exponential).to.match(/^a\.ts:1: .*exponential/);
    expect(quadratic).to.match(/^a\.ts:2: .*polynomial/);
    expect(unknown).to.match(/^a\.ts:3: put together/);
  });
});
