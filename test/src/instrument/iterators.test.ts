import { expect } from "chai";
import { describe, it } from "mocha";
import { database } from "../../../src/instrument/api.ts";
import { count } from "../../helpers/observed.ts";

const scanIn = (namespace: string) => database({ system: "test", namespace }).operation("read", { name: "scan" });

/** The runs that ended, and the records they returned. */
const counted = async (namespace: string): Promise<[runs: number, records: number]> => [
  await count("db.client.operation.duration", { "db.namespace": namespace }),
  await count("storage.operation.records", { "db.namespace": namespace }),
];

describe("an iterator of an author's engine", () => {
  it("needs neither `return` nor `throw`, and gets none", () => {
    const scan = scanIn("optional");
    const plain = { next: () => ({ done: false, value: 1 }), [Symbol.iterator]: () => plain };
    for (const iterator of [plain, [1, 2].values()]) {
      scan.iterate(iterator);
      for (const _ of iterator) break;
      expect(iterator).to.not.have.any.keys("return", "throw");
    }
  });

  it("is counted when `throw` ends it, or its `return` fails", async () => {
    const scan = scanIn("ended by errors");
    const error = new RangeError("mine");
    function* values(): Generator<number> {
      yield 1;
    }
    const thrown = scan.iterate(values());
    thrown.next();
    expect(() => thrown.throw(error)).to.throw(error);
    const fail = (): never => {
      throw error;
    };
    const returned = scan.iterate({ next: () => ({ value: 1 }), return: fail });
    returned.next();
    expect(() => returned.return()).to.throw(error);
    expect(await counted("ended by errors")).to.deep.equal([2, 1]);
  });

  it("is one run, however often it is passed", async () => {
    const scan = scanIn("passed twice");
    const iterator = [1, 2, 3].values();
    expect([...scan.iterate(scan.iterate(iterator))]).to.deep.equal([1, 2, 3]);
    expect(await counted("passed twice")).to.deep.equal([1, 3]);
  });

  it("is not changed if it is frozen, or not an iterator", async () => {
    const scan = scanIn("frozen");
    const iterator = Object.freeze([1, 2].values());
    expect([...scan.iterate(iterator)]).to.deep.equal([1, 2]);
    const array: unknown = [1];
    expect(scan.iterate(array as Iterator<unknown>)).to.have.ownPropertyDescriptor("0");
    expect(Object.getOwnPropertyNames(array)).to.deep.equal(["0", "length"]);
    expect(scan.iterate(undefined as never)).to.equal(undefined);
    expect(await counted("frozen")).to.deep.equal([0, 0]);
  });

  it("keeps the names and lengths of its methods, and works with iterator helpers", async () => {
    const scan = scanIn("helpers");
    function* values(): Generator<number> {
      yield* [1, 2, 3];
    }
    const [bare, observed] = [values(), scan.iterate(values())];
    for (const name of ["next", "return", "throw"] as const)
      expect([observed[name].name, observed[name].length]).to.deep.equal([bare[name].name, bare[name].length]);
    expect([...observed.map((value) => value * 2).take(2)]).to.deep.equal([2, 4]);
    expect(await counted("helpers")).to.deep.equal([1, 2]);
  });
});
