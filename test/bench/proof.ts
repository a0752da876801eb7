/** What is compared has to work: nothing is cheaper than something that is switched off. */
import { Receiver } from "../helpers/receiver.ts";
import { WORK } from "./apps/work.ts";
import { measureTransactions } from "./exported.ts";
import { get } from "./harness/get.ts";
import { MeasuredProcess } from "./harness/measured-process.ts";
import type { Sink } from "./harness/sink.ts";
import { settings, VARIANTS, type VariantName } from "./harness/variants.ts";
import { NOT_OBSERVED } from "./sqlite.ts";

/** Milliseconds a span may take to arrive. */
const TIMEOUT_MS = 20_000;

/** Fails where a variant does not send what it is measured for: spans of requests, and of transactions if it observes them. */
export async function prove(variant: VariantName, sink: Sink, timeoutMs: number = TIMEOUT_MS): Promise<void> {
  await proveRequest(variant, sink, timeoutMs);
  if (NOT_OBSERVED[variant] === undefined) await proveTransactions(variant);
}

async function proveRequest(variant: VariantName, sink: Sink, patience: number): Promise<void> {
  const env = { ...settings(sink.url), OTEL_BSP_SCHEDULE_DELAY: "100" };
  const server = new MeasuredProcess("server.cjs", VARIANTS[variant], { env });
  const port = await server.next<number>();
  const path = `/proof-of-${variant}`;
  const arrival = sink.receives(path, patience);
  await get(`http://127.0.0.1:${port}${path}`);
  const isThere = await arrival;
  await server.kill();
  if (!isThere) throw new Error(`${variant} sends no span of a request`);
}

async function proveTransactions(variant: VariantName): Promise<void> {
  const receiver = new Receiver();
  await receiver.start();
  const { chunks } = await measureTransactions(variant, 1, receiver.env["OTEL_EXPORTER_OTLP_ENDPOINT"]!);
  await receiver.close();
  const transactions = chunks * WORK["three inserts"].chunk;
  const sent = receiver.spans.length;
  if (sent < transactions) throw new Error(`${variant} sends ${sent} spans of ${transactions} transactions`);
}
