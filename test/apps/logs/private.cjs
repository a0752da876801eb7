// Has secrets wherever an application can have them, writes records about everything else, and ends as its argument says.
const fs = require("node:fs");
const http = require("node:http");
const Database = require("better-sqlite3");
const { logger } = require("stratascope");

const db = new Database("data-S3CRET.db");
const log = logger("api");

const ENDS = {
  "returns normally": () => {},
  "throws what an engine threw": () => db.exec("SELECT * FROM t WHERE a = 'S3CRET10"),
  "throws what an engine caused": () => {
    try {
      db.exec("SELECT S3CRET11");
    } catch (cause) {
      throw new Error("could not save", { cause });
    }
  },
  "throws what a file system threw": () => fs.readFileSync(`${__dirname}/no folder/file`),
  "throws what has properties": () => {
    throw Object.assign(new Error("rejected"), { payload: "S3CRET12", code: "S3CRET 13" });
  },
  "rejects with an object": () => void Promise.reject({ password: "S3CRET14" }),
};

const server = http.createServer((request, response) => {
  db.prepare("SELECT ? AS a").get("S3CRET1");
  log.info("in a request");
  log.error("failed", new TypeError("of the application"));
  response.setHeader("set-cookie", "S3CRET2").end("S3CRET3");
});
server.listen(0, "127.0.0.1", () => {
  const headers = {
    authorization: "Bearer S3CRET4",
    cookie: "S3CRET5",
    "x-correlation-id": "c1",
    "x-other": "S3CRET6",
  };
  const path = "/users/S3CRET7?token=S3CRET8";
  const options = { host: "127.0.0.1", port: server.address().port, method: "POST", headers, path, agent: false };
  const call = http.request(options, (response) => {
    response.resume().on("close", () => {
      server.close();
      ENDS[process.argv[2]]();
    });
  });
  call.end("S3CRET9");
});
