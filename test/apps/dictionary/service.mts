// The same with types, which Node.js strips.
import http from "node:http";
import Database from "better-sqlite3";
import serve from "./serve.cjs";

type Serve = (database: typeof Database, server: typeof http) => void;
const typed: Serve = serve;
typed(Database, http);
