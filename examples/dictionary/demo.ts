/** `npm run demo`: a dictionary service under observation, and what its telemetry says after some seconds of use. */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { drive } from "./client.ts";
import { Connection } from "./client/connection.ts";
import { Vocabulary } from "./client/vocabulary.ts";
import { readOptions, USAGE, type Options } from "./demo/options.ts";
import { withProgress } from "./demo/progress.ts";
import { EXPORT_INTERVAL, Stage } from "./demo/stage.ts";
import { formatCheck, formatNext, formatReport } from "./report/report.ts";
import { amount } from "./report/units.ts";

const INTERRUPTED = 130;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const print = (lines: readonly string[]): void => void process.stdout.write(`\n${lines.join("\n")}\n`);

async function main(args: string[]): Promise<number> {
  let options: Options;
  try {
    options = readOptions(args);
  } catch (error) {
    say(`demo: ${(error as Error).message}`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (!existsSync(join(import.meta.dirname, "../../dist/src/core.cjs"))) {
    say("demo: stratascope is not built, run `npm run build` first");
    return 1;
  }
  try {
    return await run(options);
  } catch (error) {
    say(`demo: ${(error as Error).message}`);
    return 1;
  }
}

/** Whatever happens, nothing is left behind. */
async function run(options: Options): Promise<number> {
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort();
  for (const signal of SIGNALS) process.on(signal, interrupt);
  // A pipe whose reader has gone: nobody waits for the table.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", interrupt);
  const stage = await Stage.open();
  const { service } = stage;
  try {
    const isShown = await show(stage, options, AbortSignal.any([interruption.signal, service.died]));
    if (interruption.signal.aborted) return isShown ? 0 : INTERRUPTED;
    if (service.died.aborted) throw new Error("the service ended by itself");
    return 0;
  } finally {
    await stage.close();
    process.stderr.write(stage.errors);
  }
}

/** @returns whether it came to the table before it was over */
async function show(stage: Stage, { seconds, serve }: Options, over: AbortSignal): Promise<boolean> {
  const { service, receiver, metricsPort } = stage;
  say(service.command);
  const vocabulary = new Vocabulary();
  const address = await withProgress(
    (second) => `fills its database from WordNet: ${second} s`,
    Promise.race([service.says(/^listening on (\S+)$/), abortion(over)]),
  );
  if (address === undefined) return false;
  const connection = new Connection(address, over);
  await withProgress(
    (second) => `answers the client: ${second} of ${seconds} s, ${amount(connection.answered)} requests`,
    Promise.race([Promise.all([drive(connection, vocabulary, seconds), besides(stage, seconds)]), abortion(over)]),
  );
  // A service that stops sends what it has not sent yet; one that goes on sends at its intervals.
  await (serve ? Promise.race([setTimeout(3 * EXPORT_INTERVAL), abortion(over)]) : service.stop());
  if (over.aborted) return false;
  if (receiver.metrics.isEmpty) throw new Error("no telemetry came from the service");
  print([
    ...formatReport(receiver),
    "",
    formatCheck(receiver, connection),
    "",
    ...formatNext(metricsPort, serve ? address : undefined),
  ]);
  if (serve) await abortion(over);
  return true;
}

/** What other programs do with the database meanwhile: one reads it for a long time, and one keeps others from writing. */
async function besides(stage: Stage, seconds: number): Promise<void> {
  await setTimeout(0.1 * seconds * 1000);
  await Promise.all([stage.export(0.5 * seconds), setTimeout(0.3 * seconds * 1000).then(() => stage.maintain())]);
}

async function abortion(signal: AbortSignal): Promise<undefined> {
  if (!signal.aborted) await once(signal, "abort");
}

process.exitCode = await main(process.argv.slice(2));
