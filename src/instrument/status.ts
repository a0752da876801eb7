/** What became of an engine or a log library in this process, for those who ask why they see nothing of it. */
export class EngineRecord {
  /** Version of the package that was found. */
  version: string | undefined;
  /** Why it is not observed, although it was found. */
  reason: string | undefined;
  /** Whether it is observed; undefined as long as the application has not loaded it. */
  isOn: (() => boolean) | undefined;

  get state(): "not loaded" | "observed" | "left alone" | "switched off" {
    if (this.reason !== undefined) return "left alone";
    if (this.isOn === undefined) return "not loaded";
    return this.isOn() ? "observed" : "switched off";
  }
}

const records = new Map<string, EngineRecord>();

/** The record of an engine or a log library, by its id; begun when it is first asked for. */
export function recordOf(engine: string): EngineRecord {
  const record = records.get(engine) ?? new EngineRecord();
  records.set(engine, record);
  return record;
}

export const engineRecords = (): ReadonlyMap<string, EngineRecord> => records;
