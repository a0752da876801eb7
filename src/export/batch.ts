export const SIGNALS = ["traces", "metrics", "logs"] as const;
export type Signal = (typeof SIGNALS)[number];

export const CONTENT_TYPES = ["application/x-protobuf", "application/json"] as const;
export type ContentType = (typeof CONTENT_TYPES)[number];

/** Telemetry of one signal, as it goes over the wire. */
export interface Batch {
  readonly signal: Signal;
  readonly contentType: ContentType;
  readonly body: Uint8Array;
  /** Spans, data points or log records in it. */
  readonly items: number;
  /** When it was made, in milliseconds of the wall clock. */
  readonly time: number;
}

/** What became of an attempt to send a batch. */
export type Answer =
  | {
      readonly outcome: "accepted";
      /** Items the Collector took out. */
      readonly rejected: number;
      readonly message?: string | undefined;
    }
  /** Sending it again would not help. */
  | { readonly outcome: "refused"; readonly reason: string; readonly errorType: string }
  | { readonly outcome: "later"; readonly reason: string; readonly afterMilliseconds?: number | undefined };
