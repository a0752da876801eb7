import { join } from "node:path";
import { Mirror } from "../../examples/dictionary/demo/mirror.ts";
import { Program } from "../../examples/dictionary/demo/program.ts";

interface Setting {
  readonly folder: string;
  readonly otlpUrl: string;
  readonly metricsPort: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Milliseconds the mirror takes for a batch, of which an export has 24. */
const PAUSE = 200;
const TRIES = 20;

/** The service of the examples, with the agent as its Collector. */
export class Dictionary {
  readonly url: string;
  readonly #service: Program;
  readonly #setting: Setting;
  readonly #others = new Set<Program>();

  private constructor(service: Program, url: string, setting: Setting) {
    this.#service = service;
    this.url = url;
    this.#setting = setting;
  }

  static async start(setting: Setting): Promise<Dictionary> {
    const service = program(setting, ["service.ts", "dictionary"], {
      OTEL_EXPORTER_PROMETHEUS_PORT: String(setting.metricsPort),
      // It is scraped: the same series are not pushed as well.
      OTEL_METRICS_EXPORTER: "prometheus",
      ...setting.env,
    });
    const died = new Promise<never>((_, reject) => {
      service.died.addEventListener("abort", () => reject(new Error(`the service ended: ${service.errors}`)));
    });
    return new Dictionary(service, await Promise.race([service.says(/^listening on (\S+)$/), died]), setting);
  }

  /** What is done once a night, in processes of their own: an export to a slow mirror, and maintenance. */
  async night(): Promise<void> {
    const mirror = new Mirror(PAUSE);
    const address = await mirror.listen();
    try {
      await Promise.all([
        this.#run("export.ts", "dictionary-export", address),
        this.#run("maintain.ts", "dictionary-maintenance", this.#setting.folder),
      ]);
    } finally {
      mirror.close();
    }
  }

  async stop(): Promise<void> {
    await Promise.all([this.#service, ...this.#others].map((each) => each.stop()));
  }

  /** The programs give up where the service holds the lock; whoever runs them tries again. */
  async #run(file: string, name: string, argument: string, tries = TRIES): Promise<void> {
    const run = program(this.#setting, [file, name, argument], { OTEL_METRICS_EXPORTER: "otlp" });
    this.#others.add(run);
    await run.ended();
    this.#others.delete(run);
    if (!run.errors.includes("SQLITE_BUSY")) return;
    if (tries === 1) throw new Error(`${name}: ${run.errors}`);
    await this.#run(file, name, argument, tries - 1);
  }
}

/** @param command the file of the program, the name of the service, and arguments */
function program(
  { folder, otlpUrl }: Setting,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Program {
  const [file, name, ...args] = command as [string, string, ...string[]];
  return new Program(file, [join(folder, "dictionary.db"), ...args], {
    OTEL_SERVICE_NAME: name,
    OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl,
    OTEL_METRIC_EXPORT_INTERVAL: "1000",
    OTEL_BSP_SCHEDULE_DELAY: "1000",
    STRATASCOPE_SPOOL_FOLDER: join(folder, "spool"),
    ...env,
  });
}
