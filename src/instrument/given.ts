/** Values that the author of an engine gives: code without types can give anything. */
import type { Measured } from "../recording/activity-series.ts";

/** Returns a name as text. */
export function textOf(name: unknown): string {
  try {
    return String(name);
  } catch {
    return "_OTHER";
  }
}

/** Returns a number that can be added to a count: a value that is not a number would make the count NaN for good. */
export const countOf = (value: number | undefined): number => (Number.isFinite(value) && value! > 0 ? value! : 0);

/** Returns a size without the parts that are not numbers. */
export const measuredOf = ({ items, bytes }: Measured): Measured => ({
  items: Number.isFinite(items) ? items : undefined,
  bytes: Number.isFinite(bytes) ? bytes : undefined,
});
