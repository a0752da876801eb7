/** Status of an engine or a logging library in this process, which explains missing telemetry. */
export class InstrumentationStatus {
  /** Version of the package that was found. */
  version: string | undefined;
  /** Reason why it is not instrumented, although it was found. */
  reason: string | undefined;
  /** Tells whether it is instrumented; undefined until the application has loaded it. */
  isOn: (() => boolean) | undefined;

  get state(): "not loaded" | "observed" | "left alone" | "switched off" {
    if (this.reason !== undefined) return "left alone";
    if (this.isOn === undefined) return "not loaded";
    return this.isOn() ? "observed" : "switched off";
  }
}

const statuses = new Map<string, InstrumentationStatus>();

/** Returns the record of an engine or a logging library by its id, creating it on first use. */
export function instrumentationStatus(engine: string): InstrumentationStatus {
  const record = statuses.get(engine) ?? new InstrumentationStatus();
  statuses.set(engine, record);
  return record;
}

export const instrumentationStatuses = (): ReadonlyMap<string, InstrumentationStatus> => statuses;
