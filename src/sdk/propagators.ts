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

/** What the packages of propagators export. */
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

/** Whether a propagator is one of those that need no package. */
export const isBuiltIn = (name: Name): boolean => name in BUILT_IN;

/** The propagator of the settings; those of other packages are loaded only where they are asked for. */
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

/** Where a package is, as the application finds it, and then as we do. */
function pathOf(packageName: string): string | undefined {
  for (const place of [process.argv[1], `${process.cwd()}/index.js`, import.meta.filename]) {
    try {
      if (place !== undefined) return createRequire(place).resolve(packageName);
    } catch {
      // It is not there.
    }
  }
  return undefined;
}

/** Longest header the code of others is given; what these propagators send is shorter. */
const MAX_HEADER = 4096;

const cut = (value: string): string => value.slice(0, MAX_HEADER);

/** Keeps what comes in from having the code of others throw, or read for long. */
class Shielded implements TextMapPropagator {
  readonly #inner: TextMapPropagator;

  constructor(inner: TextMapPropagator) {
    this.#inner = inner;
  }

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    try {
      this.#inner.inject(context, carrier, setter);
    } catch {
      // What came in is sent on as far as it can be written.
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
