// What the programs share that damage the files of an engine by a seed, and then use it.
"use strict";
const {
  appendFileSync,
  closeSync,
  ftruncateSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} = require("node:fs");
const { join } = require("node:path");

/** Overwrites some bytes of a file. */
function overwrite(path, chance) {
  const { size } = statSync(path);
  const fd = openSync(path, "r+");
  for (let i = chance.below(20) + 1; i > 0; i--) {
    const bytes = Buffer.from(chance.several(12, () => chance.below(256)));
    writeSync(fd, bytes, 0, bytes.length, chance.below(Math.max(1, size)));
  }
  closeSync(fd);
}

function truncate(path, chance) {
  const fd = openSync(path, "r+");
  ftruncateSync(fd, chance.below(statSync(path).size + 1));
  closeSync(fd);
}

const DAMAGES = {
  overwrite,
  truncate,
  append: (path, chance) => appendFileSync(path, Buffer.from(chance.several(300, () => chance.below(256)))),
  remove: (path) => rmSync(path),
};

/** Damages one of the files in a folder whose names match. Returns what was done. */
function damage(folder, pattern, chance) {
  const files = readdirSync(folder)
    .filter((name) => pattern.test(name) && statSync(join(folder, name)).isFile())
    .sort((a, b) => (a < b ? -1 : 1));
  if (files.length === 0) return "nothing";
  const name = chance.one(files);
  const how = chance.one(Object.keys(DAMAGES));
  DAMAGES[how](join(folder, name), chance);
  return `${how} ${name}`;
}

/** Does something that may take a while, and writes down what came of it. */
const awaiting = (tried, described, log) =>
  async function awaited(what, act) {
    try {
      const result = await act();
      tried(what, () => result);
      return result;
    } catch (error) {
      log(`${what} !! ${described(error)}`);
      return undefined;
    }
  };

module.exports = { damage, awaiting };
