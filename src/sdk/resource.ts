import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { arch, hostname, platform } from "node:os";
import { dirname, join } from "node:path";
import type { Attributes } from "@opentelemetry/api";
import { defaultResource, resourceFromAttributes, type Resource } from "@opentelemetry/resources";
import {
  ATTR_SERVICE_NAME,
  ATTR_TELEMETRY_DISTRO_NAME,
  ATTR_TELEMETRY_DISTRO_VERSION,
} from "@opentelemetry/semantic-conventions";
import type { Config } from "../config.ts";
import { SCOPE } from "../scope.ts";

/** Incubating names, written out: the package's module of them has ten thousand lines. */
const ATTR_HOST_ARCH = "host.arch";
const ATTR_HOST_NAME = "host.name";
const ATTR_OS_TYPE = "os.type";
const ATTR_PROCESS_PID = "process.pid";
const ATTR_PROCESS_RUNTIME_NAME = "process.runtime.name";
const ATTR_PROCESS_RUNTIME_VERSION = "process.runtime.version";
const ATTR_SERVICE_INSTANCE_ID = "service.instance.id";

/** Who is speaking. Nothing of the command line, the environment or the user is in it: they can hold secrets. */
export function createResource(config: Config): Resource {
  const detected: Attributes = {
    [ATTR_TELEMETRY_DISTRO_NAME]: SCOPE.name,
    [ATTR_TELEMETRY_DISTRO_VERSION]: SCOPE.version,
    [ATTR_SERVICE_INSTANCE_ID]: randomUUID(),
    [ATTR_HOST_NAME]: hostname(),
    [ATTR_HOST_ARCH]: arch() === "x64" ? "amd64" : arch(),
    [ATTR_OS_TYPE]: platform() === "win32" ? "windows" : platform(),
    [ATTR_PROCESS_PID]: process.pid,
    [ATTR_PROCESS_RUNTIME_NAME]: "nodejs",
    [ATTR_PROCESS_RUNTIME_VERSION]: process.versions.node,
  };
  const guess = applicationName();
  const guessed = guess === undefined ? {} : { [ATTR_SERVICE_NAME]: guess };
  const named = config.serviceName === "" ? {} : { [ATTR_SERVICE_NAME]: config.serviceName };
  return [guessed, detected, config.resourceAttributes, named].reduce<Resource>(
    (resource, attributes) => resource.merge(resourceFromAttributes(attributes)),
    defaultResource(),
  );
}

/** Who is speaking, where there is no room for more than a name. */
export const serviceNameOf = ({ serviceName, resourceAttributes }: Config): string =>
  serviceName || resourceAttributes[ATTR_SERVICE_NAME] || applicationName() || "unknown_service";

/** The name in the package.json nearest to the application's script. */
function applicationName(): string | undefined {
  const script = process.argv[1];
  if (script === undefined) return undefined;
  for (let folder = dirname(script); ; folder = dirname(folder)) {
    try {
      const { name } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { name?: unknown };
      return typeof name === "string" ? name : undefined;
    } catch {
      if (folder === dirname(folder)) return undefined;
    }
  }
}
