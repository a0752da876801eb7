import "../helpers/a-million.ts";
import "../src/bounds.test.ts";
