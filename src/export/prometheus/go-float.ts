/** Formats a number as Go does, which defines the canonical form of bucket bounds: `1e-06`, `0.5`. */
export function goFloat(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : value < 0 ? "-Inf" : "NaN";
  const [digits, power] = value.toExponential().split("e") as [string, string];
  const exponent = Number(power);
  if (value === 0 || (exponent >= -4 && exponent < 6)) return String(value);
  return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** Formats a number for both text formats. */
export const numberText = (value: number): string => (Number.isFinite(value) ? String(value) : goFloat(value));
