import { expect } from "chai";
import { problemOf, regexesIn } from "./linear-regexes.ts";

describe("the check of regular expressions", () => {
  const problems = (code: string): (string | undefined)[] => regexesIn("a.ts", code).map(problemOf);

  it("accepts linear expressions", () => {
    expect(problems("const word = /^[a-z]+$/i;")).to.deep.equal([undefined]);
  });

  it("names the place of an exponential, a quadratic, and a dynamically built expression", () => {
    const [exponential, quadratic, unknown] = problems("/^(a+)+$/;\n/a+$/;\nnew RegExp(`^${text}`);");
    expect(exponential).to.match(/^a\.ts:1: .*exponential/);
    expect(quadratic).to.match(/^a\.ts:2: .*polynomial/);
    expect(unknown).to.match(/^a\.ts:3: put together/);
  });
});
