// Has a class observed that no hook has seen, as one in a bundle, and one of an engine that there is not.
import Database from "better-sqlite3";
import { instrument } from "stratascope";

console.log(instrument("better-sqlite3", Database) === Database);
new Database(":memory:").prepare("SELECT 1").get();
try {
  instrument("betersqlite", Database);
} catch (error) {
  console.log(`${error.name}: ${error.message}`);
}
