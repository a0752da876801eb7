// Ends the chain: what hooks before it made of the source is lost.
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";

registerHooks({
  load(url, context, next) {
    const result = next(url, context);
    if (result.format === "commonjs") result.source = readFileSync(new URL(url), "utf8");
    return result;
  },
});
