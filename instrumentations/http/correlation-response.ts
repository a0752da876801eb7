import type { ServerResponse } from "node:http";
import type { Context } from "@opentelemetry/api";
import type { Config } from "../../src/config/index.ts";
import { requestListeners } from "../../src/context/request.ts";
import { idsOf } from "../../src/context/correlation.ts";

/**
 * Adds to each response the ids that log records of its request carry. The application can still change or remove the
 * headers.
 */
export function answerWithIds({ correlationHeader, requestIdHeader }: Config): void {
  requestListeners.began = (response: ServerResponse, context: Context) => {
    const { correlation, request } = idsOf(context);
    if (correlation !== undefined) response.setHeader(correlationHeader, correlation);
    if (request !== undefined) response.setHeader(requestIdHeader, request);
  };
}
