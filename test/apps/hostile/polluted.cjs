"use strict";
// Loads modules where what describes a property seems to have a getter.
const { writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { tmpdir } = require("node:os");

const file = join(tmpdir(), `polluted-${process.pid}.cjs`);
writeFileSync(file, "exports.loaded = true; require('node:fs').unlinkSync(__filename);");
const { prototype } = Object;
prototype.get = undefined;
try {
  console.log(require(file).loaded);
} finally {
  delete prototype.get;
}
