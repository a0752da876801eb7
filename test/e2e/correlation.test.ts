import { expect } from "chai";
import { describe, it } from "mocha";
import { linesOf, runs, type Line } from "../helpers/logged.ts";

describe("correlation ids", () => {
  /** Asks the first of two services, which asks the second. */
  async function chain(headers: object, options: { outgoing?: object; env?: Record<string, string> } = {}) {
    const { outgoing = {}, env = {} } = options;
    const ended = await runs("chain.cjs", { args: [headers, outgoing].map((each) => JSON.stringify(each)), env });
    expect(ended.code).to.equal(0);
    const lines = linesOf(ended);
    const [first, second] = ["first", "second"].map((message) => lines.find((line) => line["message"] === message)!);
    const [, answer] = /^answer (.*)$/m.exec(ended.stdout)!;
    return { first: first!, second: second!, answer: JSON.parse(answer!) as unknown };
  }

  it("are taken from the request, and sent to the next service in header and baggage", async () => {
    const { first, second, answer } = await chain({ "x-correlation-id": "c1", "x-request-id": "r1" });
    expect(first).to.include({ correlation_id: "c1", request_id: "r1" });
    expect(second).to.include({ correlation_id: "c1", header: "c1" });
    expect(second["request_id"]).to.equal(second["span_id"]);
    expect(String(second["baggage"]).split(",").sort()).to.deep.equal(["correlation_id=c1", "request_id=r1"]);
    expect(answer).to.deep.equal([null, null]);
  });

  it("are those of the trace if the request has none, and are not added to outgoing requests", async () => {
    const { first, second } = await chain({});
    expect(first["correlation_id"]).to.equal(first["trace_id"]);
    expect(first["request_id"]).to.equal(first["span_id"]);
    expect(second).to.include({ correlation_id: first["trace_id"], header: "none", baggage: "none" });
  });

  it("are read from baggage as well", async () => {
    const { first, second } = await chain({ baggage: "correlation_id=c2,other=1" });
    expect(first).to.include({ correlation_id: "c2" });
    expect(second).to.include({ correlation_id: "c2", header: "c2" });
  });

  it("do not change a header that the application has set", async () => {
    const { second } = await chain({ "x-correlation-id": "c1" }, { outgoing: { "X-Correlation-ID": "mine" } });
    expect(second).to.include({ header: "mine", correlation_id: "mine" });
  });

  it("use the configured header names", async () => {
    const env = { STRATASCOPE_CORRELATION_HEADER: "X-Flow", STRATASCOPE_REQUEST_ID_HEADER: "X-Call" };
    const { first, second } = await chain({ "x-flow": "f1", "x-call": "k1", "x-correlation-id": "no" }, { env });
    expect(first).to.include({ correlation_id: "f1", request_id: "k1" });
    expect(second).to.include({ correlation_id: "f1" });
  });

  it("are sent in responses if that is enabled", async () => {
    const env = { STRATASCOPE_CORRELATION_RESPONSE: "true" };
    const given = await chain({ "x-correlation-id": "c1", "x-request-id": "r1" }, { env });
    expect(given.answer).to.deep.equal(["c1", "r1"]);
    const { first, answer } = await chain({}, { env });
    expect(answer).to.deep.equal([first["trace_id"], first["span_id"]]);
  });

  for (const [what, id] of [
    ["too long", "x".repeat(129)],
    ["with a space", "a b"],
    ["with characters that are no ASCII", "caf\u00e9"],
  ] as const) {
    it(`are ignored if they are ${what}`, async () => {
      const { first, second } = await chain({ "x-correlation-id": id });
      expect(first["correlation_id"]).to.equal(first["trace_id"]);
      expect(second["header"]).to.equal("none");
    });
  }

  it("are those that the application sets, in a job and its outgoing requests", async () => {
    const lines = linesOf(await runs("job.cjs"));
    const those = (message: string): Line => lines.find((line) => line["message"] === message)!;
    expect(those("first")).to.deep.include({
      source: "job",
      correlation_id: "j1",
      request_id: "r9",
      "job.queue.name": "mail",
      org_id: "acme",
      carrier: { baggage: "correlation_id=j1,request_id=r9", "x-correlation-id": "j1" },
    });
    expect(those("taken")).to.include({ correlation_id: "j1", request_id: "r9" });
    for (const message of ["outside", "still outside"])
      expect(those(message)).not.to.have.any.keys("correlation_id", "request_id", "org_id", "source");
  });
});
