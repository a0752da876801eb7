// Runs ten thousand texts a million times; says by how many MiB the heap in use grew from a fifth of them to the end.
const open = require("./open.cjs");

const db = open("many.db");
const used = () => {
  gc();
  gc();
  return process.memoryUsage().heapUsed / 2 ** 20;
};
let early;
for (let round = 0; round < 10; round++) {
  for (let text = 0; text < 10_000; text++) {
    const statement = db.prepare("SELECT " + text + " AS n, 'text" + text + "' AS t");
    for (let run = 0; run < 10; run++) statement.get();
  }
  if (round === 1) early = used();
}
console.log(used() - early);
