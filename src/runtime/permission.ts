/** What Node.js was started with, where it does not let the process listen. */
export const NO_NETWORK = "Node.js was started with --permission and without --allow-net";

/** Asks for a permission that only newer versions of Node.js know. */
interface Permissions {
  has(scope: string, reference?: string): boolean;
}

const permissions = (): Permissions | undefined => process.permission as Permissions | undefined;

/** Whether the process may listen: a server that may not throws out of Node.js itself, and ends the application. */
export const mayListen = (): boolean =>
  permissions()?.has("net") !== false || !process.allowedNodeEnvironmentFlags.has("--allow-net");

/** Whether the process may read a file. */
export const mayRead = (path: string): boolean => permissions()?.has("fs.read", path) !== false;
