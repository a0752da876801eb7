declare module "@elastic/mockotlpserver" {
  interface Options {
    readonly services: readonly ("http" | "grpc" | "ui")[];
    readonly httpHostname: string;
    readonly httpPort: number;
    readonly logLevel: string;
    readonly onTrace: (request: unknown) => void;
    readonly onMetrics: (request: unknown) => void;
    readonly onLogs: (request: unknown) => void;
    readonly onRequest: (request: { headers: Record<string, unknown> }) => void;
  }
  export class MockOtlpServer {
    constructor(options: Options);
    httpUrl: URL | null;
    start(): Promise<void>;
    close(): Promise<void>;
  }
  export function normalizeTrace(request: unknown): unknown;
  export function normalizeMetrics(request: unknown): unknown;
  export function normalizeLogs(request: unknown): unknown;
}
