import { expect } from "chai";
import { prettyLine } from "../../../src/logs/pretty-line.ts";

const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g");

describe("a line for people", () => {
  it("is one line without terminal control characters", () => {
    const evil = "\u001b[2J\u009b31m\u202e\u2028\n\u0007\ud800";
    const line = prettyLine({
      timestamp: new Date(0).toISOString(),
      level: "info",
      message: evil,
      scope: evil,
      [`name${evil}`]: 1,
      value: evil,
      nested: { [evil]: [evil] },
    });
    // The colours are ours.
    const text = line.replaceAll(COLOUR, "");
    expect(text).to.not.match(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
    expect(text).to.include("nested=").and.include("value=\\u001b[2J\\u{9b}");
  });

  it("keeps the joiners of emoji", () => {
    const line = { timestamp: new Date(0).toISOString(), level: "info", message: "👩‍💻 zażółć" };
    expect(prettyLine(line)).to.include("👩‍💻 zażółć");
  });
});
