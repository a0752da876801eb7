import { expect } from "chai";
import { describe, it } from "mocha";
import { defineInstrumentation, type Instrumentation } from "../../src/instrument/definition.ts";
import { EngineInstrumentation } from "../../src/boot/otel-instrumentation.ts";
import { collect, copyOf, count } from "../helpers/observed.ts";
import { outcomeOf } from "./outcome.ts";
import { unregistered } from "../helpers/registry.ts";

/** What the suite has to know of an engine to put it through its paces. */
export interface Harness<Module extends object> {
  /** The objects of a module whose methods are observed: prototypes, mostly. */
  readonly observedObjects: (module: Module) => object[];
  /** Pieces of application code over every observed method, each of which returns something to compare or throws. */
  readonly exercises: Readonly<Record<string, (module: Module) => unknown>>;
  /** Calls into the engine something that throws the error, or rejects with it. */
  readonly throwing: (module: Module, error: unknown) => unknown;
  /** Exactly this many operations, in a database or cache of this name. */
  readonly perform: (module: Module, name: string, operations: number) => void | Promise<void>;
  /** Returns how many operations were counted; by default, queries of a database. */
  readonly performed?: (name: string) => Promise<number>;
}

const queries = (name: string): Promise<number> =>
  count("db.client.operation.duration", { "db.namespace": name, "db.operation.name": "SELECT" });

const methodsOf = (target: object): Record<string, PropertyDescriptor> =>
  Object.fromEntries(
    Object.entries(Object.getOwnPropertyDescriptors(target)).filter(([, { value }]) => typeof value === "function"),
  );

/** Everything a program can ask of a method. */
const shapeOf = ({ value, ...flags }: PropertyDescriptor): object => {
  const { name, length } = value as (...args: unknown[]) => unknown;
  return { ...flags, name, length, hasPrototype: "prototype" in (value as object) };
};

/** What a call came to, and its promise if it returned one. */
async function settled(call: () => unknown): Promise<unknown> {
  const outcome = outcomeOf(call) as { readonly value?: unknown };
  if (!(outcome.value instanceof Promise)) return outcome;
  return outcome.value.then(
    (value: unknown) => ({ resolved: value }),
    (error: unknown) => ({
      rejected: outcomeOf(() => {
        throw error;
      }),
    }),
  );
}

/** What every engine has to pass: the application cannot tell that it is observed. */
export function testEngine<Module extends object>(engine: Instrumentation, harness: Harness<Module>): void {
  describe(`conformance of ${engine.id}`, () => {
    const { performed = queries } = harness;
    const load = (isObserved: boolean): Module => copyOf<Module>(engine.modules[0]!.name, isObserved);

    it("returns and throws what it does unobserved", async () => {
      const [bare, observed] = [load(false), load(true)];
      for (const [title, exercise] of Object.entries(harness.exercises))
        expect(await settled(() => exercise(observed)), title).to.deep.equal(await settled(() => exercise(bare)));
    });

    it("passes errors through untouched, whatever was thrown", async () => {
      const observed = load(true);
      for (const thrown of [new RangeError("mine"), Object.freeze(new Error("frozen")), "text", undefined, null]) {
        let caught: unknown = "nothing";
        try {
          await harness.throwing(observed, thrown);
        } catch (error) {
          caught = error;
        }
        expect(caught).to.equal(thrown);
      }
    });

    it("leaves each method its name, length and flags", async () => {
      const [bare, observed] = await Promise.all(
        [load(false), load(true)].map(async (module) => {
          for (const exercise of Object.values(harness.exercises)) await settled(() => exercise(module));
          return harness.observedObjects(module).map(methodsOf);
        }),
      );
      const changed = observed!.flatMap((methods, i) =>
        Object.keys(methods).filter((name) => String(methods[name]!.value) !== String(bare![i]![name]!.value)),
      );
      expect(changed).to.not.deep.equal([]);
      observed!.forEach((methods, i) => {
        expect(Object.keys(methods)).to.deep.equal(Object.keys(bare![i]!));
        for (const name of changed.filter((each) => each in methods)) {
          const { hasPrototype: _a, ...shape } = shapeOf(methods[name]!) as { hasPrototype: boolean };
          const { hasPrototype: _b, ...expected } = shapeOf(bare![i]![name]!) as { hasPrototype: boolean };
          expect(shape, name).to.deep.equal(expected);
        }
      });
    });

    it("counts every operation once, also when patched twice", async () => {
      const observed = load(true);
      new EngineInstrumentation(engine).patch(observed);
      await harness.perform(observed, "conformance_twice", 17);
      expect(await performed("conformance_twice")).to.equal(17);
    });

    it("counts nothing while it is disabled, and goes on when enabled", async () => {
      const instrumentation = new EngineInstrumentation(engine);
      const module = load(false);
      instrumentation.patch(module);
      instrumentation.disable();
      await harness.perform(module, "conformance_off", 3);
      expect(await performed("conformance_off")).to.equal(0);
      instrumentation.enable();
      await harness.perform(module, "conformance_off", 5);
      expect(await performed("conformance_off")).to.equal(5);
    });

    it("switches a patch off that throws, counts it, and leaves the module usable", async () => {
      const id = `${engine.id}-broken`;
      const broken = defineInstrumentation({
        ...engine,
        id,
        patch(exports, probe, module) {
          engine.patch(exports, probe, module);
          throw new Error("a mistake of ours");
        },
      });
      const module = load(false);
      expect(new EngineInstrumentation(broken).patch(module)).to.equal(module);
      await harness.perform(module, "conformance_broken", 3);
      expect(await count("storage.instrumentation.errors", { "storage.driver.name": id })).to.equal(1);
      expect(await performed("conformance_broken")).to.equal(0);
    });

    it("emits nothing that is not in the registry", async () => {
      expect(unregistered(await collect())).to.deep.equal([]);
    });
  });
}
