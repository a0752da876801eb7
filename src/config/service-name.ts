import { ATTR_SERVICE_NAME } from "@opentelemetry/semantic-conventions";
import { applicationName, type Start } from "./application-name.ts";
import { managed, type Config } from "./index.ts";

/** Names the service, as far as that is known: empty where it is not. A worker has it from the main thread, as it does not know the application's script. */
export const serviceName = ({ serviceName: set, resourceAttributes }: Config): string =>
  set || resourceAttributes[ATTR_SERVICE_NAME] || (applicationName(startOfProcess()) ?? "");

function startOfProcess(): Start {
  const [, script, ...args] = process.argv;
  return { executable: process.execPath, script, args, cwd: workingDirectory(), managed: managed() };
}

/** It may be gone. */
function workingDirectory(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}
