/** `write.ts FOLDER FIRST`: writes numbers from one on until it is killed, and prints each that was acknowledged. */
import { Tidepool } from "../../../examples/engine/engine.ts";

const [folder, first] = process.argv.slice(2) as [string, string];
const engine = await Tidepool.open(folder, {
  memtableBytes: 2_000,
  tableBytes: 2_000,
  valueBytes: 200,
  level0Files: 2,
});

for (let number = Number(first); ; number++) {
  const value = Buffer.from(`${number} `.repeat(1 + (number % 60)));
  await engine.batch(
    new Map([
      [`left ${number}`, value],
      [`right ${number}`, value],
    ]),
  );
  process.stdout.write(`${number}\n`);
}
