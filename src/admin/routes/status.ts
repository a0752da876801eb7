import { stat } from "node:fs/promises";
import type { Config } from "../../config/index.ts";
import { healthMonitor } from "../health/service.ts";
import { filesystemOf } from "../health/disk.ts";
import type { OpenDatabase } from "../../instrument/open-instances.ts";
import { SCOPE } from "../../runtime/package-info.ts";
import { polledValues } from "../../instrument/collectors.ts";
import { instrumentationStatuses } from "../../instrument/instrumentation-status.ts";
import { frameworks } from "../../../instrumentations/frameworks/index.ts";
import { logLibraries } from "../../../instrumentations/loggers/index.ts";
import { fileOf, openDatabases } from "../../instrument/open-instances.ts";
import { serviceName } from "../../config/service-name.ts";
import { threadId } from "../../runtime/thread.ts";
import { redactedConfig } from "./redact-config.ts";

/** Returns the complete state of the process and of its instrumentations. */
export async function diagnose(config: Config): Promise<object> {
  const monitor = healthMonitor(config);
  const [liveness, readiness] = await Promise.all([monitor.report("liveness"), monitor.report("readiness")]);
  return {
    timestamp: new Date().toISOString(),
    version: { [SCOPE.name]: SCOPE.version, node: process.versions.node, v8: process.versions.v8 },
    uptime_seconds: Math.round(process.uptime() * 1000) / 1000,
    service: serviceName(config) || "unknown_service",
    process: { pid: process.pid, thread: threadId(), platform: process.platform, arch: process.arch, ...memory() },
    health: { liveness: liveness.state, readiness: readiness.state },
    engines: engines(config),
    frameworks: recorded(isFramework),
    log_libraries: recorded(isLogLibrary),
    storage: await storage(),
    configuration: redactedConfig(config),
  };
}

function memory(): object {
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss_bytes: rss, heap_used_bytes: heapUsed, external_bytes: external };
}

const isLogLibrary = (id: string): boolean => logLibraries.some((library) => library.id === id);

const isFramework = (id: string): boolean => frameworks.some((framework) => framework.id === id);

const recorded = (isMeant: (id: string) => boolean): { readonly id: string }[] =>
  [...instrumentationStatuses()]
    .filter(([id]) => isMeant(id))
    .map(([id, { state, version, reason }]) => ({ id, state, version, reason }));

/** Returns each engine, and whether it is instrumented or why not. */
function engines({ disabledEngines }: Config): object[] {
  const found = recorded((id) => !isLogLibrary(id) && !isFramework(id));
  const left = disabledEngines.filter((id) => found.every((each) => each.id !== id));
  return [
    ...found,
    ...left.map((id) => ({ id, state: "left alone", reason: "STRATASCOPE_DISABLED_ENGINES names it" })),
  ];
}

/** Returns each open database: those with files and connections that are known, and those that report themselves. */
async function storage(): Promise<object[]> {
  const polled = polledValues();
  const known = await Promise.all(
    Array.from(openDatabases(), async (open) => {
      const at = polled.findIndex(({ attributes }) => isSame(attributes, open.database.attributes));
      const values = at === -1 ? undefined : polled.splice(at, 1)[0]!.values;
      return { ...(await describe(open)), values };
    }),
  );
  return [...known, ...polled.map(({ attributes, values }) => ({ ...attributes, values }))];
}

const isSame = (a: object, b: object): boolean => JSON.stringify(a) === JSON.stringify(b);

async function describe(open: OpenDatabase): Promise<object> {
  const files = await Promise.all(
    Object.entries(open.files).map(async ([type, path]) => [type, (await sizeOf(path)) ?? 0] as const),
  );
  const file = fileOf(open);
  return {
    ...open.database.attributes,
    version: open.version(),
    connections: open.connections,
    space_bytes: Object.fromEntries(files),
    wal_waiting_bytes: open.waiting(),
    filesystem_bytes: file === undefined ? undefined : await filesystemOf(file).catch(() => undefined),
  };
}

const sizeOf = async (path: string): Promise<number | undefined> => (await stat(path).catch(() => undefined))?.size;
