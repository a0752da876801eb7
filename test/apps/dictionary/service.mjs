import http from "node:http";
import Database from "better-sqlite3";
import serve from "./serve.cjs";

serve(Database, http);
