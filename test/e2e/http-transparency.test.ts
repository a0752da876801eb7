import { expect } from "chai";
import { describe, it } from "mocha";
import { App, REGISTER, type Ended } from "../helpers/app.ts";

const FILES = {
  // What an application can see of HTTP, from the inside of its listeners.
  "facts.cjs": `
    const http = require("node:http");
    const https = require("node:https");
    const { EventEmitter } = require("node:events");
    const facts = {};
    const flags = (object, names) => names.map((name) => {
      const { value, ...rest } = Object.getOwnPropertyDescriptor(object, name);
      return { name, ...rest, called: value.name, length: value.length, source: String(value) };
    });
    facts.functions = [http, https].map((module) => flags(module, ["request", "get", "Server", "createServer"]));
    facts.classes = flags(http, ["ClientRequest", "IncomingMessage", "ServerResponse", "OutgoingMessage"]);
    facts.emit = [http.Server, https.Server, http.IncomingMessage, http.ServerResponse, http.ClientRequest]
      .map(({ prototype: { emit } }) => [emit.name, emit.length]);
    const counts = (emitter) => Object.fromEntries(
      emitter.eventNames().map((name) => [String(name), emitter.listenerCount(name)]).sort());
    const server = http.createServer(function (incoming, response) {
      facts.server = { self: this === server, keys: [incoming, response].map((message) => Reflect.ownKeys(message).map(String).sort()),
        listeners: [counts(incoming), counts(response), counts(server), counts(incoming.socket)] };
      const end = function (...args) { facts.end = { self: this === incoming, args: args.length }; };
      incoming.on("end", end).resume();
      facts.same = incoming.listeners("end").includes(end);
      response.on("finish", function (...args) { facts.finish = { self: this === response, args: args.length }; });
      response.end("hello");
    });
    facts.unheard = server.emit("nobody", 1);
    server.on("custom", (...args) => { facts.custom = args; });
    facts.heard = server.emit("custom", 1, undefined, 3);
    server.listen(0, "127.0.0.1", () => {
      const call = http.get({ host: "127.0.0.1", port: server.address().port, agent: false }, function (response) {
        facts.client = { self: this === call, keys: [call, response].map((message) => Reflect.ownKeys(message).map(String).sort()),
          listeners: [counts(call), counts(response)] };
        response.resume().on("close", () => {
          console.log(JSON.stringify(facts, null, 1));
          server.close();
        });
      });
    });
  `,
  // A listener throws, and nobody catches it.
  "throws.cjs": `
    const http = require("node:http");
    const server = http.createServer(() => {
      throw Object.assign(new TypeError("of the application"), { code: "APP" });
    });
    server.listen(0, "127.0.0.1", () => http.get({ host: "127.0.0.1", port: server.address().port }));
  `,
  // A request fails, and nobody listens for it.
  "unheard.cjs": `
    require("node:http").get({ host: "127.0.0.1", port: 1, path: "/" });
  `,
  // A listener that is called by the application itself throws, and the application catches it.
  "caught.cjs": `
    const http = require("node:http");
    const server = http.createServer(() => { throw new Error("mine"); });
    const incoming = new http.IncomingMessage(null);
    Object.assign(incoming, { method: "GET", url: "/", socket: {} });
    try {
      server.emit("request", incoming, new http.ServerResponse(incoming));
    } catch (error) {
      console.log("caught", error.message);
    }
    process.on("uncaughtException", (error) => console.log("other", error.message));
    setTimeout(() => { throw new Error("later"); }, 20);
  `,
  // What is inherited is replaced once HTTP is in use.
  "domain.cjs": `
    const http = require("node:http");
    const domain = require("node:domain").create();
    domain.on("error", (error) => { console.log("domain", error.message); process.exit(); });
    const server = http.createServer((incoming) => {
      domain.add(incoming);
      incoming.on("data", () => { throw new Error("of the domain"); });
    });
    server.listen(0, "127.0.0.1", () => {
      const call = http.request({ host: "127.0.0.1", port: server.address().port, method: "POST" });
      call.on("error", () => {});
      call.end("body");
    });
  `,
  // Many requests at once, each of which has to find its own trace after every wait.
  "concurrent.cjs": `
    const http = require("node:http");
    const { context, trace } = require("@opentelemetry/api");
    const traceId = () => trace.getSpan(context.active()).spanContext().traceId;
    const wrong = [];
    const check = (expected, where) => { if (traceId() !== expected) wrong.push(where); };
    const back = http.createServer((incoming, response) => incoming.pipe(response));
    const server = http.createServer((incoming, response) => {
      const mine = incoming.headers.traceparent.split("-")[1];
      check(mine, "listener");
      let body = "";
      incoming.on("data", (chunk) => { check(mine, "data"); body += chunk; });
      incoming.on("end", async () => {
        check(mine, "end");
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
        check(mine, "timer");
        const call = http.request({ host: "127.0.0.1", port: back.address().port, method: "POST", agent }, (answer) => {
          check(mine, "response");
          answer.on("data", () => check(mine, "response data"));
          answer.on("end", () => { check(mine, "response end"); response.end(body); });
        });
        call.on("socket", () => check(mine, "socket"));
        call.end(body);
      });
      response.on("finish", () => check(mine, "finish"));
      response.on("close", () => check(mine, "close"));
    });
    const agent = new http.Agent({ keepAlive: true, maxSockets: 3 });
    const outside = new http.Agent({ keepAlive: true, maxSockets: 10 });
    const ask = (i) => new Promise((resolve, reject) => {
      const headers = { traceparent: "00-" + String(i).padStart(32, "a") + "-b7ad6b7169203331-01" };
      const { port } = server.address();
      // As a client that carries no trace of ours: the header is its own.
      const call = http.request({ host: "127.0.0.1", port, method: "POST", agent: outside, headers: ["host", "a", "transfer-encoding", "chunked", "traceparent", headers.traceparent] });
      call.on("response", (response) => response.resume().on("end", resolve)).on("error", reject);
      call.end("body of " + i);
    });
    back.listen(0, "127.0.0.1", () => server.listen(0, "127.0.0.1", async () => {
      await Promise.all(Array.from({ length: 100 }, (_, i) => ask(i)));
      console.log("wrong:", [...new Set(wrong)].join());
      process.exit();
    }));
  `,
};

describe("HTTP, out of the way", () => {
  const app = new App(FILES);

  /** Runs a file with and without us. */
  async function both(file: string): Promise<{ bare: Ended; observed: Ended }> {
    const [bare, observed] = await Promise.all([app.run(file, { flags: [] }), app.run(file)]);
    return { bare, observed };
  }

  for (const file of ["facts.cjs", "throws.cjs", "unheard.cjs", "caught.cjs", "domain.cjs"] as const) {
    it(`changes nothing an application sees: ${file}`, async () => {
      const { bare, observed } = await both(file);
      // The stack of an error goes through us.
      const withoutOurs = observed.stderr.replace(/^ +at .*\n/gm, "");
      expect({ ...observed, stderr: withoutOurs }).to.deep.equal({
        ...bare,
        stderr: bare.stderr.replace(/^ +at .*\n/gm, ""),
      });
    });
  }

  it("keeps apart what happens at the same time", async () => {
    const env = { OTEL_TRACES_EXPORTER: "console", OTEL_BSP_SCHEDULE_DELAY: "60000" };
    const { stdout, stderr } = await app.run("concurrent.cjs", { flags: ["--require", REGISTER], env });
    expect(stderr).to.equal("");
    expect(stdout.split("\n").filter((line) => line.startsWith("wrong"))).to.deep.equal(["wrong: "]);
  });
});
