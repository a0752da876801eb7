/** What PM2 says of the application it runs: it starts a script of its own, not that of the application. */
export interface ManagedApplication {
  /** The path of the application's script. */
  readonly script: string | undefined;
  /** What the application is called there. */
  readonly name: string | undefined;
}

/** The longest setting of PM2 that is read. */
const MAX_LENGTH = 1_000_000;

/**
 * Adds what PM2 sets later: in its cluster mode the settings of an application come as one variable, which is unpacked
 * after preloads have run.
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

/** What PM2 says of the application; nothing where it is not PM2 that runs it. */
export function managedApplication(environment: NodeJS.ProcessEnv): ManagedApplication {
  const { pm_id: id, pm_exec_path: script, name } = unpacked(environment);
  return id === undefined ? { script: undefined, name: undefined } : { script, name };
}
