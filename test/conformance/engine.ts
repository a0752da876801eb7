import { expect } from "chai";
import { describe, it } from "mocha";
import { defineInstrumentation, type Instrumentation } from "../../src/instrument/definition.ts";
import { EngineInstrumentation } from "../../src/boot/otel-instrumentation.ts";
import { collect, copyOf, count, seriesWith } from "../helpers/observed.ts";
import { settledOutcomeOf } from "./outcome.ts";
import { unregistered } from "../helpers/registry.ts";

/** What the suite has to know of an engine to put it through its paces. */
export interface Harness<Module extends object> {
  /** The objects of a module whose methods are observed: prototypes, mostly. */
  readonly observedObjects: (module: Module) => object[] | Promise<object[]>;
  /** Loads a copy of the package; by default, the exports of its main file. */
  readonly load?: (isObserved: boolean) => Module;
  /** Pieces of application code over every observed method, each of which returns something to compare or throws, perhaps later. */
  readonly exercises: Readonly<Record<string, (module: Module) => unknown>>;
  /** Calls into the engine something that throws the error. */
  readonly throwing: (module: Module, error: unknown) => unknown;
  /** Exactly this many operations, in a database of this name. */
  readonly perform: (module: Module, database: string, operations: number) => unknown;
  /** Their `db.operation.name`, `SELECT` if omitted. */
  readonly operation?: string;
  /** Returns how many operations were counted in a database or cache; by default, those of a database. */
  readonly performed?: (name: string) => Promise<number>;
}

const methodsOf = (target: object): Record<string, PropertyDescriptor> =>
  Object.fromEntries(
    Object.entries(Object.getOwnPropertyDescriptors(target)).filter(([, { value }]) => typeof value === "function"),
  );

/** Everything a program can ask of a method. */
const shapeOf = ({ value, ...flags }: PropertyDescriptor): object => {
  const { name, length } = value as (...args: unknown[]) => unknown;
  return { ...flags, name, length, hasPrototype: "prototype" in (value as object) };
};

/** What every engine has to pass: the application cannot tell that it is observed. */
export function testEngine<Module extends object>(engine: Instrumentation, harness: Harness<Module>): void {
  describe(`conformance of ${engine.id}`, () => {
    // One database has a name in a process.
    const named = (test: string): string => `conformance_${test}_${engine.id}`;
    const { operation = "SELECT" } = harness;
    const inDatabase = (name: string): Promise<number> =>
      count("db.client.operation.duration", { "db.namespace": name, "db.operation.name": operation });
    const { performed = inDatabase } = harness;
    const { load = (isObserved) => copyOf<Module>(engine.modules[0]!.name, isObserved) } = harness;

    it("returns and throws what it does unobserved", async () => {
      const [bare, observed] = [load(false), load(true)];
      for (const [title, exercise] of Object.entries(harness.exercises)) {
        const expected = await settledOutcomeOf(() => exercise(bare));
        expect(await settledOutcomeOf(() => exercise(observed)), title).to.deep.equal(expected);
      }
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
      const methodsIn = async (module: Module): Promise<Record<string, PropertyDescriptor>[]> => {
        for (const exercise of Object.values(harness.exercises)) await settledOutcomeOf(() => exercise(module));
        return (await harness.observedObjects(module)).map(methodsOf);
      };
      const [bare, observed] = [await methodsIn(load(false)), await methodsIn(load(true))];
      const changed = observed.flatMap((methods, i) =>
        Object.keys(methods).filter((name) => String(methods[name]!.value) !== String(bare[i]![name]!.value)),
      );
      expect(changed).to.not.deep.equal([]);
      observed.forEach((methods, i) => {
        expect(Object.keys(methods)).to.deep.equal(Object.keys(bare[i]!));
        for (const name of changed.filter((each) => each in methods)) {
          const { hasPrototype: _a, ...shape } = shapeOf(methods[name]!) as { hasPrototype: boolean };
          const { hasPrototype: _b, ...expected } = shapeOf(bare[i]![name]!) as { hasPrototype: boolean };
          expect(shape, name).to.deep.equal(expected);
        }
      });
    });

    it("counts every operation once, also when patched twice", async () => {
      const observed = load(true);
      new EngineInstrumentation(engine).patch(observed);
      await harness.perform(observed, named("twice"), 17);
      expect(await performed(named("twice"))).to.equal(17);
    });

    it("names the kind of data that each operation works with", async () => {
      await harness.perform(load(true), named("primitive"), 3);
      const series = await seriesWith({ "db.namespace": named("primitive") });
      const operations = series.filter(({ metric }) => metric === "db.client.operation.duration");
      for (const { attributes } of operations)
        expect(attributes, "storage.primitive").to.have.property("storage.primitive");
    });

    it("counts nothing while it is disabled, and goes on when enabled", async () => {
      const instrumentation = new EngineInstrumentation(engine);
      const module = load(false);
      instrumentation.patch(module);
      instrumentation.disable();
      await harness.perform(module, named("off"), 3);
      expect(await performed(named("off"))).to.equal(0);
      instrumentation.enable();
      await harness.perform(module, named("off"), 5);
      expect(await performed(named("off"))).to.equal(5);
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
      await harness.perform(module, named("broken"), 3);
      expect(await count("storage.instrumentation.errors", { "storage.driver.name": id })).to.equal(1);
      expect(await performed(named("broken"))).to.equal(0);
    });

    it("emits nothing that is not in the registry", async () => {
      expect(unregistered(await collect())).to.deep.equal([]);
    });
  });
}
