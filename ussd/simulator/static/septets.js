// The GSM 03.38 alphabet in the browser: how long a screen is, and which letters a basic phone
// cannot show. The table is that of trader_platform/core/gsm.py; a test compares the two.

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡" +
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENSION = new Set("\f^{}[]~\\|€");

export const SCREEN_SEPTETS = 160;

/** Septets of one letter: 1, 2, or 0 where the alphabet does not hold it. */
function cost(letter) {
  if (BASIC.has(letter)) return 1;
  return EXTENSION.has(letter) ? 2 : 0;
}

/** Letters outside the alphabet, each once, in the order in which they come. */
export function outside(text) {
  return [...new Set([...text].filter((letter) => cost(letter) === 0))];
}

/** Septets of the text, or null where a letter is outside the alphabet. */
export function septets(text) {
  let sum = 0;
  for (const letter of text) {
    const one = cost(letter);
    if (one === 0) return null;
    sum += one;
  }
  return sum;
}

/** The text cut into runs, so that the letters outside can be marked: [{text, odd}]. */
export function runs(text) {
  const found = [];
  for (const letter of text) {
    const odd = cost(letter) === 0;
    const last = found.at(-1);
    if (last && last.odd === odd) last.text += letter;
    else found.push({ text: letter, odd });
  }
  return found;
}
