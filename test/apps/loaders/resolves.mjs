import { register } from "node:module";

const hooks = "export const resolve = (s, c, n) => n(s, c);";
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
