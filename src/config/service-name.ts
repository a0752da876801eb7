import { ATTR_SERVICE_NAME } from "@opentelemetry/semantic-conventions";
import { applicationName, type Start } from "./application-name.ts";
import { managed, type Config } from "./index.ts";

/**
 * Returns the name of the service; an empty string if it is not known. A worker receives the name from the main thread,
 * as it does not know the application's script.
 */
export const serviceName = ({ serviceName: set, resourceAttributes }: Config): string =>
  set || resourceAttributes[ATTR_SERVICE_NAME] || (applicationName(startOfProcess()) ?? "");

function startOfProcess(): Start {
  const [, script, ...args] = process.argv;
  return { executable: process.execPath, script, args, cwd: workingDirectory(), managed: managed() };
}

/** The working directory may be gone. */
function workingDirectory(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}
