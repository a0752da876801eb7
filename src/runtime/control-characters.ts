/** Line breaks, escapes for terminals, and what turns, hides or ends text without being seen. */
const CONTROLS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Escapes such characters as JSON and JavaScript do, of which a reader makes them again. */
export const escapeControls = (text: string): string => text.replace(CONTROLS, escaped);

function escaped(control: string): string {
  let text = "";
  for (let i = 0; i < control.length; i++) text += `\\u${control.charCodeAt(i).toString(16).padStart(4, "0")}`;
  return text;
}
