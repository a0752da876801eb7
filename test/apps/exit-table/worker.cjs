// A worker that works, and then ends as its data says.
const { parentPort, workerData } = require("node:worker_threads");
const work = require("./work.cjs");

const WAYS = {
  returns() {},
  exits: () => process.exit(3),
  goesOn() {
    parentPort.postMessage("worked");
    for (;;);
  },
};

work();
WAYS[workerData]();
