import { expect } from "chai";
import { describe, it } from "mocha";
import { METRIC_STORAGE_TRANSACTION_ACTIVE as ACTIVE } from "../../../semconv/index.ts";
import { MetricRegistry } from "../../../src/metrics/registry.ts";
import { Page, Pages } from "../../../src/metrics/shared-memory.ts";

/** What another thread reads of published pages. */
class Reader {
  readonly pages: Page[] = [];

  constructor(pages: Pages) {
    pages.publish((buffer) => this.pages.push(new Page(buffer)));
  }

  read(): ReturnType<Page["read"]> {
    return this.pages.flatMap((page) => page.read());
  }
}

describe("the pages of a thread", () => {
  it("announce each series once, with numbers that both threads see, whenever they are published", () => {
    const pages = new Pages();
    const active = new MetricRegistry(2000, pages).instrument(ACTIVE);
    const first = active.bind({ "db.namespace": "ä" });
    const reader = new Reader(pages);
    const second = active.bind({ "db.namespace": "b" });
    first.add(3);
    const entries = reader.read();
    expect(entries.map(({ note }) => note)).to.deep.equal([
      { definition: { ...ACTIVE } },
      { instrument: 0, attributes: { "db.namespace": "ä" }, startTime: first.startTime },
      { instrument: 0, attributes: { "db.namespace": "b" }, startTime: second.startTime },
    ]);
    expect(reader.read()).to.deep.equal([]);
    second.add(4);
    first.add(1);
    expect(entries.map(({ numbers }) => [...numbers])).to.deep.equal([[], [4], [4]]);
  });

  it("grow in number with the series", () => {
    const pages = new Pages();
    const reader = new Reader(pages);
    const active = new MetricRegistry(20_000, pages).instrument(ACTIVE);
    const bound = Array.from({ length: 5_000 }, (_, i) => active.bind({ "db.namespace": `n${i}` }));
    bound.forEach((each, i) => each.add(i));
    const [{ note } = expect.fail(), ...series] = reader.read();
    expect(note).to.have.property("definition");
    expect(reader.pages.length).to.be.above(5);
    expect(series.map(({ numbers }) => numbers[0])).to.deep.equal(bound.map((_, i) => i));
  });

  it("take a note that is larger than one of them", () => {
    const pages = new Pages();
    const reader = new Reader(pages);
    const attributes = { text: "ü".repeat(200_000) };
    const numbers = pages.write({ instrument: 0, attributes, startTime: [0, 0] }, 10_000);
    numbers[9_999] = 1;
    const [entry] = reader.read();
    expect(entry!.note).to.deep.include({ attributes });
    expect(entry!.numbers).to.have.length(10_000).and.to.have.property("9999", 1);
  });
});
