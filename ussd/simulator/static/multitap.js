// Letters on a number pad: the same key pressed again within a moment turns to its next letter.

const LETTERS = {
  0: " 0", 1: ".,'-1", 2: "abc2", 3: "def3", 4: "ghi4", 5: "jkl5",
  6: "mnoñ6", 7: "pqrs7", 8: "tuv8", 9: "wxyz9", "*": "*", "#": "#",
};
const TURN_MS = 1000;

export class Multitap {
  #key = "";
  #index = 0;
  #at = 0;

  /** {letter, replace}: the letter for this press, and whether it takes the last one's place. */
  press(key, now) {
    const again = key === this.#key && now - this.#at < TURN_MS && LETTERS[key].length > 1;
    this.#index = again ? (this.#index + 1) % LETTERS[key].length : 0;
    this.#key = key;
    this.#at = now;
    return { letter: LETTERS[key][this.#index], replace: again };
  }

  /** The next press starts a new letter, whatever the key. */
  reset() {
    this.#key = "";
  }
}
