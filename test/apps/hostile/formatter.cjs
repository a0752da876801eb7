// The application's formatter of stacks throws, which is nothing to it: it makes no errors of its own.
const { DatabaseSync } = require("node:sqlite");

Error.prepareStackTrace = (error) => {
  throw new Error(`asked for the stack of ${error.message}`);
};

const database = new DatabaseSync(":memory:");
database.exec("CREATE TABLE items (name)");
const insert = database.prepare("INSERT INTO items VALUES ('a')");
const work = setInterval(() => insert.run(), 10);
console.log("works");
process.stdin.on("end", () => {
  clearInterval(work);
  console.log("ended by itself");
});
process.stdin.resume();
