import type {
  Logger,
  LoggerProvider as AnyLoggerProvider,
  Tracer,
  TracerProvider as AnyTracerProvider,
} from "@opentelemetry/api";
import { LoggerProvider } from "@opentelemetry/sdk-logs";
import { TracerProvider } from "@opentelemetry/sdk-trace";

/** A provider whose tracers go on with that of the application once there is one, as those of the API do without us. */
export class YieldingTracerProvider extends TracerProvider {
  /** What the application has registered. */
  successor: AnyTracerProvider | undefined;

  override getTracer(...scope: Parameters<TracerProvider["getTracer"]>): Tracer {
    return new YieldingTracer(super.getTracer(...scope), () => this.successor?.getTracer(...scope));
  }
}

class YieldingTracer implements Tracer {
  readonly #own: Tracer;
  readonly #successor: () => Tracer | undefined;
  #theirs: Tracer | undefined;

  constructor(own: Tracer, successor: () => Tracer | undefined) {
    this.#own = own;
    this.#successor = successor;
  }

  startSpan(...args: Parameters<Tracer["startSpan"]>): ReturnType<Tracer["startSpan"]> {
    return this.#current.startSpan(...args);
  }

  startActiveSpan(...args: unknown[]): never {
    const tracer = this.#current;
    return Reflect.apply(tracer.startActiveSpan, tracer, args) as never;
  }

  get #current(): Tracer {
    return (this.#theirs ??= this.#successor()) ?? this.#own;
  }
}

/** A provider whose loggers go on with that of the application once there is one, as those of the API do without us. */
export class YieldingLoggerProvider extends LoggerProvider {
  /** What the application has registered. */
  successor: AnyLoggerProvider | undefined;

  override getLogger(...scope: Parameters<LoggerProvider["getLogger"]>): Logger {
    const own = super.getLogger(...scope);
    let theirs: Logger | undefined;
    const current = (): Logger => (theirs ??= this.successor?.getLogger(...scope)) ?? own;
    return { emit: (record) => current().emit(record), enabled: (options) => current().enabled(options) };
  }
}
