/** Reason reported where Node.js does not let the process listen. */
export const NO_NETWORK = "Node.js was started with --permission and without --allow-net";

/** Permission API that only newer versions of Node.js have. */
interface Permissions {
  has(scope: string, reference?: string): boolean;
}

const permissions = (): Permissions | undefined => process.permission as Permissions | undefined;

/**
 * Tells whether the process may listen. Without the permission, a server throws inside Node.js itself and ends the
 * application.
 */
export const mayListen = (): boolean =>
  permissions()?.has("net") !== false || !process.allowedNodeEnvironmentFlags.has("--allow-net");

/** Tells whether the process may read a file. */
export const mayRead = (path: string): boolean => permissions()?.has("fs.read", path) !== false;
