import type { Attributes } from "@opentelemetry/api";
import { readConfig, type Config } from "../config/index.ts";
import { readIdHeadersBy } from "../context/correlation.ts";
import { keepHeaders } from "../context/request.ts";
import { attributeOf } from "../context/field-names.ts";
import { LOG_THRESHOLDS, ruleFor, type LogThreshold } from "../config/log-level.ts";
import { Logger } from "./logger.ts";
import { warnOnce } from "../runtime/self-log.ts";

/** Maximum number of subsystems with a logger of their own. */
const MAX_LOGGERS = 1_000;
/** Maximum number of characters in the name of a subsystem. */
const MAX_NAME = 200;
/** Subsystem of records beyond that maximum. */
const OTHER = "other";

const ENVIRONMENT = "deployment.environment.name";

/** Deployment environments with verbose logging by default, for developers. */
const TALKATIVE: ReadonlySet<unknown> = new Set(["local", "development"]);

/** Settings of how records are written. */
export interface LogSettings {
  readonly config: Config;
  /** The resource of this process. */
  readonly resource: Attributes;
  /** Fields that are left out, by their OpenTelemetry names. */
  readonly omitted: ReadonlySet<string>;
}

interface SharedLoggers {
  readonly loggers: Map<string, Logger>;
  readonly rules: Map<string, LogThreshold>;
  settings: LogSettings | undefined;
}

/**
 * Global symbol of the loggers, which all copies of this package share: one copy may be preloaded and another imported
 * by the application.
 */
const SHARED = Symbol.for("stratascope.loggers");

const shared: SharedLoggers = ((globalThis as { [SHARED]?: SharedLoggers })[SHARED] ??= {
  loggers: new Map(),
  rules: new Map(),
  settings: undefined,
});

/** Applies the settings of how records are written. */
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

/** Returns the settings. An application that was not started with stratascope uses those of the environment. */
export function logSettings(): LogSettings {
  if (shared.settings === undefined) configureLogs(readConfig().config);
  return shared.settings!;
}

readIdHeadersBy(() => logSettings().config);

/** Tells whether the application writes records with our loggers. */
export const areLoggersUsed = (): boolean => shared.loggers.size > 0;

/** Returns the deployment environment of the service. */
export const environmentOf = ({ resource }: LogSettings): unknown => resource[ENVIRONMENT];

/**
 * Returns the logger of a part of the application. Its level is that of `STRATASCOPE_LOG_LEVELS` for its name or the
 * nearest enclosing one, and can be changed with {@link setLogLevel}.
 * @param subsystem dots separate nested names: `db.sqlite`
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

/** Returns the nearest enclosing logger for a subsystem beyond the maximum number. */
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
 * Changes the level of loggers from now on.
 * @param level the minimum severity of records that are written; undefined for the level of the enclosing subsystem
 * @param subsystem the subsystem to change, including nested ones without a level of their own; if it is empty, all
 * others
 * @throws TypeError if there is no such level
 */
export function setLogLevel(level: LogThreshold | undefined, subsystem = ""): void {
  logSettings();
  if (level === undefined) shared.rules.delete(subsystem);
  else if (LOG_THRESHOLDS.includes(level)) shared.rules.set(subsystem, level);
  else throw new TypeError(`there is no level "${level}"; known are ${LOG_THRESHOLDS.join(", ")}`);
  apply();
}

/** Returns the effective level of each logger and of each name that has one; the default level has an empty name. */
export function logLevels(): Record<string, LogThreshold> {
  logSettings();
  const names = [...new Set(["", ...shared.rules.keys(), ...shared.loggers.keys()])].sort();
  return Object.fromEntries(names.map((name) => [name, ruleFor(name, shared.rules)]));
}

/** Returns the level set for a subsystem itself, and its effective level. */
export function logRuleOf(subsystem: string): { own: LogThreshold | undefined; inForce: LogThreshold } {
  logSettings();
  return { own: shared.rules.get(subsystem), inForce: ruleFor(subsystem, shared.rules) };
}

function apply(): void {
  for (const each of shared.loggers.values()) each.setThreshold(ruleFor(each.subsystem, shared.rules));
}
