const { createServer, request } = require("node:http");

require("./serve.cjs")({ createServer, request });
