import type { Probe, PendingCall } from "../../src/instrument/probe.ts";
import { databaseIdentity, Instance } from "../../src/recording/instance.ts";
import { Boundary, OperationKind } from "../../src/recording/operation-kind.ts";
import { Operation } from "../../src/instrument/operation.ts";
import { now } from "../../src/runtime/clock.ts";
import { databaseOf, namespaceIn } from "./database.ts";
import { errorTypeOf, type Pglite } from "./engine.ts";
import { Run } from "./run.ts";

/** Options of `PGlite.create` that matter here. */
interface Options {
  readonly dataDir?: unknown;
  /** Dump that the new database begins with. */
  readonly loadDataDir?: unknown;
  /** True for the object by which the package makes a new database. */
  readonly noInitDb?: unknown;
}

/** Measures the start of a database, by `PGlite.create`. Of `new PGlite`, the beginning cannot be seen. */
export function patchCreate(constructor: object, probe: Probe): void {
  probe.pending(constructor, "create", (_, args): PendingCall | undefined => {
    const options = optionsIn(args);
    if (options.noInitDb === true) return undefined;
    const name = options.loadDataDir === undefined ? "open" : "open dump";
    const run = new Run();
    const record = (instance: Instance, failure?: string): void => {
      const settled = { nanoseconds: Number(now() - run.start), rows: 0, failure, blocked: 0 };
      operationOf(instance, name).settled(run, settled);
    };
    return {
      succeeded: (self) => record(databaseOf(self as Pglite).database),
      failed(error) {
        // There is no database.
        const instance = new Instance(
          databaseIdentity("postgresql", namespaceIn(folderOf(options))),
          errorTypeOf,
          "sql",
        );
        record(instance, errorTypeOf(error));
        instance.closed();
      },
    };
  });
}

function optionsIn([first, second]: readonly unknown[]): Options {
  const given = (typeof first === "string" ? second : (first ?? second)) as Options | undefined;
  return typeof first === "string" ? { ...given, dataDir: given?.dataDir ?? first } : (given ?? {});
}

/** Returns the folder of a database; undefined if it is in memory. */
function folderOf({ dataDir }: Options): string | undefined {
  if (typeof dataDir !== "string" || dataDir === "") return undefined;
  if (dataDir.startsWith("file://")) return dataDir.slice("file://".length);
  return /^[a-z0-9-]+:\/\//.test(dataDir) ? undefined : dataDir;
}

const operationOf = (instance: Instance, name: string): Operation =>
  new Operation(instance, { kind: OperationKind.OTHER, boundary: Boundary.NONE, statements: 0, name, summary: name });
