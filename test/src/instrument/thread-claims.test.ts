import { expect } from "chai";
import { describe, it } from "mocha";
import { claimName, claimMemory, releaseClaims, SharedFile } from "../../../src/instrument/thread-claims.ts";

/** What other threads see of a file is in a table that all of them have. */
const asIfBy = (thread: number, path: string): void => {
  const manager = new BigInt64Array(claimMemory());
  const before = manager.slice();
  new SharedFile(path).isOurs();
  manager[manager.findIndex((number, i) => number !== before[i])] = BigInt(thread + 1);
};

describe("a file that several threads have open", () => {
  it("is identified by its path, with the same numbers", () => {
    const [file, same, other] = ["/data/a.db", "/data/a.db", "/data/b.db"].map((path) => new SharedFile(path));
    expect(file!.replace(2, 0n, 7n)).to.equal(true);
    expect([file, same, other].map((each) => each!.get(2))).to.deep.equal([7n, 7n, 0n]);
    expect(same!.replace(2, 0n, 8n)).to.equal(false);
    expect([file!.add(0, 1n), same!.add(0, 1n), file!.add(0, -1n)]).to.deep.equal([1n, 2n, 1n]);
  });

  it("is reported by one of them, until that closes it or ends", () => {
    const file = new SharedFile("/data/reported.db");
    expect(file.isOurs()).to.equal(true);
    expect(file.isOurs()).to.equal(true);
    file.leave();
    asIfBy(7, "/data/reported.db");
    expect(file.isOurs()).to.equal(false);
    file.leave();
    expect(file.isOurs()).to.equal(false);
    releaseClaims(8);
    expect(file.isOurs()).to.equal(false);
    releaseClaims(7);
    expect(file.isOurs()).to.equal(true);
  });

  it("has a unique name", () => {
    expect(claimName("store", "/data/a/store.db")).to.equal(true);
    expect(claimName("store", "/data/b/store.db")).to.equal(false);
    expect(claimName("store", "/data/a/store.db")).to.equal(true);
  });

  it("is separate for each thread if there are too many files", () => {
    const files = Array.from({ length: 3_000 }, (_, i) => new SharedFile(`/many/${i}.db`));
    files.forEach((file, i) => file.replace(1, 0n, BigInt(i + 1)));
    expect(files.map((file) => Number(file.get(1)))).to.deep.equal(files.map((_, i) => i + 1));
    expect(files.every((file) => file.isOurs())).to.equal(true);
    const known = files.filter((_, i) => new SharedFile(`/many/${i}.db`).get(1) === BigInt(i + 1));
    // Other tests of this process have the rest of the table.
    expect(known.length).to.be.within(1_000, 2_048);
  });
});
