import { createServer, request } from "node:http";
import serve from "./serve.cjs";

serve({ createServer, request });
