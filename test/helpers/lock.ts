import { execFile } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "./app.ts";

/** Has another process hold the write lock for a number of milliseconds; resolves when it has the lock. */
export function lockElsewhere(path: string, milliseconds: number): Promise<void> {
  const script = `
    const db = new (require(${JSON.stringify(join(ROOT, "node_modules/better-sqlite3"))}))(${JSON.stringify(path)});
    db.exec("BEGIN IMMEDIATE");
    console.log("locked");
    setTimeout(() => db.exec("ROLLBACK"), ${milliseconds});`;
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ["-e", script]);
    child.stdout!.once("data", () => resolve());
  });
}
