import { expect } from "chai";
import { describe, it } from "mocha";
import { defineInstrumentation, type Instrumentation } from "../../src/instrument/definition.ts";
import { EngineInstrumentation } from "../../src/boot/otel-instrumentation.ts";
import { collect, copyOf, count } from "../helpers/observed.ts";
import { outcomeOf } from "./outcome.ts";
import { unregistered } from "../helpers/registry.ts";

/** Properties and exercises of an engine for the conformance suite. */
export interface Harness<Module extends object> {
  /** Returns the objects of a module whose methods are observed: mostly prototypes. */
  readonly observedObjects: (module: Module) => object[];
  /** Application code that calls every observed method; each piece returns a value to compare or throws. */
  readonly exercises: Readonly<Record<string, (module: Module) => unknown>>;
  /** Makes the engine call code that throws the error. */
  readonly throwing: (module: Module, error: unknown) => void;
  /** Runs exactly this number of operations, in a database of this name. */
  readonly perform: (module: Module, database: string, operations: number) => void;
}

const methodsOf = (target: object): Record<string, PropertyDescriptor> =>
  Object.fromEntries(
    Object.entries(Object.getOwnPropertyDescriptors(target)).filter(([, { value }]) => typeof value === "function"),
  );

/** Returns the properties of a method that a program can read. */
const shapeOf = ({ value, ...flags }: PropertyDescriptor): object => {
  const { name, length } = value as (...args: unknown[]) => unknown;
  return { ...flags, name, length, hasPrototype: "prototype" in (value as object) };
};

/** Tests that an application cannot detect that an engine is observed. */
export function testEngine<Module extends object>(engine: Instrumentation, harness: Harness<Module>): void {
  describe(`conformance of ${engine.id}`, () => {
    const load = (isObserved: boolean): Module => copyOf<Module>(engine.modules[0]!.name, isObserved);

    it("returns and throws the same values as unobserved", () => {
      const [bare, observed] = [load(false), load(true)];
      for (const [title, exercise] of Object.entries(harness.exercises)) {
        expect(
          outcomeOf(() => exercise(observed)),
          title,
        ).to.deep.equal(outcomeOf(() => exercise(bare)));
      }
    });

    it("passes thrown values of any kind through untouched", () => {
      const observed = load(true);
      for (const thrown of [new RangeError("mine"), Object.freeze(new Error("frozen")), "text", undefined, null]) {
        let caught: unknown = "nothing";
        try {
          harness.throwing(observed, thrown);
        } catch (error) {
          caught = error;
        }
        expect(caught).to.equal(thrown);
      }
    });

    it("keeps the name, length and flags of each method", () => {
      const [bare, observed] = [load(false), load(true)].map((module) => {
        for (const exercise of Object.values(harness.exercises)) outcomeOf(() => exercise(module));
        return harness.observedObjects(module).map(methodsOf);
      });
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
      harness.perform(observed, "conformance_twice", 17);
      expect(
        await count("db.client.operation.duration", {
          "db.namespace": "conformance_twice",
          "db.operation.name": "SELECT",
        }),
      ).to.equal(17);
    });

    it("counts nothing while it is disabled, and again once it is enabled", async () => {
      const instrumentation = new EngineInstrumentation(engine);
      const module = load(false);
      const performed = (): Promise<number> =>
        count("db.client.operation.duration", { "db.namespace": "conformance_off", "db.operation.name": "SELECT" });
      instrumentation.patch(module);
      instrumentation.disable();
      harness.perform(module, "conformance_off", 3);
      expect(await performed()).to.equal(0);
      instrumentation.enable();
      harness.perform(module, "conformance_off", 5);
      expect(await performed()).to.equal(5);
    });

    it("switches off a patch that throws, counts the failure, and leaves the module usable", async () => {
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
      harness.perform(module, "conformance_broken", 3);
      expect(await count("storage.instrumentation.errors", { "storage.driver.name": id })).to.equal(1);
      expect(await count("db.client.operation.duration", { "db.namespace": "conformance_broken" })).to.equal(0);
    });

    it("emits only telemetry of the registry", async () => {
      expect(unregistered(await collect())).to.deep.equal([]);
    });
  });
}
