/** Patterns of machine-generated text: a number, or a part of a UUID or of a hash. */
const NUMBER = /\d{5,}/g;
const HASH = /[0-9a-f]{8,}/gi;
const DIGITS = /\d+/g;
const TEMPORARY = /te?mp/i;
const DIGIT = /\d/;

/**
 * Returns the name of a table with its variable parts replaced: a temporary table created by a tool would otherwise
 * have series of its own. `_knex_temp_alter481` → `_knex_temp_alter*`
 */
export function stableName(name: string): string {
  if (!DIGIT.test(name)) return name;
  if (TEMPORARY.test(name)) return name.replace(DIGITS, "*");
  return name.replace(HASH, (part) => (DIGIT.test(part) ? "*" : part)).replace(NUMBER, "*");
}
