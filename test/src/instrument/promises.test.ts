import { expect } from "chai";
import { describe, it } from "mocha";
import { database } from "../../../src/instrument/api.ts";
import { Probe } from "../../../src/instrument/probe.ts";
import { count } from "../../helpers/observed.ts";

const counted = (namespace: string): Promise<number> =>
  count("db.client.operation.duration", { "db.namespace": namespace });

/** Ways in which a call that returns a promise is observed; each returns the promise that the application receives. */
const WAYS: Readonly<Record<string, (promise: Promise<unknown>, namespace: string) => unknown>> = {
  "a run of an operation": (promise, namespace) =>
    database({ system: "test", namespace })
      .operation("read", { name: "get" })
      .run(() => promise),
  "a call of a method": (promise) => {
    const target = { method: () => promise };
    new Probe("test").pending(target, "method", () => ({ succeeded() {}, failed() {} }));
    return target.method();
  },
};

/** Promise of a query builder, which begins when it is listened to. */
class Query extends Promise<number> {
  static override readonly [Symbol.species] = Promise;
  begun = 0;

  values(): string {
    return "values";
  }

  // oxlint-disable-next-line unicorn/no-thenable -- as clients of databases do
  override then<A = number, B = never>(
    onValue?: ((value: number) => A | PromiseLike<A>) | null,
    onError?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.begun++;
    return super.then(onValue, onError);
  }
}

/** The errors reported as unhandled meanwhile. */
async function unhandledDuring(code: () => unknown): Promise<unknown[]> {
  const listeners = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  const reported: unknown[] = [];
  process.on("unhandledRejection", (error) => reported.push(error));
  await code();
  await new Promise((resolve) => setTimeout(resolve, 10));
  process.removeAllListeners("unhandledRejection");
  for (const listener of listeners) process.on("unhandledRejection", listener);
  return reported;
}

for (const [way, observed] of Object.entries(WAYS)) {
  describe(`the promise of ${way}`, () => {
    it("is the original if it has a class of its own, and does not begin earlier", async () => {
      const query = new Query((resolve) => resolve(7));
      const namespace = `lazy ${way}`;
      expect(observed(query, namespace)).to.equal(query);
      expect(query.begun).to.equal(0);
      expect(await query).to.equal(7);
      expect(query.begun).to.equal(1);
      if (way === "a run of an operation") expect(await counted(namespace)).to.equal(1);
    });

    it("is reported as unhandled exactly as unobserved, for any class", async () => {
      const error = new RangeError("mine");
      for (const reject of [() => Promise.reject(error), () => Query.reject(error)]) {
        expect(await unhandledDuring(() => void observed(reject(), `rejected ${way}`))).to.deep.equal([error]);
        const handle = (): Promise<unknown> =>
          (observed(reject(), `rejected ${way}`) as Promise<unknown>).catch((reason: unknown) => reason);
        expect(await unhandledDuring(handle)).to.deep.equal([]);
        expect(await handle()).to.equal(error);
      }
    });

    it("has the properties that the engine gave it", async () => {
      const promise = Object.assign(Promise.resolve(1), { child: { pid: 1 } });
      const received = observed(promise, `properties ${way}`) as typeof promise;
      expect(received.child).to.equal(promise.child);
      expect(await received).to.equal(1);
    });

    it("is the same if the engine returns one twice", async () => {
      const promise = Promise.resolve(1);
      const [first, second] = [1, 2].map(() => observed(promise, `twice ${way}`));
      expect(first).to.equal(second);
      await first;
      if (way === "a run of an operation") expect(await counted(`twice ${way}`)).to.equal(2);
    });
  });
}

describe("an iterator of an author's engine", () => {
  it("may return something that is not a result", async () => {
    const db = database({ system: "test", namespace: "no result" });
    const scan = db.operation("read", { name: "scan" });
    const step = (value: unknown): unknown => scan.iterate({ next: () => value as IteratorResult<number> }).next();
    expect(step(undefined)).to.equal(undefined);
    expect(await step(Promise.resolve())).to.equal(undefined);
    const error = new RangeError("mine");
    const odd: object = Object.defineProperty({}, "done", {
      get() {
        throw error;
      },
    });
    expect(step(odd)).to.equal(odd);
  });
});
