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

/** Returns a number that can be added to a count: one that is no number would spoil it for good. */
export const countOf = (value: number | undefined): number => (Number.isFinite(value) && value! > 0 ? value! : 0);

/** Returns what of a size is a number. */
export const measuredOf = ({ items, bytes }: Measured): Measured => ({
  items: Number.isFinite(items) ? items : undefined,
  bytes: Number.isFinite(bytes) ? bytes : undefined,
});
