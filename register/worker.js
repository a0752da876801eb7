"use strict";
// Preloaded in workers that would start without us; what the application sees of its options stays as it was.
const mine = process.execArgv.lastIndexOf(`--require=${__filename}`);
if (mine !== -1) process.execArgv.splice(mine, 1);
require("./index.js");
