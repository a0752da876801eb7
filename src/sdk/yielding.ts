import {
  context,
  trace,
  type Context,
  type Logger,
  type LoggerOptions,
  type LoggerProvider as AnyLoggerProvider,
  type Span,
  type SpanOptions,
  type Tracer,
  type TracerOptions,
  type TracerProvider as AnyTracerProvider,
} from "@opentelemetry/api";
import { LoggerProvider } from "@opentelemetry/sdk-logs";
import { TracerProvider } from "@opentelemetry/sdk-trace";
import { saneScope } from "../input/odd-names.ts";
import { shieldedEmit, shieldedSpan } from "./shield.ts";

/**
 * Provider whose tracers delegate to the application's provider once there is one, as those of the API do without us.
 */
export class YieldingTracerProvider extends TracerProvider {
  /** The provider registered by the application. */
  successor: AnyTracerProvider | undefined;

  override getTracer(...scope: Parameters<TracerProvider["getTracer"]>): Tracer {
    return new YieldingTracer(super.getTracer(...saneScope<TracerOptions>(scope)), () =>
      this.successor?.getTracer(...scope),
    );
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

  startSpan(name: string, options?: SpanOptions, parent?: Context): Span {
    const theirs = (this.#theirs ??= this.#successor());
    if (theirs !== undefined) return theirs.startSpan(name, options, parent);
    return shieldedSpan((sane, rest) => this.#own.startSpan(sane, rest, parent), name, options);
  }

  startActiveSpan(name: string, ...args: unknown[]): never {
    const theirs = (this.#theirs ??= this.#successor());
    if (theirs !== undefined) return Reflect.apply(theirs.startActiveSpan, theirs, [name, ...args]) as never;
    const work = args.at(-1) as (span: Span) => unknown;
    const [options, parent = context.active()] = args.slice(0, -1) as [SpanOptions?, Context?];
    const span = this.startSpan(name, options, parent);
    return context.with(trace.setSpan(parent, span), work, undefined, span) as never;
  }
}

/**
 * Provider whose loggers delegate to the application's provider once there is one, as those of the API do without us.
 */
export class YieldingLoggerProvider extends LoggerProvider {
  /** The provider registered by the application. */
  successor: AnyLoggerProvider | undefined;

  override getLogger(...scope: Parameters<LoggerProvider["getLogger"]>): Logger {
    const own = super.getLogger(...saneScope<LoggerOptions>(scope));
    let theirs: Logger | undefined;
    const successor = (): Logger | undefined => (theirs ??= this.successor?.getLogger(...scope));
    return {
      emit(record) {
        const other = successor();
        if (other === undefined) shieldedEmit((sane) => own.emit(sane), record);
        else other.emit(record);
      },
      enabled: (options) => (successor() ?? own).enabled(options),
    };
  }
}
