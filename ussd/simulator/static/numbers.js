// Phone numbers as people write them, turned into the form in which a gateway sends them.

const HOME = "220";

/** E.164 with plus, or null. 7 and 9 digits without a country are Gambian; +221 and others stay. */
export function toE164(typed) {
  const text = typed.replace(/[\s().-]/g, "").replace(/^00/, "+");
  if (/^\+[1-9][0-9]{6,14}$/.test(text)) return text;
  if (/^([0-9]{7}|[0-9]{9})$/.test(text)) return `+${HOME}${text}`;
  if (/^[1-9][0-9]{9,14}$/.test(text)) return `+${text}`;
  return null;
}

/** A Gambian number for a person who has not dialled yet. */
export function freshNumber() {
  const [random] = crypto.getRandomValues(new Uint32Array(1));
  return `+${HOME}3${String(random % 1_000_000).padStart(6, "0")}`;
}
