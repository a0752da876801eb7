import { registerHooks } from "node:module";

registerHooks({ resolve: (s, c, n) => n(s, c), load: (u, c, n) => n(u, c) });
