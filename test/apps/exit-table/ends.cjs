// Works, says that it is ready, and ends in the way that is its argument.
const { createServer } = require("node:http");
const { Worker } = require("node:worker_threads");

/** Is loaded where it is used: a main thread whose worker works does not work itself. */
const work = () => require("./work.cjs")();

function workAndSay() {
  work();
  console.log("ready");
}

const serve = () => createServer(() => {}).listen(0, "127.0.0.1", workAndSay);
const startWorker = (way) => new Worker(`${__dirname}/worker.cjs`, { workerData: way });

const WAYS = {
  "returns normally": workAndSay,
  "calls process.exit": () => {
    workAndSay();
    setImmediate(() => process.exit(5));
    process.on("exit", (code) => {
      work();
      console.log("exit", code);
    });
  },
  "gets SIGTERM, which it does not handle": serve,
  "gets SIGTERM, and shuts itself down": () => {
    serve();
    process.on("SIGTERM", () => {
      setTimeout(() => {
        work();
        console.log("bye");
        process.exit(0);
      }, 50);
    });
  },
  "gets SIGINT, which it does not handle": serve,
  "throws what is not caught": () => {
    workAndSay();
    setTimeout(() => {
      work();
      throw new TypeError("broken");
    }, 10);
  },
  "has a rejection that is not handled": () => {
    workAndSay();
    setTimeout(() => {
      work();
      void Promise.reject(new TypeError("broken"));
    }, 10);
  },
  "calls process.exit once a worker has worked": () => {
    startWorker("goesOn").on("message", () => {
      console.log("ready");
      process.exit(5);
    });
  },
  "terminates a worker once it has worked": () => {
    const worker = startWorker("goesOn");
    worker.on("message", () => worker.terminate().then(() => console.log("ready")));
  },
  "has a worker that calls process.exit": () => {
    startWorker("exits").on("exit", (code) => {
      process.exitCode = code;
      console.log("ready");
    });
  },
  "has a worker that returns normally": () => {
    startWorker("returns").on("exit", () => console.log("ready"));
  },
  "gets SIGKILL": serve,
};

WAYS[process.argv[2]]();
