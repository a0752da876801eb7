// The module has no prefix, and what it exports is read from its default export.
import http from "http";
import serve from "./serve.cjs";

const { createServer, request } = http;
serve({ createServer, request });
