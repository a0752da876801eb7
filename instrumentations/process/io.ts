import { readFileSync } from "node:fs";
import { ATTR_DISK_IO_DIRECTION, METRIC_PROCESS_DISK_IO } from "../../semconv/index.ts";
import { isMainThread } from "../../src/runtime/thread.ts";
import { mayRead } from "../../src/runtime/permission.ts";
import { metricRegistry } from "../../src/metrics/registry.ts";

const FILE = "/proc/self/io";

/** Lines of `/proc/self/io` that count the bytes read from and written to a disk, see proc_pid_io(5). */
const LINES: readonly (readonly [direction: "read" | "write", line: RegExp])[] = [
  ["read", /^read_bytes: (\d+)$/m],
  ["write", /^write_bytes: (\d+)$/m],
];

/**
 * Polls the disk reads and writes of the process on Linux, the only system that reports them. Compared to the records
 * changed by operations, they show the write amplification.
 */
export function pollDiskIo(): void {
  if (process.platform !== "linux" || !isMainThread || !mayRead(FILE)) return;
  const io = metricRegistry.instrument(METRIC_PROCESS_DISK_IO);
  metricRegistry.onCollect(() => {
    const text = readFileSync(FILE, "utf8");
    for (const [direction, line] of LINES) {
      io.bind({ [ATTR_DISK_IO_DIRECTION]: direction }).value = Number(line.exec(text)?.[1] ?? 0);
    }
  });
}
