import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Daemon, type Command } from "./daemon.ts";
import { debianProgram } from "./debian.ts";
import { build, lackOf } from "./go.ts";
import { freePort } from "./ports.ts";

const CONFIG = join(import.meta.dirname, "..");

/** The programs, where they can be had. */
export interface Programs {
  readonly collector: string;
  readonly jaeger: string;
  readonly prometheus: string;
  readonly alertmanager: string;
}

/** @returns what is missing, in words, where one of them can be neither found nor fetched nor built */
export function findPrograms(): Programs | string {
  const prometheus = debianProgram("prometheus");
  const alertmanager = debianProgram("prometheus-alertmanager");
  if (prometheus === undefined || alertmanager === undefined) {
    return "there is neither a Prometheus nor an Alertmanager, nor a Debian to fetch them from";
  }
  const lack = lackOf("collector") ?? lackOf("jaeger");
  if (lack !== undefined) return lack;
  return { collector: build("collector"), jaeger: build("jaeger"), prometheus, alertmanager };
}

/** What Prometheus asks, and what those are called. */
export interface Target {
  readonly job: string;
  readonly address: string;
}

export interface Setting {
  /** Gets the queues, the data and what the programs say. */
  readonly folder: string;
  /** Changes the text of a file of the configuration, by its path. */
  readonly edit?: (path: string, text: string) => string;
  readonly targets?: readonly Target[];
  /** Takes the ports of each kind that everybody knows, where they are free. */
  readonly wellKnownPorts?: boolean;
  /** Variables of the configurations of the Collectors and of Jaeger. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Agent, gateway, sampler, Jaeger, Prometheus and Alertmanager on loopback, with the configurations beside this folder. */
export class Backends {
  readonly #programs: Programs;
  readonly #setting: Setting;
  readonly #running: Daemon[] = [];
  readonly #ports = new Map<string, number>();

  constructor(programs: Programs, setting: Setting) {
    this.#programs = programs;
    this.#setting = setting;
  }

  jaeger!: Daemon;
  sampler!: Daemon;
  gateway!: Daemon;
  agent!: Daemon;
  prometheus!: Daemon;
  alertmanager!: Daemon;

