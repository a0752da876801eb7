import { cpSync, linkSync, readdirSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { Tidepool } from "../../examples/engine/engine.ts";
import type { Options } from "../../examples/engine/options.ts";
import type { Scan } from "../../examples/engine/views.ts";
import { eventually } from "../helpers/eventually.ts";
import { seeded } from "../helpers/random.ts";
import { temporaryFolder } from "../helpers/temp.ts";

/** Small enough that some hundred writes reach level 2. */
const SMALL: Partial<Options> = {
  sync: "never",
  memtableBytes: 2_000,
  valueBytes: 200,
  tableBytes: 2_000,
  level0Files: 2,
  level1Bytes: 4_000,
};

const opened: Tidepool[] = [];

async function open(folder = temporaryFolder(), options = SMALL): Promise<Tidepool> {
  const engine = await Tidepool.open(folder, options);
  opened.push(engine);
  return engine;
}

/** Opens what a crash at this moment leaves behind. */
async function reopenAfterCrash(engine: Tidepool, damage = (_folder: string): void => undefined): Promise<Tidepool> {
  const folder = temporaryFolder();
  await engine.checkpoint(join(folder, "crashed"));
  damage(join(folder, "crashed"));
  return open(join(folder, "crashed"));
}

const put = (engine: Pick<Tidepool, "put">, key: string, value: string): Promise<void> =>
  engine.put(key, Buffer.from(value));

const text = async (value: Promise<Buffer | undefined>): Promise<string | undefined> => (await value)?.toString();

async function all(scan: Scan): Promise<[string, string][]> {
  const pairs: [string, string][] = [];
  for await (const [key, value] of scan) pairs.push([key, value.toString()]);
  return pairs;
}

const sorted = (model: ReadonlyMap<string, string>, prefix = ""): [string, string][] =>
  Array.from(model)
    .filter(([key]) => key.startsWith(prefix))
    .sort(([a], [b]) => (a < b ? -1 : 1));

describe("the example engine", () => {
  afterEach(async () => {
    for (const engine of opened.splice(0)) await engine.close();
  });

  for (const seed of [1, 2, 3])
    it(`agrees with a map after random writes, reopening and crashes, with seed ${seed}`, async () => {
      const random = seeded(seed);
      const upTo = (limit: number): number => Math.floor(random() * limit);
      const model = new Map<string, string>();
      let engine = await open();
      for (let step = 0; step < 1_500; step++) {
        const key = `${"abc"[upTo(3)]}${upTo(150)}`;
        const choice = random();
        if (choice < 0.6) {
          const value = `${step} `.repeat(1 + upTo(choice < 0.1 ? 200 : 10));
          model.set(key, value);
          await put(engine, key, value);
        } else if (choice < 0.8) {
          model.delete(key);
          await engine.del(key);
        } else if (choice < 0.95) {
          expect(await text(engine.get(key)), key).to.equal(model.get(key));
        } else if (choice < 0.98) {
          const prefix = key.slice(0, 2);
          expect(await all(engine.scan(prefix))).to.deep.equal(sorted(model, prefix));
        } else if (choice < 0.985) {
          await engine.close();
          engine = await open(engine.folder);
        } else if (choice < 0.99) {
          engine = await reopenAfterCrash(engine);
        } else if (choice < 0.993) {
          await engine.compact();
        }
      }
      expect(await all(engine.scan())).to.deep.equal(sorted(model));
      const { levels, valueLogBytes } = engine.properties();
      expect(levels.slice(1).some(({ files }) => files > 1)).to.equal(true);
      expect(valueLogBytes).to.be.above(0);
    });

  it("loses no write that was acknowledged, and nothing but the write that a crash tore", async () => {
    const engine = await open();
    await put(engine, "a", "1");
    await engine.batch(
      new Map([
        ["b", Buffer.from("2")],
        ["c", Buffer.from("3")],
      ]),
    );
    const crashed = await reopenAfterCrash(engine, (folder) => {
      const log = join(
        folder,
        readdirSync(folder).find((name) => name.endsWith(".wal"))!,
      );
      truncateSync(log, statSync(log).size - 1);
    });
    expect(await all(crashed.scan())).to.deep.equal([["a", "1"]]);
    await put(crashed, "d", "4");
    const again = await reopenAfterCrash(crashed);
    expect(await all(again.scan())).to.deep.equal([
      ["a", "1"],
      ["d", "4"],
    ]);
  });
});
