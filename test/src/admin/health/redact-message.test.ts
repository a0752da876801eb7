import { expect } from "chai";
import { describe, it } from "mocha";
import { redactMessage } from "../../../../src/admin/health/redact-message.ts";

describe("a message for unauthenticated clients", () => {
  const messages: readonly (readonly [given: string, plain: string])[] = [
    ["3 of 4 partitions", "3 of 4 partitions"],
    ["lag is 5/10 and 12:30:10", "lag is 5/10 and 12:30:10"],
    ["Error: no\n    at run (/srv/app.js:3:1)", "Error: no"],
    ["cannot open /var/lib/app/data.db", "cannot open …/data.db"],
    ["cannot open '/var/lib/app/data.db'", "cannot open '…/data.db'"],
    ["cannot open C:\\data\\app.db", "cannot open …/app.db"],
    ["redis://user:pass@cache:6379/0 is away", "redis://cache:6379/0 is away"],
    ["https://example.com/a/b is away", "https://example.com/a/b is away"],
    ["x".repeat(500), "x".repeat(200)],
  ];
  for (const [given, expected] of messages) {
    it(`is one line without passwords and paths: ${given.slice(0, 40).split("\n", 1)[0]}`, () =>
      expect(redactMessage(given)).to.equal(expected));
  }
});
