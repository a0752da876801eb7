import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "./app.ts";

/** Runs tests of `test/alone` in a process of their own, since they fill up state of the process. Fails with their output. */
export async function runAlone(file: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
  const mocha = join(ROOT, "node_modules/mocha/bin/mocha.js");
  const options = { cwd: ROOT, env: { ...process.env, ...env }, maxBuffer: 16 * 1024 * 1024 };
  await promisify(execFile)(process.execPath, [mocha, "--timeout", "1200000", `test/alone/${file}`], options).catch(
    ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }) => {
      throw new Error(`${stdout}${stderr}`);
    },
  );
}
