// Uses the copies of a class that require and import give.
import { createRequire } from "node:module";
import Database from "better-sqlite3";

const Other = createRequire(import.meta.url)("better-sqlite3/linux-x64");
console.log(Other === Database);
for (const Class of [Database, Other]) new Class(":memory:").prepare("SELECT 1").get();
