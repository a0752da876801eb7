/** Listeners, loaded once there is something to show. */
export { MetricsEndpoint as Endpoint } from "./metrics-endpoint.ts";
export { PrivateSocket } from "./private-socket.ts";
