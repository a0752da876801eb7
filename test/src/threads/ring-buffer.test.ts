import { expect } from "chai";
import { describe, it } from "mocha";
import { Ring } from "../../../src/threads/ring-buffer.ts";
import { seeded } from "../../helpers/random.ts";

/** The two ends of one ring: what one thread has of it, and another one. */
function ends(bytes: number): { writer: Ring; reader: Ring } {
  const writer = new Ring(new SharedArrayBuffer(bytes));
  return { writer, reader: new Ring(writer.buffer) };
}

describe("a ring", () => {
  it("returns every message in order, however writing and reading alternate", () => {
    const random = seeded(1);
    const { writer, reader } = ends(4096);
    const taken: string[] = [];
    let refused = 0;
    let read = 0;
    for (let step = 0; step < 50_000; step++) {
      if (random() < 0.5) {
        const message = `${step} ${"ä".repeat(random() ** 4 * 1000)}`;
        if (writer.write(message)) taken.push(message);
        else refused++;
      } else {
        const message = reader.read();
        if (message === undefined) expect(read).to.equal(taken.length);
        else expect(message).to.equal(taken[read++]);
      }
    }
    for (let message = reader.read(); message !== undefined; message = reader.read())
      expect(message).to.equal(taken[read++]);
    expect(read).to.equal(taken.length).and.to.be.above(10_000);
    expect(refused).to.be.above(1_000);
  });

  it("refuses a message that does not fit, and takes it once there is room", () => {
    const { writer, reader } = ends(1024);
    const message = "m".repeat(300);
    const taken = [1, 2, 3, 4, 5].map(() => writer.write(message));
    expect(taken).to.deep.equal([true, true, true, false, false]);
    expect(writer.write("m".repeat(2000))).to.equal(false);
    reader.read();
    reader.read();
    expect(writer.write(message)).to.equal(true);
    expect([reader.read(), reader.read(), reader.read()]).to.deep.equal([message, message, undefined]);
  });

  for (const [what, value] of Object.entries({
    "plain data": {
      text: "a\n\u2028\ud800",
      numbers: [1, -0.5, 1e300],
      yes: true,
      nothing: null,
      deep: { list: [[]] },
    },
    "numbers that JSON has not": [NaN, Infinity, -Infinity, 12345678901234567890n],
    bytes: { body: new Uint8Array([1, 2, 255]) },
    "what is undefined": { list: [undefined, 1] },
    "what refers to itself": (() => {
      const self: { self?: unknown } = {};
      self.self = self;
      return { map: new Map([[1, self]]) };
    })(),
  })) {
    it(`carries ${what}`, () => {
      const { writer, reader } = ends(4096);
      expect(writer.write(value)).to.equal(true);
      const read = reader.read();
      // What is written later does not change what was read.
      for (let i = 0; i < 20; i++) if (writer.write({ i, bytes: new Uint8Array(100).fill(7) })) reader.read();
      expect(read).to.deep.equal(value);
    });
  }

  it("throws for a value that cannot be cloned, and stays usable", () => {
    const { writer, reader } = ends(4096);
    expect(() => writer.write({ body: () => {} })).to.throw();
    expect(writer.write("next")).to.equal(true);
    expect(reader.read()).to.equal("next");
  });
});
