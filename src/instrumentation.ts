import type { Instrumentation, InstrumentationConfig } from "@opentelemetry/instrumentation";
import type { Engine } from "./engine.ts";
import { recordOf } from "./engine-record.ts";
import { Probe } from "./probe.ts";
import { SCOPE } from "./scope.ts";

/**
 * Any engine as an OpenTelemetry instrumentation. The one class for all of them: what differs is data. Its
 * metrics are hot metrics and its spans come from the registered provider, so the setters have nothing to do.
 */
export class EngineInstrumentation implements Instrumentation {
  readonly engine: Engine;
  readonly instrumentationName: string;
  readonly instrumentationVersion: string = SCOPE.version;
  readonly #probe: Probe;
  #config: InstrumentationConfig = { enabled: true };

  constructor(engine: Engine) {
    this.engine = engine;
    this.instrumentationName = `${SCOPE.name}/${engine.id}`;
    this.#probe = new Probe(engine.id);
  }

  /** Patches the exports of the engine's module and returns what the module is to export. */
  patch(exports: unknown): unknown {
    let patched: unknown;
    const { guard } = this.#probe;
    guard.count(0);
    recordOf(this.engine.id).isOn = () => guard.enabled;
    this.#probe.attempt(() => {
      patched = this.engine.patch(exports, this.#probe);
    });
    return patched ?? exports;
  }

  enable(): void {
    this.#probe.guard.enabled = true;
  }

  disable(): void {
    this.#probe.guard.enabled = false;
  }

  getConfig(): InstrumentationConfig {
    return this.#config;
  }

  setConfig(config: InstrumentationConfig): void {
    this.#config = config;
    if (config.enabled === false) this.disable();
  }

  setTracerProvider(): void {}

  setMeterProvider(): void {}
}
