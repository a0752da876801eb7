import { promisify } from "node:util";
import { expect } from "chai";
import { describe, it } from "mocha";
import { databaseIdentity, Instance } from "../../../src/recording/instance.ts";
import { setSelfLogLevel } from "../../../src/runtime/self-log.ts";
import { Boundary, OperationKind } from "../../../src/recording/operation-kind.ts";
import { Operation } from "../../../src/instrument/operation.ts";
import { Probe } from "../../../src/instrument/probe.ts";
import { count } from "../../helpers/observed.ts";

setSelfLogLevel("none");

const operationIn = (namespace: string): Operation =>
  new Operation(new Instance(databaseIdentity("test", namespace)), {
    kind: OperationKind.OTHER,
    boundary: Boundary.NONE,
    statements: 0,
    name: "CALL",
    summary: "CALL",
  });

const calls = (namespace: string): Promise<number> =>
  count("db.client.operation.duration", { "db.namespace": namespace });

describe("Probe", () => {
  it("passes on `this`, every argument and the same return value", () => {
    const operation = operationIn("probe_arguments");
    const value = {};
    const target = {
      method(this: unknown, ...received: unknown[]): unknown {
        return { self: this, received, value };
      },
    };
    new Probe("test").sync(
      target,
      "method",
      () => operation,
      () => 0,
    );
    const result = target.method(1, undefined, "three") as { self: unknown; received: unknown[]; value: object };
    expect(result.self).to.equal(target);
    expect(result.received).to.deep.equal([1, undefined, "three"]);
    expect(result.value).to.equal(value);
  });

  describe("of a method that returns a promise", () => {
    /** Promises a method is to return, and what is heard of its calls. */
    function observed(returned: () => Promise<unknown>): {
      method: () => Promise<unknown>;
      heard: unknown[];
    } {
      const heard: unknown[] = [];
      const target = { method: (): Promise<unknown> => returned() };
      new Probe("test").pending(target, "method", (_, args) => ({
        arguments: args,
        succeeded: (result) => heard.push(["succeeded", result]),
        failed: (error) => heard.push(["failed", error]),
      }));
      return { method: target.method, heard };
    }

    it("passes on the same value and the same error after it is recorded", async () => {
      const [value, error] = [{}, new RangeError("mine")];
      const good = observed(() => Promise.resolve(value));
      expect(await good.method()).to.equal(value);
      expect(good.heard).to.deep.equal([["succeeded", value]]);
      const bad = observed(() => Promise.reject(error));
      expect(await bad.method().catch((reason: unknown) => reason)).to.equal(error);
      expect(bad.heard).to.deep.equal([["failed", error]]);
      const broken = observed(() => {
        throw error;
      });
      expect(() => broken.method()).to.throw(error);
      expect(broken.heard).to.deep.equal([["failed", error]]);
    });

    it("reports an unhandled rejection once, with the returned promise", async () => {
      const error = new RangeError("mine");
      const { method } = observed(() => Promise.reject(error));
      const listeners = process.listeners("unhandledRejection");
      process.removeAllListeners("unhandledRejection");
      const reported: unknown[] = [];
      process.on("unhandledRejection", (...report) => reported.push(report));
      const promise = method();
      await new Promise((resolve) => setTimeout(resolve, 10));
      process.removeAllListeners("unhandledRejection");
      for (const listener of listeners) process.on("unhandledRejection", listener);
      expect(reported).to.deep.equal([[error, promise]]);
    });

    it("is not changed if the call is not observed, or if our code fails", async () => {
      const promise = Promise.resolve(1);
      const target = { ignored: () => promise, failing: () => promise };
      const probe = new Probe("test");
      probe.pending(target, "ignored", () => undefined);
      probe.pending(target, "failing", () => {
        throw new Error("ours");
      });
      expect(target.ignored()).to.equal(promise);
      expect(target.failing()).to.equal(promise);
    });
  });

  it("returns the same promise, so that an unhandled rejection is still reported", async () => {
    const operation = operationIn("probe_promise");
    const rejection = Promise.reject(new Error("nobody handles this"));
    const target = { method: () => rejection };
    new Probe("test").sync(
      target,
      "method",
      () => operation,
      () => 0,
    );

    const listeners = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    const reported = new Promise((resolve) => process.once("unhandledRejection", resolve));
    expect(target.method()).to.equal(rejection);
    expect(await reported)
      .to.be.an("error")
      .with.property("message", "nobody handles this");
    for (const listener of listeners) process.on("unhandledRejection", listener);
  });

  for (const [where, patch] of Object.entries({
    "before the call": (probe: Probe, target: object) =>
      probe.sync(
        target,
        "method",
        () => {
          throw new Error("a mistake of ours");
        },
        () => 0,
      ),
    "after the call": (probe: Probe, target: object) => {
      const operation = operationIn("probe_broken");
      probe.sync(
        target,
        "method",
        () => operation,
        () => {
          throw new Error("a mistake of ours");
        },
      );
    },
  })) {
    it(`leaves one call unobserved when our code throws ${where}, and counts that`, async () => {
      const id = `probe broken ${where}`;
      const probe = new Probe(id);
      let called = 0;
      const target = { method: () => ++called };
      patch(probe, target);
      expect([target.method(), target.method(), target.method()]).to.deep.equal([1, 2, 3]);
      expect(probe.guard.enabled).to.equal(true);
      expect(await count("storage.instrumentation.errors", { "storage.driver.name": id })).to.equal(3);
    });
  }

  it("wraps a method once, whichever probe does", async () => {
    const operation = operationIn("probe_twice");
    const target = { method: () => 0 };
    for (const id of ["one", "other"])
      new Probe(id).sync(
        target,
        "method",
        () => operation,
        () => 0,
      );
    target.method();
    expect(await calls("probe_twice")).to.equal(1);
  });

  it("refuses to observe a property that is not a method", () => {
    expect(() =>
      new Probe("test").sync(
        { method: 1 },
        "method",
        () => undefined,
        () => 0,
      ),
    ).to.throw(TypeError, "no method method");
    expect(() =>
      new Probe("test").sync(
        {},
        "method",
        () => undefined,
        () => 0,
      ),
    ).to.throw(TypeError);
  });

  it("keeps the properties of a method, such as what `promisify` returns for it", async () => {
    const target = { method: Object.assign(() => 0, { [promisify.custom]: () => Promise.resolve(7) }) };
    new Probe("test").handler(target, "method", (_, args) => args);
    expect(await promisify(target.method as never)()).to.equal(7);
  });

  it("keeps a method non-enumerable", () => {
    const target = Object.defineProperty({}, "method", { value: () => 0, writable: true, configurable: true });
    new Probe("test").sync(
      target,
      "method",
      () => undefined,
      () => 0,
    );
    expect(Object.keys(target)).to.deep.equal([]);
  });
});
