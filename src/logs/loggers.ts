import type { Attributes } from "@opentelemetry/api";
import { readConfig, type Config } from "../config/index.ts";
import { readIdHeadersBy } from "../context/correlation.ts";
import { keepHeaders } from "../context/request.ts";
import { attributeOf } from "../context/field-names.ts";
import { LOG_THRESHOLDS, ruleFor, type LogThreshold } from "../config/log-level.ts";
import { Logger } from "./logger.ts";
import { warnOnce } from "../runtime/self-log.ts";

/** Subsystems with a logger of their own. */
const MAX_LOGGERS = 1_000;
/** Characters of the name of a subsystem. */
const MAX_NAME = 200;
/** The subsystem of those beyond. */
const OTHER = "other";

const ENVIRONMENT = "deployment.environment.name";

/** Where one works on the code, and wants to see what it does. */
const TALKATIVE: ReadonlySet<unknown> = new Set(["local", "development"]);

/** How records are written. */
export interface LogSettings {
  readonly config: Config;
  /** Who speaks. */
  readonly resource: Attributes;
  /** Fields that are left out, under the names of OpenTelemetry. */
  readonly omitted: ReadonlySet<string>;
}

interface Shared {
  readonly loggers: Map<string, Logger>;
  readonly rules: Map<string, LogThreshold>;
  settings: LogSettings | undefined;
}

/** One copy of this package can be preloaded, and the application import another; they have one set of loggers. */
const SHARED = Symbol.for("stratascope.loggers");

const shared: Shared = ((globalThis as { [SHARED]?: Shared })[SHARED] ??= {
  loggers: new Map(),
  rules: new Map(),
  settings: undefined,
});

/** Has records written as the settings say. */
export function configureLogs(config: Config, resource: Attributes = config.resourceAttributes): void {
  const named = config.serviceName === "" ? {} : { "service.name": config.serviceName };
  shared.settings = {
    config,
    resource: { ...named, ...resource },
    omitted: new Set(config.logOmit.map(attributeOf)),
  };
  keepHeaders(config.correlationHeader, config.requestIdHeader);
  shared.rules.set("", TALKATIVE.has(config.resourceAttributes[ENVIRONMENT]) ? "debug" : "info");
  for (const [subsystem, level] of Object.entries(config.logLevels)) shared.rules.set(subsystem, level);
  apply();
}

/** An application that is not started with us has the settings of the environment all the same. */
export function logSettings(): LogSettings {
  if (shared.settings === undefined) configureLogs(readConfig().config);
  return shared.settings!;
}

readIdHeadersBy(() => logSettings().config);

/** Whether the application writes records with loggers of ours. */
export const areLoggersUsed = (): boolean => shared.loggers.size > 0;

/** The environment the service runs in. */
export const environmentOf = ({ resource }: LogSettings): unknown => resource[ENVIRONMENT];

/**
 * The logger of a part of the application. Its level is that of `STRATASCOPE_LOG_LEVELS` for its name or the nearest
 * one around it, and can be changed with {@link setLogLevel}.
 * @param subsystem dots put one inside another: `db.sqlite`
 */
export function logger(subsystem: string): Logger {
  logSettings();
  const name = subsystem.slice(0, MAX_NAME);
  return shared.loggers.get(name) ?? (shared.loggers.size < MAX_LOGGERS ? create(name) : nearest(name));
}

function create(name: string): Logger {
  const created = new Logger(name, ruleFor(name, shared.rules));
  shared.loggers.set(name, created);
  return created;
}

/** Finds the logger of the subsystem around one that is one too many. */
function nearest(name: string): Logger {
  warnOnce(
    `[logs] more than ${MAX_LOGGERS} subsystems have loggers; records of others are those of the subsystem around them, or of "${OTHER}"`,
  );
  for (let end = name.lastIndexOf("."); end > 0; end = name.lastIndexOf(".", end - 1)) {
    const found = shared.loggers.get(name.slice(0, end));
    if (found !== undefined) return found;
  }
  return shared.loggers.get(OTHER) ?? create(OTHER);
}

/**
 * Changes what loggers write from now on.
 * @param level the least urgent records that are written; undefined for that of the subsystem around it
 * @param subsystem whose, and of those inside it that have no level of their own; all others where it is empty
 * @throws TypeError if there is no such level
 */
export function setLogLevel(level: LogThreshold | undefined, subsystem = ""): void {
  logSettings();
  if (level === undefined) shared.rules.delete(subsystem);
  else if (LOG_THRESHOLDS.includes(level)) shared.rules.set(subsystem, level);
  else throw new TypeError(`there is no level "${level}"; known are ${LOG_THRESHOLDS.join(", ")}`);
  apply();
}

/** The level in force of each logger and of each name that has one; the one for all others has no name. */
export function logLevels(): Record<string, LogThreshold> {
  logSettings();
  const names = [...new Set(["", ...shared.rules.keys(), ...shared.loggers.keys()])].sort();
  return Object.fromEntries(names.map((name) => [name, ruleFor(name, shared.rules)]));
}

/** What is said for a subsystem itself, and the level in force for it. */
export function logRuleOf(subsystem: string): { own: LogThreshold | undefined; inForce: LogThreshold } {
  logSettings();
  return { own: shared.rules.get(subsystem), inForce: ruleFor(subsystem, shared.rules) };
}

function apply(): void {
  for (const each of shared.loggers.values()) each.setThreshold(ruleFor(each.subsystem, shared.rules));
}
