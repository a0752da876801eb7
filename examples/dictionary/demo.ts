/** `npm run demo`: two services under observation, and what their telemetry says after some seconds of use. */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { drive } from "./client.ts";
import { Connection } from "./client/connection.ts";
import { crawl } from "./client/crawler.ts";
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
  const died = AbortSignal.any(stage.services.map((service) => service.died));
  try {
    const isShown = await show(stage, options, AbortSignal.any([interruption.signal, died]));
    if (interruption.signal.aborted) return isShown ? 0 : INTERRUPTED;
    if (died.aborted) throw new Error("a service ended by itself");
    return 0;
  } finally {
    await stage.close();
    process.stderr.write(stage.errors);
  }
}

/** @returns whether it came to the table before it was over */
async function show(stage: Stage, { seconds, serve }: Options, over: AbortSignal): Promise<boolean> {
  const { services, receiver, metricsPorts } = stage;
  for (const { command } of services) say(command);
  const vocabulary = new Vocabulary();
  const addresses = await withProgress(
    (second) => `fills its database from WordNet: ${second} s`,
    Promise.race([Promise.all(services.map((service) => service.says(/^listening on (\S+)$/))), abortion(over)]),
  );
  if (addresses === undefined) return false;
  const connections = addresses.map((address) => new Connection(address, over));
  const [dictionary, ingest] = connections as [Connection, Connection];
  const answered = (): number => dictionary.answered + ingest.answered;
  const work = [drive(dictionary, vocabulary, seconds), crawl(ingest, vocabulary, seconds), besides(stage, seconds)];
  await withProgress(
    (second) => `answer their clients: ${second} of ${seconds} s, ${amount(answered())} requests`,
    Promise.race([Promise.all(work), abortion(over)]),
  );
  // A service that stops sends what it has not sent yet; one that goes on sends at its intervals.
  if (serve) await Promise.race([setTimeout(3 * EXPORT_INTERVAL), abortion(over)]);
  else await Promise.all(services.map((service) => service.stop()));
  if (over.aborted) return false;
  if (receiver.metrics.isEmpty) throw new Error("no telemetry came from the services");
  print([
    ...formatReport(receiver),
    "",
    formatCheck(receiver, answered(), dictionary.failed + ingest.failed),
    "",
    ...formatNext(metricsPorts, serve ? addresses : undefined),
  ]);
  if (serve) await abortion(over);
  return true;
}

/** What other programs do with the databases meanwhile: two read them for a long time, and one keeps others from writing. */
async function besides(stage: Stage, seconds: number): Promise<void> {
  await setTimeout(0.1 * seconds * 1000);
  await Promise.all([stage.export(0.5 * seconds), setTimeout(0.3 * seconds * 1000).then(() => stage.maintain())]);
}

async function abortion(signal: AbortSignal): Promise<undefined> {
  if (!signal.aborted) await once(signal, "abort");
}

process.exitCode = await main(process.argv.slice(2));
