/** Line breaks, terminal escapes, and invisible characters that reorder, hide or end text. */
const CONTROLS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Escapes control characters as JSON and JavaScript do, so that a parser restores them. */
export const escapeControls = (text: string): string => text.replace(CONTROLS, escaped);

function escaped(control: string): string {
  let text = "";
  for (let i = 0; i < control.length; i++) text += `\\u${control.charCodeAt(i).toString(16).padStart(4, "0")}`;
  return text;
}