  /** Starts all or none. */
  async start(): Promise<this> {
    try {
      await this.#startAll();
      return this;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Those first that others send to. */
  async #startAll(): Promise<void> {
    const { folder } = this.#setting;
    this.#copyConfiguration();
    this.jaeger = await this.#run(await this.#jaegerCommand());
    this.alertmanager = await this.#run(await this.#alertmanagerCommand());
    await this.#choosePorts();
    this.#writeTargets();
    this.prometheus = await this.#run(await this.#prometheusCommand());
    this.sampler = await this.#collector("sampler", [], {
      TRACES_ENDPOINT: this.address("jaeger"),
      // On one machine all spans of a trace arrive at once.
      DECISION_WAIT: "2s",
    });
    this.gateway = await this.#collector("gateway", ["logs/file"], {
      SAMPLERS: `{static: {hostnames: ["${this.address("sampler")}"]}}`,
      PROMETHEUS_WRITE: `${this.prometheusUrl}/api/v1/write`,
      INSTANCE: "gateway-1",
      LOG_FILE: join(folder, "logs.jsonl"),
      SPAN_METRICS_INTERVAL: "2s",
    });
    this.agent = await this.#collector("agent", [], { GATEWAY: this.address("gateway") });
  }

  /** Stops all, those first that send to others. */
  async stop(): Promise<void> {
    for (const daemon of this.#running.toReversed()) await daemon.stop();
  }

  /** Where a Collector or Jaeger takes OTLP over gRPC. */
  address(name: "agent" | "gateway" | "sampler" | "jaeger"): string {
    return `127.0.0.1:${this.#port(`${name} grpc`)}`;
  }

  /** Where services send to. */
  get otlpUrl(): string {
    return `http://127.0.0.1:${this.#port("agent http")}`;
  }

  /** Where a Collector tells of itself. */
  metricsUrl(name: "agent" | "gateway" | "sampler"): string {
    return `http://127.0.0.1:${this.#port(`${name} metrics`)}/metrics`;
  }

  get jaegerUrl(): string {
    return `http://127.0.0.1:${this.#port("jaeger query")}`;
  }

  get prometheusUrl(): string {
    return `http://127.0.0.1:${this.#port("prometheus")}`;
  }

  get alertmanagerUrl(): string {
    return `http://127.0.0.1:${this.#port("alertmanager")}`;
  }

  get logFile(): string {
    return join(this.#setting.folder, "logs.jsonl");
  }

  async #run(command: Command): Promise<Daemon> {
    const daemon = new Daemon(command);
    // Before it is ready, so that it is stopped even if it never is.
    this.#running.push(daemon);
    return daemon.start();
  }

  #log(name: string): string {
    return join(this.#setting.folder, `${name}.log`);
  }

  #port(name: string): number {
    return this.#ports.get(name)!;
  }

  async #choose(name: string, wellKnown?: number): Promise<number> {
    const port = await freePort(this.#setting.wellKnownPorts === true ? wellKnown : undefined);
    this.#ports.set(name, port);
    return port;
  }

  /** Prometheus has to know the ports of the Collectors before these are started. */
  async #choosePorts(): Promise<void> {
    for (const [i, name] of ["agent", "gateway", "sampler"].entries()) {
      await this.#choose(`${name} grpc`, i === 0 ? 4317 : undefined);
      await this.#choose(`${name} http`, i === 0 ? 4318 : undefined);
      await this.#choose(`${name} health`);
      await this.#choose(`${name} metrics`);
    }
  }

  #collector(
    name: "agent" | "gateway" | "sampler",
    overlays: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Promise<Daemon> {
    const files = [name, ...overlays].map(
      (file) => `--config=${join(this.#setting.folder, "collector", `${file}.yaml`)}`,
    );
    const health = this.#port(`${name} health`);
    return this.#run({
      name,
      program: this.#programs.collector,
      args: files,
      env: {
        ...env,
        QUEUE_FOLDER: join(this.#setting.folder, "queues", name),
        GRPC_PORT: String(this.#port(`${name} grpc`)),
        HTTP_PORT: String(this.#port(`${name} http`)),
        METRICS_PORT: String(this.#port(`${name} metrics`)),
        HEALTH_PORT: String(health),
        ...this.#setting.env,
      },
      log: this.#log(name),
      health: `http://127.0.0.1:${health}/`,
    });
  }

  async #jaegerCommand(): Promise<Command> {
    const query = await this.#choose("jaeger query", 16_686);
    return {
      name: "jaeger",
      program: this.#programs.jaeger,
      args: [`--config=${join(CONFIG, "jaeger/jaeger.yaml")}`],
      env: {
        GRPC_PORT: String(await this.#choose("jaeger grpc")),
        QUERY_PORT: String(query),
        QUERY_GRPC_PORT: String(await this.#choose("jaeger query grpc")),
        HEALTH_PORT: String(await this.#choose("jaeger health")),
        METRICS_PORT: String(await this.#choose("jaeger metrics")),
        ...this.#setting.env,
      },
      log: this.#log("jaeger"),
      health: `http://127.0.0.1:${query}/api/services`,
    };
  }

  async #prometheusCommand(): Promise<Command> {
    const { folder } = this.#setting;
    const port = await this.#choose("prometheus", 9090);
    return {
      name: "prometheus",
      program: this.#programs.prometheus,
      args: [
        `--config.file=${join(folder, "prometheus/prometheus.yaml")}`,
        `--storage.tsdb.path=${join(folder, "prometheus-data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
        "--web.enable-remote-write-receiver",
        "--enable-feature=exemplar-storage",
      ],
      log: this.#log("prometheus"),
      health: `http://127.0.0.1:${port}/-/ready`,
    };
  }

  async #alertmanagerCommand(): Promise<Command> {
    const { folder } = this.#setting;
    const port = await this.#choose("alertmanager", 9093);
    return {
      name: "alertmanager",
      program: this.#programs.alertmanager,
      args: [
        `--config.file=${join(folder, "prometheus/alertmanager.yaml")}`,
        `--storage.path=${join(folder, "alertmanager-data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
        "--cluster.listen-address=",
      ],
      log: this.#log("alertmanager"),
      health: `http://127.0.0.1:${port}/-/ready`,
    };
  }

  /** The programs get the files an operator gets, with the changes that were asked for. */
  #copyConfiguration(): void {
    const { folder, edit = (_, text) => text } = this.#setting;
    for (const part of ["collector", "prometheus"]) {
      cpSync(join(CONFIG, part), join(folder, part), { recursive: true });
      for (const path of readdirSync(join(folder, part), { recursive: true, encoding: "utf8" })) {
        const file = join(folder, part, path);
        if (path.endsWith(".yaml")) writeFileSync(file, edit(`${part}/${path}`, readFileSync(file, "utf8")));
      }
    }
    mkdirSync(join(folder, "prometheus-data"), { recursive: true });
  }

  #writeTargets(): void {
    const { folder, targets = [] } = this.#setting;
    const collectors = ["agent", "gateway", "sampler"].map((job) => ({
      job,
      address: `127.0.0.1:${this.#port(`${job} metrics`)}`,
    }));
    // JSON is YAML.
    const write = (file: string, list: readonly Target[]): void =>
      writeFileSync(
        join(folder, "prometheus", file),
        JSON.stringify(list.map(({ job, address }) => ({ targets: [address], labels: { job } }))),
      );
    write("targets/services.yaml", targets);
    write("targets/collectors.yaml", collectors);
    const alertmanager = `127.0.0.1:${this.#port("alertmanager")}`;
    writeFileSync(join(folder, "prometheus/alertmanagers.yaml"), JSON.stringify([{ targets: [alertmanager] }]));
  }
}
