// What this browser remembers between visits: the numbers of its phones, the key
// mode and the texts that were sent.
// Storage may be off or full; then the choice lasts as long as the page.

const KEY = "trader-phone";
const SAID_KEY = "trader-phone-texts";
const PHONES_KEPT = 20;

export function load() {
  try {
    const saved = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    const numbers = Array.isArray(saved.numbers) ? saved.numbers : [];
    return {
      numbers: numbers.filter((one) => typeof one === "string"),
      letters: saved.letters === true,
    };
  } catch {
    return { numbers: [], letters: false };
  }
}

export function save({ numbers, letters }) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ numbers, letters }));
  } catch {
    // Nothing is lost but the memory of this page.
  }
}

function allSaid() {
  try {
    const saved = JSON.parse(localStorage.getItem(SAID_KEY) ?? "{}");
    return saved && typeof saved === "object" ? saved : {};
  } catch {
    return {};
  }
}

/** The texts that were sent from a number, oldest first. */
export function loadSaid(number) {
  const said = allSaid()[number];
  const whole = ({ id, words, at }) => [id, words].every((x) => typeof x === "string") && at > 0;
  return Array.isArray(said) ? said.filter((one) => one && whole(one)) : [];
}

export function saveSaid(number, said) {
  const { [number]: _, ...others } = allSaid();
  const kept = [...Object.entries(others).slice(1 - PHONES_KEPT), [number, said]];
  try {
    localStorage.setItem(SAID_KEY, JSON.stringify(Object.fromEntries(kept)));
  } catch {
    // Nothing is lost but the memory of this page.
  }
}
