import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { query } from "../../collector-config/stack/prometheus.ts";
import { eventually, programsFor } from "../helpers/backends.ts";
import { ROOT } from "../helpers/app.ts";

const asJson = async (address: string): Promise<unknown> => (await fetch(address)).json();

describe("the stack", () => {
  it("starts with one command, shows a service in use, and stops on Ctrl-C", async function () {
    this.timeout(1_200_000);
    await programsFor(this);
    const stack = spawn(process.execPath, [join(ROOT, "collector-config/stack/main.ts")], { stdio: "pipe" });
    let said = "";
    for (const output of [stack.stdout, stack.stderr]) output.on("data", (text: Buffer) => (said += text.toString()));
    try {
      await eventually(
        120,
        async () => said,
        (text) => expect(text).to.contain("Ctrl-C"),
      );
      const addressOf = (name: string): string => new RegExp(`^${name} +(\\S+)$`, "m").exec(said)![1]!;
      await eventually(
        30,
        () => asJson(addressOf("Jaeger")) as Promise<{ data: unknown[] }>,
        ({ data }) => expect(data).not.to.deep.equal([]),
      );
      await eventually(
        30,
        () => query(addressOf("Prometheus"), "storage_transaction_duration_seconds_count"),
        (series) => expect(series).not.to.deep.equal([]),
      );
      stack.kill("SIGINT");
      const [code] = (await once(stack, "exit")) as [number];
      expect([code, said]).to.satisfy(([status, text]: [number, string]) => status === 0 && text.endsWith("stopped\n"));
      for (const name of ["Prometheus", "Alertmanager", "Jaeger", "OTLP"])
        expect(await fetch(addressOf(name)).catch(() => "gone")).to.equal("gone");
    } finally {
      stack.kill("SIGINT");
    }
  });
});
