// Ends in the way it is asked for, each with a signal it sends itself.
const kill = () => process.kill(process.pid, "SIGTERM");
const ways = {
  // Nothing is left to do then.
  "last act": () => setTimeout(kill, 10),
  "after a listener": () => {
    const server = require("node:http").createServer().listen(0, "127.0.0.1", kill);
    process.once("SIGTERM", () => server.close(kill));
  },
  "and exits": () => {
    kill();
    process.exit(3);
  },
  "and goes on": () => {
    kill();
    console.log("never");
    setTimeout(() => console.log("never either"), 10);
  },
  "in exit": () => process.on("exit", kill),
  "in beforeExit": () => process.once("beforeExit", kill),
  "by number": () => process.kill(process.pid, 15),
  "handled, in exit": () => {
    process.on("SIGTERM", () => console.log("never"));
    process.on("exit", kill);
  },
  "without its listeners": () => {
    process.on("SIGTERM", () => {});
    process.removeAllListeners();
    kill();
    setInterval(() => {}, 1000);
  },
  "that does not exist": () => {
    try {
      process.kill(process.pid, "SIGNONE");
    } catch (error) {
      console.log(error.stack.replaceAll(/\d+/g, "N"));
    }
    try {
      process.kill(2 ** 22 + 1, "SIGTERM");
    } catch (error) {
      console.log(error.stack.replaceAll(/\d+/g, "N"));
    }
  },
};
if (process.argv[3] === "busy") {
  const { DatabaseSync } = require("node:sqlite");
  new DatabaseSync(":memory:").exec("SELECT 1");
}
ways[process.argv[2]]();
