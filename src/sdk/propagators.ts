import { createRequire } from "node:module";
import type { Context, TextMapGetter, TextMapPropagator, TextMapSetter } from "@opentelemetry/api";
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import { oneLine, type Config } from "../config/index.ts";
import { withCorrelation } from "../context/correlation-propagator.ts";
import { log } from "../runtime/self-log.ts";

type Name = Config["propagators"][number];

const BUILT_IN: Readonly<Partial<Record<Name, () => TextMapPropagator>>> = {
  tracecontext: () => new W3CTraceContextPropagator(),
  baggage: () => new W3CBaggagePropagator(),
};

/** Exports of the propagator packages. */
interface Exports {
  readonly B3InjectEncoding: { readonly SINGLE_HEADER: number; readonly MULTI_HEADER: number };
  readonly B3Propagator: new (options: { injectEncoding: number }) => TextMapPropagator;
  readonly JaegerPropagator: new () => TextMapPropagator;
  readonly AWSXRayPropagator: new () => TextMapPropagator;
}

interface Package {
  readonly name: string;
  create(exports: Exports): TextMapPropagator;
}

const PACKAGES: Readonly<Partial<Record<Name, Package>>> = {
  b3: {
    name: "@opentelemetry/propagator-b3",
    create: ({ B3Propagator, B3InjectEncoding }) =>
      new B3Propagator({ injectEncoding: B3InjectEncoding.SINGLE_HEADER }),
  },
  b3multi: {
    name: "@opentelemetry/propagator-b3",
    create: ({ B3Propagator, B3InjectEncoding }) => new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER }),
  },
  jaeger: { name: "@opentelemetry/propagator-jaeger", create: ({ JaegerPropagator }) => new JaegerPropagator() },
  xray: { name: "@opentelemetry/propagator-aws-xray", create: ({ AWSXRayPropagator }) => new AWSXRayPropagator() },
};

/** Tells whether a propagator is built in and needs no package. */
export const isBuiltIn = (name: Name): boolean => name in BUILT_IN;

/** Creates the configured propagator; those of other packages are loaded only if they are configured. */
export function createPropagator(names: readonly Name[], correlationHeader: string): TextMapPropagator {
  const propagators = names.flatMap((name) => BUILT_IN[name]?.() ?? loaded(name) ?? []);
  const composite = new CompositePropagator({ propagators });
  return names.length === 0 ? composite : withCorrelation(composite, correlationHeader);
}

function loaded(name: Name): TextMapPropagator | undefined {
  const { name: packageName, create } = PACKAGES[name]!;
  try {
    const path = pathOf(packageName);
    if (path !== undefined) return new Shielded(create(createRequire(path)(path) as Exports));
    log.warn(
      `OTEL_PROPAGATORS has "${name}", and ${packageName} is not installed in the application; context does not travel that way until it is: npm install ${packageName}`,
    );
  } catch (error) {
    log.warn(
      `OTEL_PROPAGATORS has "${name}", and ${packageName} could not be loaded; context does not travel that way: ${oneLine(String(error))}`,
    );
  }
  return undefined;
}

/** Returns the path of a package, resolved from the application first, then from this package. */
function pathOf(packageName: string): string | undefined {
  for (const place of [process.argv[1], `${process.cwd()}/index.js`, import.meta.filename]) {
    try {
      if (place !== undefined) return createRequire(place).resolve(packageName);
    } catch {
      // Not found here.
    }
  }
  return undefined;
}

/** Maximum length of a header that is passed to third-party code; the headers of these propagators are shorter. */
const MAX_HEADER = 4096;

const cut = (value: string): string => value.slice(0, MAX_HEADER);

/** Propagator that protects third-party code from input that would make it throw or run for long. */
class Shielded implements TextMapPropagator {
  readonly #inner: TextMapPropagator;

  constructor(inner: TextMapPropagator) {
    this.#inner = inner;
  }

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    try {
      this.#inner.inject(context, carrier, setter);
    } catch {
      // The received values are propagated as far as they are valid.
    }
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    try {
      return this.#inner.extract(context, carrier, {
        keys: (headers) => getter.keys(headers),
        get: (headers, key) => {
          const value = getter.get(headers, key);
          return typeof value === "string" ? cut(value) : value?.map(cut);
        },
      });
    } catch {
      return context;
    }
  }

  fields(): string[] {
    return this.#inner.fields();
  }
}
