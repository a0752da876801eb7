import { register } from "node:module";

const hooks = "export const resolve = (s, c, n) => n(s, c); export const load = (u, c, n) => n(u, c);";
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
