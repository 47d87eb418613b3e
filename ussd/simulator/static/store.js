// What this browser remembers between visits: the numbers of its phones and the key mode.
// Storage may be off or full; then the choice lasts as long as the page.

const KEY = "trader-phone";

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
