console.log("served by", typeof require("node:http").createServer);
process.exitCode = 3;
