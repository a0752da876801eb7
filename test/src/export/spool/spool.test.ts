import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";
import { Spool, type SpoolOptions } from "../../../../src/export/spool/spool.ts";
import type { Batch } from "../../../../src/export/batch.ts";
import { temporaryFolder } from "../../../helpers/temp.ts";

const HOUR = 3_600_000;

const SHOP = { service: "shop", destination: "there" };

const batch = (text: string, time = Date.now(), items = 1): Batch => ({
  signal: "traces",
  contentType: "application/json",
  body: Buffer.from(text),
  items,
  time,
});

describe("the spool", () => {
  let folder: string;
  let reports: string[];
  beforeEach(() => {
    folder = join(temporaryFolder(), "spool");
    reports = [];
  });

  const open = (options: Partial<SpoolOptions> = {}): Spool =>
    new Spool({
      folder,
      identity: SHOP,
      limit: 1_000_000,
      report: ({ signal, items }, reason) => reports.push(`${items} ${signal} ${reason}`),
      ...options,
    });

  /** Everything that can be taken. */
  function take(spool: Spool): string[] {
    const texts: string[] = [];
    for (let claim = spool.claim(); claim !== undefined; claim = spool.claim()) {
      texts.push(...claim.batches.map(({ body }) => Buffer.from(body).toString()));
      claim.done();
    }
    return texts;
  }
  const files = (): string[] =>
    readdirSync(folder)
      .filter((name) => name.includes(".spool"))
      .sort();
  const only = (): string => join(folder, files()[0]!);

  it("returns written batches, the oldest file first, and leaves no file behind", () => {
    const spool = open();
    for (const text of ["a", "b"]) spool.write([batch(`${text}1`), batch(`${text}2`)]);
    expect(files()).to.have.length(2);
    expect(take(open())).to.deep.equal(["a1", "a2", "b1", "b2"]);
    expect(files()).to.deep.equal([]);
  });

  it("creates a folder and files that only this user can access", () => {
    open().write([batch("a")]);
    expect(statSync(folder).mode & 0o777).to.equal(0o700);
    expect(statSync(only()).mode & 0o777).to.equal(0o600);
  });

  it("does not create a folder to read it", () => {
    expect(open().claim()).to.equal(undefined);
    expect(statSync(folder, { throwIfNoEntry: false })).to.equal(undefined);
  });

  it("gives a file to one process only", () => {
    open().write([batch("a")]);
    const first = open().claim();
    expect(open().claim()).to.equal(undefined);
    expect(first!.batches).to.have.length(1);
  });

  it("takes over the file of a process that has ended, and not that of a running one", () => {
    for (const [pid, isTaken] of [
      // Above what Linux gives out.
      [2 ** 22 + 1, true],
      [process.ppid, false],
    ] as const) {
      open().write([batch("a")]);
      const [, host] = /\.spool\.(\w+)-/.exec(claimed())!;
      renameSync(only(), join(folder, files()[0]!.replace(/\.spool.*/, `.spool.${host}-${pid}-0-x`)));
      expect(take(open())).to.deep.equal(isTaken ? ["a"] : []);
    }
  });

  function claimed(): string {
    open().claim();
    return files()[0]!;
  }

  it("takes over a file of another machine only after ten minutes", () => {
    open().write([batch("a")]);
    renameSync(only(), `${only()}.00000000-1-0-x`);
    expect(take(open())).to.deep.equal([]);
    // The clock of this one is right, that of the file is not.
    writeTime(only(), Date.now() - 601_000);
    expect(take(open())).to.deep.equal(["a"]);
  });

  const writeTime = (path: string, time: number): void => {
    process.getBuiltinModule("node:fs").utimesSync(path, time / 1000, time / 1000);
  };

  it("is separate for each service and each Collector", () => {
    open().write([batch("a")]);
    for (const other of [
      { ...SHOP, service: "desk" },
      { ...SHOP, destination: "here" },
    ])
      expect(take(open({ identity: other }))).to.deep.equal([]);
    expect(take(open())).to.deep.equal(["a"]);
  });

  it("has file names from which the service cannot be guessed", () => {
    open().write([batch("a")]);
    const elsewhere = join(temporaryFolder(), "spool");
    open({ folder: elsewhere }).write([batch("a")]);
    const identityOf = (path: string): string => /stratascope-\w+-\w+-/.exec(readdirSync(path).join())![0];
    expect(identityOf(folder)).to.not.equal(identityOf(elsewhere));
  });

  it("replaces an incomplete key, and refuses one that others can read", () => {
    open().write([batch("old")]);
    const key = join(
      folder,
      readdirSync(folder).find((name) => name.endsWith(".key"))!,
    );
    writeFileSync(key, "");
    expect(take(open())).to.deep.equal([]);
    open().write([batch("new")]);
    expect(take(open())).to.deep.equal(["new"]);
    expect(statSync(key).size).to.equal(32);
    chmodSync(key, 0o644);
    expect(() => open().write([batch("newer")])).to.throw("alone");
  });

  it("is limited for a service as a whole, with any credentials", () => {
    for (let i = 0; i < 5; i++) {
      const spool = open({ limit: 1000, identity: { ...SHOP, destination: `token ${i}` } });
      spool.makeRoom([batch("a".repeat(200))]);
      spool.write([batch("a".repeat(200))]);
    }
    const sizes = files().map((name) => statSync(join(folder, name)).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).to.be.below(1000);
    expect(reports.length).to.be.above(0);
  });

  for (const [what, spoil] of Object.entries({
    "a line that is cut off": (text: string) => text.slice(0, -20),
    "a line of something else": (text: string) => `${text}null\n{"signal":"traces"}\n[1]\n"x"\n`,
    "bytes of anything": (text: string) => `\0\xff\ud800{${text}`,
    "numbers that are none": (text: string) => text.replace(/"items":\d+/, '"items":"many"'),
    "more items than there are bytes": (text: string) => text.replace(/"items":\d+/, '"items":9007199254740991'),
    "a header in the type": (text: string) => text.replace("application/json", "application/json\\r\\nx-admin: 1"),
    "a depth without end": (text: string) => `${"[".repeat(100_000)}\n${text.slice(1)}`,
  })) {
    it(`loses nothing else because of ${what}`, () => {
      const spool = open();
      spool.write([batch("good")]);
      spool.write([batch("other")]);
      const path = only();
      const good = readFileSync(path, "utf8");
      writeFileSync(path, `${good}${spoil(good)}`);
      expect(take(open()).filter((text) => text === "good" || text === "other")).to.include.members(["good", "other"]);
      expect(reports).to.have.length(1);
      expect(reports[0]).to.match(/^\d+ traces unreadable$/);
      expect(files()).to.deep.equal([]);
    });
  }

  it("ignores foreign files and lookalikes", () => {
    const spool = open();
    spool.write([batch("a")]);
    const name = files()[0]!;
    const secret = join(temporaryFolder(), "secret");
    writeFileSync(secret, "SECRET");
    writeFileSync(join(folder, "notes.txt"), "mine");
    symlinkSync(secret, join(folder, `${name.slice(0, -8)}1.spool`));
    mkdirSync(join(folder, `${name.slice(0, -8)}2.spool`));
    const { mtimeMs } = statSync(secret);
    execFileSync("mkfifo", [join(folder, `${name.slice(0, -8)}3.spool`)]);
    for (const [i, change] of [
      (path: string) => chmodSync(path, 0o644),
      (path: string) => linkSync(path, join(temporaryFolder(), "other name")),
    ].entries()) {
      const path = join(folder, `${name.slice(0, -8)}${i + 4}.spool`);
      copyFileSync(join(folder, name), path);
      change(path);
    }
    expect(take(open())).to.deep.equal(["a"]);
    expect(files()).to.have.length(5);
    expect(readFileSync(secret, "utf8")).to.equal("SECRET");
    expect(statSync(secret).mtimeMs).to.equal(mtimeMs);
    expect(readFileSync(join(folder, "notes.txt"), "utf8")).to.equal("mine");
  });

  it("counts batches that are older than a day, and does not send them", () => {
    open().write([batch("old ones", Date.now() - 25 * HOUR, 7), batch("young", Date.now() - 23 * HOUR)]);
    expect(take(open())).to.deep.equal(["young"]);
    expect(reports).to.deep.equal(["7 traces expired"]);
  });

  it("keeps batches that appear to be from tomorrow after the clock was set back", () => {
    open().write([batch("tomorrow", Date.now() + 24 * HOUR)]);
    expect(take(open())).to.deep.equal(["tomorrow"]);
  });

  it("stays within its size limit, and counts what it drops, the oldest first", () => {
    const spool = open({ limit: 1000 });
    for (const text of ["a", "b", "c", "d", "e"]) {
      const written = batch(text.repeat(200), Date.now(), 3);
      spool.makeRoom([written]);
      spool.write([written]);
    }
    const sizes = files().map((name) => statSync(join(folder, name)).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).to.be.below(1000);
    expect(
      take(open())
        .map(([first]) => first)
        .at(-1),
    ).to.equal("e");
    expect(reports).to.not.deep.equal([]);
    expect(new Set(reports)).to.deep.equal(new Set(["3 traces spool_full"]));
  });

  it("writes no file beyond its size limit, drops the oldest batches, and counts them", () => {
    const spool = open({ limit: 1000 });
    spool.write([batch("huge".repeat(1000), Date.now(), 7), ...["a", "b", "c"].map((text) => batch(text.repeat(90)))]);
    expect(statSync(only()).size).to.be.below(1000);
    expect(take(open()).map(([first]) => first)).to.deep.equal(["b", "c"]);
    expect(reports).to.deep.equal(["1 traces spool_full", "7 traces spool_full"]);
    reports = [];
    const add = open({ limit: 1000 }).begin();
    for (const text of ["a", "b", "c", "d"]) add(batch(text.repeat(90)));
    expect(statSync(only()).size).to.be.below(1000);
    expect(reports).to.deep.equal(["1 traces spool_full", "1 traces spool_full"]);
  });

  it("counts a file beyond the size limit, and does not read it", () => {
    open().write([batch("a".repeat(2000))]);
    expect(take(open({ limit: 1000 }))).to.deep.equal([]);
    expect(reports).to.deep.equal(["1 traces unreadable"]);
    expect(files()).to.deep.equal([]);
  });

  it("reads a limited number of foreign files, and keeps a limited number of its own", () => {
    mkdirSync(folder, { recursive: true });
    for (let i = 0; i < 1010; i++) open().write([batch("a")]);
    open().makeRoom([batch("b")]);
    expect(files()).to.have.length(999);
    expect(reports).to.have.length(11);
  });

  it("refuses a folder that is a file, or that is not writable", () => {
    writeFileSync(folder, "");
    expect(() => open().write([batch("a")])).to.throw(/EEXIST|ENOTDIR/);
    if (process.getuid?.() === 0) return;
    folder = temporaryFolder();
    chmodSync(folder, 0o500);
    expect(() => open().write([batch("a")])).to.throw(/EACCES/);
  });

  it("can be added to until the end of the process", () => {
    const add = open().begin();
    for (const text of ["a", "b"]) add(batch(text));
    expect(take(open())).to.deep.equal([]);
    renameSync(only(), only().replace(/-\d+-\d+-(\w+)$/, "-4194305-0-$1"));
    expect(take(open())).to.deep.equal(["a", "b"]);
  });
});
