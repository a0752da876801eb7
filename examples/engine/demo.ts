/** Uses the service as its clients would, until it stops: all that Tidepool does occurs within seconds. */
import { setTimeout as sleep } from "node:timers/promises";

const KEYS = 2_000;
const WRITERS = 24;

/** Milliseconds for which a snapshot stays open; after one second it is reported. */
const SNAPSHOT_MS = 2_000;

export async function use(address: string, signal: AbortSignal): Promise<void> {
  const send = async (method: string, path: string, body?: string): Promise<void> => {
    const response = await fetch(address + path, { method, body: body ?? null, signal });
    await response.arrayBuffer();
  };
  const repeatedly = async (work: (round: number) => Promise<unknown>): Promise<void> => {
    for (let round = 0; !signal.aborted; round++) await work(round);
  };
  const key = (round: number): string => `/keys/order/${(round * 7919) % KEYS}`;
  const clients = [
    ...Array.from({ length: WRITERS }, (_, writer) =>
      repeatedly((round) => send("PUT", key(round * WRITERS + writer), valueOf(round))),
    ),
    repeatedly(async (round) => {
      await send("GET", key(round));
      await send("GET", `/prefix/order/${round % 100}`);
      await send("DELETE", key(round));
    }),
    repeatedly(async () => {
      await Promise.all([send("POST", "/counters/visits"), send("POST", "/counters/visits")]);
      await sleep(50, undefined, { signal });
    }),
    repeatedly(async () => {
      await send("POST", "/snapshots/report");
      await sleep(SNAPSHOT_MS, undefined, { signal });
      await send("GET", "/snapshots/report");
      await send("DELETE", "/snapshots/report");
    }),
    repeatedly(async (round) => {
      await send("POST", "/branches/draft");
      await send("PUT", `/branches/draft/keys/order/${round}`, valueOf(round));
      await send("POST", "/branches/trial");
      await sleep(1_000, undefined, { signal });
      await send("DELETE", "/branches/trial");
      await send("POST", "/compact");
    }),
  ];
  await Promise.all(clients).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

/** Returns an order; one in sixteen is so large that it is stored apart. */
const valueOf = (round: number): string => "shells, ".repeat(round % 16 === 0 ? 1_000 : 100);
