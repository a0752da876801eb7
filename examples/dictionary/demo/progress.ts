const INTERVAL = process.stderr.isTTY ? 200 : 5_000;

/** Says how far it is while work goes on: one line that is rewritten on a terminal, a line now and then elsewhere. */
export async function withProgress<T>(describe: (seconds: number) => string, work: Promise<T>): Promise<T> {
  const start = performance.now();
  const sayProgress = (): void => say(describe(Math.round((performance.now() - start) / 1000)));
  if (process.stderr.isTTY) sayProgress();
  const timer = setInterval(sayProgress, INTERVAL);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    sayProgress();
    if (process.stderr.isTTY) process.stderr.write("\n");
  }
}

function say(text: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r${text}\u001b[K` : `${text}\n`);
}
