/** `npm run stack`: a service in use, and all that its telemetry can go to, until Ctrl-C. */
import { mkdtempSync, rmSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Connection } from "../../examples/dictionary/client/connection.ts";
import { Vocabulary } from "../../examples/dictionary/client/vocabulary.ts";
import { drive } from "../../examples/dictionary/client.ts";
import { Backends, findPrograms } from "./backends.ts";
import { Dictionary } from "./dictionary.ts";
import { freePort } from "./ports.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The folder with the files of Jaeger's user interface, which its Go module comes without. */
const UI = process.env["JAEGER_UI"] ?? "";

const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function main(): Promise<number> {
  const programs = findPrograms();
  if (typeof programs === "string") {
    say(`stack: not started: ${programs}`);
    return 1;
  }
  const over = new AbortController();
  for (const signal of SIGNALS) process.on(signal, () => over.abort());
  const folder = mkdtempSync(join(tmpdir(), "stratascope-stack-"));
  const metricsPort = await freePort(9464);
  const backends = new Backends(programs, {
    folder,
    wellKnownPorts: true,
    targets: [{ job: "dictionary", address: `127.0.0.1:${metricsPort}` }],
    // Nobody who looks waits for as long as Prometheus in production may.
    edit: (_, text) => text.replaceAll("_interval: 15s", "_interval: 5s"),
    env: { UI, KEEP_PERCENT: "50" },
  });
  let dictionary: Dictionary | undefined;
  try {
    await backends.start();
    dictionary = await Dictionary.start({ folder, otlpUrl: backends.otlpUrl, metricsPort });
    print(backends, dictionary, metricsPort);
    await use(dictionary, over.signal);
    return 0;
  } finally {
    await dictionary?.stop();
    await backends.stop();
    rmSync(folder, { recursive: true, force: true });
    say("stopped");
  }
}

function print(backends: Backends, { url }: Dictionary, metricsPort: number): void {
  const addresses = {
    Prometheus: backends.prometheusUrl,
    alerts: `${backends.prometheusUrl}/alerts`,
    Alertmanager: backends.alertmanagerUrl,
    Jaeger: `${backends.jaegerUrl}${UI === "" ? "/api/traces" : "/search"}?service=dictionary&limit=20`,
    OTLP: backends.otlpUrl,
    "the service": `${url}/words/water`,
    "its metrics": `http://127.0.0.1:${metricsPort}/metrics`,
    "log records": backends.logFile,
  };
  for (const [name, address] of Object.entries(addresses)) console.log(`${name.padEnd(14)}${address}`);
  console.log("\nCtrl-C stops all of them.");
}

/** Seconds of requests between two nights, in which what is done once a night is done. */
const DAY = 60;

async function use(dictionary: Dictionary, over: AbortSignal): Promise<void> {
  const connection = new Connection(dictionary.url, over);
  const vocabulary = new Vocabulary();
  const isOver = once(over, "abort");
  while (!over.aborted) {
    await Promise.race([
      isOver,
      Promise.all([drive(connection, vocabulary, DAY), setTimeout((DAY / 2) * 1000).then(() => dictionary.night())]),
    ]);
  }
}

process.exitCode = await main();
