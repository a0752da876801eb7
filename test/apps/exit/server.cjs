// Works and serves until it is ended. With a method of `process` and a signal as arguments, shuts itself down on that signal,
// works meanwhile, and says what it saw.
const { createServer } = require("node:http");
const work = require("./work.cjs");

const server = createServer((request, response) => response.end("here"));
server.listen(0, "127.0.0.1", () => {
  work();
  console.log("serves http://127.0.0.1:" + server.address().port);
});

const [, , method, signal] = process.argv;
if (method !== undefined) {
  process[method](signal, (name, number) => {
    console.log(name, number);
    server.close(() =>
      setTimeout(() => {
        work();
        process.exitCode = 4;
      }, 50),
    );
  });
  console.log(process.listenerCount(signal), process.listeners(signal).length);
}
