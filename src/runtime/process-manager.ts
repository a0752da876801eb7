/** Application that PM2 runs, as PM2 describes it. The main script of such a process is one of PM2. */
export interface ManagedApplication {
  /** Path of the application's script. */
  readonly script: string | undefined;
  /** Name of the application in PM2. */
  readonly name: string | undefined;
}

/** Maximum characters of PM2's settings that are parsed. */
const MAX_LENGTH = 1_000_000;

/**
 * Adds the variables that PM2 sets later. In its cluster mode, one variable contains all settings of an application;
 * PM2 unpacks it after preloads have run.
 */
export function unpacked(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const packed = environment["pm2_env"];
  if (packed === undefined || packed.length > MAX_LENGTH) return environment;
  try {
    const settings = JSON.parse(packed) as Readonly<Record<string, unknown>> | null;
    const texts = Object.entries(settings ?? {}).filter(([, value]) => typeof value !== "object");
    return { ...environment, ...Object.fromEntries(texts.map(([name, value]) => [name, String(value)])) };
  } catch {
    return environment;
  }
}

/** Returns PM2's description of the application; without values if PM2 does not run it. */
export function managedApplication(environment: NodeJS.ProcessEnv): ManagedApplication {
  const { pm_id: id, pm_exec_path: script, name } = unpacked(environment);
  return id === undefined ? { script: undefined, name: undefined } : { script, name };
}
