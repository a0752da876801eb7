import { expect } from "chai";
import { describe, it } from "mocha";
import { rewrite } from "../../../src/queries/rewrite.ts";

const CHANGES = {
  names: { a_runs_total: "a_starts_total", a_mode: "a_pace" },
  values: { a_mode: { slow: "slower", full: "whole" } },
  review: { a_time_seconds_sum: "is in milliseconds" },
};

const CASES: readonly (readonly [what: string, before: string, after: string])[] = [
  ["a name", "rate(a_runs_total[5m])", "rate(a_starts_total[5m])"],
  ["a name beside operators", "a_runs_total/a_runs_total-1", "a_starts_total/a_starts_total-1"],
  ["a grouping", "sum by (a_mode,job) (x)", "sum by (a_pace,job) (x)"],
  ["a condition", 'x{a_mode="slow"}', 'x{a_pace="slower"}'],
  ["a condition with spaces and other quotes", "x{a_mode != 'slow'}", "x{a_pace != 'slower'}"],
  ["a condition with several values", 'x{a_mode=~"slow|fast|full"}', 'x{a_pace=~"slower|fast|whole"}'],
  ["a condition in JSON", String.raw`"x{a_mode=\"slow\",b=\"slow\"}"`, String.raw`"x{a_pace=\"slower\",b=\"slow\"}"`],
  ["a name at the start of a line in JSON", String.raw`"sum(\na_runs_total)"`, String.raw`"sum(\na_starts_total)"`],
  [
    "a legend and a variable",
    "{{a_mode}} label_values(a_runs_total, a_mode)",
    "{{a_pace}} label_values(a_starts_total, a_pace)",
  ],
  ["a key in YAML", "labels:\n  a_mode: x", "labels:\n  a_pace: x"],
];

/** Texts that have no whole word of the list. */
const OTHERS = [
  "my_a_runs_total a_runs_total_by_hour",
  "job:a_runs_total:rate5m",
  'x{other="slow"} slow',
  'x{a_runs="a_mod"}',
  String.raw`"\\na_runs_totals"`,
  'x{other=~"slow|a_modes"}',
];

describe("queries of an earlier version", () => {
  for (const [what, before, after] of CASES) {
    it(`have the new names in ${what}`, () => {
      expect(rewrite(before, CHANGES).text).to.equal(after);
    });
  }

  it("do not change if no whole name is replaced", () => {
    for (const text of OTHERS) expect(rewrite(text, CHANGES)).to.deep.equal({ text, replacements: [], reviews: [] });
  });

  it("keep values outside the enum, and conditions without an end", () => {
    expect(rewrite('x{a_mode=~"slow.*"}', CHANGES).text).to.equal('x{a_pace=~"slow.*"}');
    expect(rewrite('x{a_mode="slow', CHANGES).text).to.equal('x{a_pace="slow');
  });

  it("are listed with their lines, and so are uses that need manual review", () => {
    const { replacements, reviews } = rewrite('\na_runs_total\n\na_time_seconds_sum{a_mode="slow"}\n', CHANGES);
    expect(replacements).to.deep.equal([
      { line: 2, from: "a_runs_total", to: "a_starts_total" },
      { line: 4, from: "slow", to: "slower" },
      { line: 4, from: "a_mode", to: "a_pace" },
    ]);
    expect(reviews).to.deep.equal([{ line: 4, name: "a_time_seconds_sum", reason: "is in milliseconds" }]);
  });

  it("treat names of JavaScript's built-in properties like any other", () => {
    const text = 'constructor{toString="__proto__"} valueOf';
    expect(rewrite(text, CHANGES).text).to.equal(text);
  });
});
