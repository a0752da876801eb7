import { trace } from "@opentelemetry/api";
import store from "./lib/store.mjs";
import use from "./requests.cjs";

use(trace.getTracer("app"), store);
