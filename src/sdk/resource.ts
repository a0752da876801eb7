import { arch, hostname, platform } from "node:os";
import type { Attributes } from "@opentelemetry/api";
import { defaultResource, resourceFromAttributes, type Resource } from "@opentelemetry/resources";
import {
  ATTR_SERVICE_NAME,
  ATTR_TELEMETRY_DISTRO_NAME,
  ATTR_TELEMETRY_DISTRO_VERSION,
} from "@opentelemetry/semantic-conventions";
import type { Config } from "../config/index.ts";
import { serviceName } from "../config/service-name.ts";
import { SCOPE } from "../runtime/package-info.ts";
import { randomWord, traceIdOf } from "../spans/ids.ts";

/** Incubating names, copied: the module of the package that defines them has ten thousand lines. */
const ATTR_HOST_ARCH = "host.arch";
const ATTR_HOST_NAME = "host.name";
const ATTR_OS_TYPE = "os.type";
const ATTR_PROCESS_PID = "process.pid";
const ATTR_PROCESS_RUNTIME_NAME = "process.runtime.name";
const ATTR_PROCESS_RUNTIME_VERSION = "process.runtime.version";
const ATTR_SERVICE_INSTANCE_ID = "service.instance.id";

/** Service name if none is set. The SDK's default contains the path of Node.js. */
const UNKNOWN = "unknown_service:node";

/**
 * Creates the resource of this process. It contains nothing from the command line, the environment or the user, which
 * can hold secrets.
 */
export function createResource(config: Config): Resource {
  const detected: Attributes = {
    [ATTR_TELEMETRY_DISTRO_NAME]: SCOPE.name,
    [ATTR_TELEMETRY_DISTRO_VERSION]: SCOPE.version,
    [ATTR_SERVICE_INSTANCE_ID]: instanceId(),
    [ATTR_HOST_NAME]: hostname(),
    [ATTR_HOST_ARCH]: arch() === "x64" ? "amd64" : arch(),
    [ATTR_OS_TYPE]: platform() === "win32" ? "windows" : platform(),
    [ATTR_PROCESS_PID]: process.pid,
    [ATTR_PROCESS_RUNTIME_NAME]: "nodejs",
    [ATTR_PROCESS_RUNTIME_VERSION]: process.versions.node,
  };
  const named = { [ATTR_SERVICE_NAME]: serviceName(config) || UNKNOWN };
  return [detected, config.resourceAttributes, named].reduce<Resource>(
    (resource, attributes) => resource.merge(resourceFromAttributes(attributes)),
    defaultResource(),
  );
}

/** Returns a version 4 UUID. Loading `node:crypto` would take 5 ms and 2 MB, and the number is not a secret. */
function instanceId(): string {
  const variant = "89ab"[Math.floor(Math.random() * 4)];
  return traceIdOf(randomWord()).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, `$1-$2-4$3-${variant}$4-$5`);
}
