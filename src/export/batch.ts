export const SIGNALS = ["traces", "metrics", "logs"] as const;
export type Signal = (typeof SIGNALS)[number];

export const CONTENT_TYPES = ["application/x-protobuf", "application/json"] as const;
export type ContentType = (typeof CONTENT_TYPES)[number];

/** Serialized telemetry of one signal. */
export interface Batch {
  readonly signal: Signal;
  readonly contentType: ContentType;
  readonly body: Uint8Array;
  /** Number of spans, data points or log records. */
  readonly items: number;
  /** Creation time, in milliseconds of the wall clock. */
  readonly time: number;
}

/** Result of an attempt to send a batch. */
export type SendResult =
  | {
      readonly outcome: "accepted";
      /** Number of items that the Collector rejected. */
      readonly rejected: number;
      readonly message?: string | undefined;
    }
  /** Sending the batch again would not help. */
  | { readonly outcome: "refused"; readonly reason: string; readonly errorType: string }
  | { readonly outcome: "later"; readonly reason: string; readonly afterMilliseconds?: number | undefined };
