import { createServer } from "node:http";
console.log("served by", typeof createServer);
process.exitCode = 3;
