import type { Instrumentation as OTelInstrumentation, InstrumentationConfig } from "@opentelemetry/instrumentation";
import type { Addon, Instrumentation, ModuleTarget, Target } from "../instrument/definition.ts";
import { noteLoaded } from "../instrument/own-databases.ts";
import { instrumentationStatus } from "../instrument/instrumentation-status.ts";
import type { Framework } from "../../instrumentations/http/framework.ts";
import type { LogLibrary } from "../logs/library.ts";
import { LogBridge } from "../logs/library-bridge.ts";
import { Probe } from "../instrument/probe.ts";
import { SCOPE } from "../runtime/package-info.ts";

type Patch = (exports: unknown, module: ModuleTarget) => unknown;

/**
 * Hooked package as an OpenTelemetry instrumentation. One class serves all of them: they differ in data only. Its
 * metrics are bound series and its spans come from the registered provider, so the setters do nothing.
 */
export class ModuleInstrumentation implements OTelInstrumentation {
  readonly target: Target;
  readonly addon: Addon | undefined;
  readonly instrumentationName: string;
  readonly instrumentationVersion: string = SCOPE.version;
  readonly #probe: Probe;
  readonly #patch: Patch;
  #config: InstrumentationConfig = { enabled: true };
  /** True if the last patch failed halfway: the module is then not instrumented, until the next patch. */
  #isHalf = false;

  // oxlint-disable-next-line max-params -- the last is for some of the engines
  constructor(target: Target, probe: Probe, patch: Patch, addon?: Addon) {
    this.target = target;
    this.addon = addon;
    this.instrumentationName = `${SCOPE.name}/${target.id}`;
    this.#probe = probe;
    this.#patch = patch;
  }

  /** Patches the exports of one of its modules, the first by default, and returns the exports to use. */
  patch(exports: unknown, module: ModuleTarget = this.target.modules[0]!): unknown {
    this.#begin();
    return this.#apply(exports, module) ?? exports;
  }

  /**
   * Patches in place a module that the application may never use.
   * @param used called when the application uses it
   */
  patchAhead(exports: unknown, module: ModuleTarget, used: () => void): void {
    this.#probe.whenUsed(() => {
      this.#begin();
      used();
    });
    this.#apply(exports, module);
  }

  #begin(): void {
    const { guard } = this.#probe;
    if (this.#isHalf) guard.enable();
    this.#isHalf = false;
    guard.count(0);
    const record = instrumentationStatus(this.target.id);
    record.reason = undefined;
    record.isOn = () => guard.enabled;
  }

  #apply(exports: unknown, module: ModuleTarget): unknown {
    try {
      return this.#patch(exports, module);
    } catch (error) {
      instrumentationStatus(this.target.id).reason = "it could not be patched";
      this.#probe.guard.failed(error);
      this.#isHalf = true;
      this.#probe.guard.disable();
      return undefined;
    }
  }

  enable(): void {
    this.#probe.guard.enable();
  }

  disable(): void {
    this.#probe.guard.disable();
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

/** Engine as an OpenTelemetry instrumentation. */
export class EngineInstrumentation extends ModuleInstrumentation {
  constructor(engine: Instrumentation) {
    const probe = new Probe(engine.id);
    const patch = (exports: unknown, module: ModuleTarget): unknown => {
      const patched = engine.patch(exports, probe, module);
      noteLoaded(engine.id, patched ?? exports);
      return patched;
    };
    super(engine, probe, patch, engine.addon);
  }
}

/** Logging library as an OpenTelemetry instrumentation. */
export class LogInstrumentation extends ModuleInstrumentation {
  /** @param isSent true if its records are exported over OTLP as well */
  constructor(library: LogLibrary, isSent: boolean) {
    const probe = new Probe(library.id);
    const bridge = new LogBridge(probe, isSent);
    super(library, probe, (exports) => library.patch(exports, bridge));
  }
}

/** Framework for HTTP servers as an OpenTelemetry instrumentation. */
export class FrameworkInstrumentation extends ModuleInstrumentation {
  constructor(framework: Framework) {
    const probe = new Probe(framework.id);
    super(framework, probe, (exports, module) => framework.patch(exports, probe, module));
  }
}
