// One phone with all that belongs to it: number, handset, faults, wire and inbox.

import { Handset } from "./handset.js";
import { Line } from "./line.js";
import { freshNumber, toE164 } from "./numbers.js";
import { faults, wireLog } from "./panel.js";
import { Texts } from "./texts.js";
import { wireTexts } from "./thread.js";

const FRESH = "fresh";
const TYPED = "";
const NO_NUMBER = "This is no phone number. Type 7 or 9 digits, or begin with a country as +221.";

export class Station {
  constructor({ config, number, onChange, onRemove, onLetters }) {
    const copy = document.getElementById("station").content.cloneNode(true);
    this.element = copy.querySelector(".station");
    this.parts = {};
    for (const part of copy.querySelectorAll("[data-part]")) this.parts[part.dataset.part] = part;
    this.line = new Line(config);
    this.handset = new Handset({
      parts: this.parts, line: this.line, onLetters, number: () => this.#checkedNumber(),
    });
    faults({ parts: this.parts, line: this.line, handset: this.handset });
    this.texts = new Texts(config.sms);
    wireTexts({ parts: this.parts, texts: this.texts, numberOf: () => this.#checkedNumber() });
    wireLog({ parts: this.parts, sources: [this.line, this.texts] });
    this.#people(config.people, onChange);
    this.number = number;
    this.parts.remove.addEventListener("click", () => onRemove(this));
    this.element.addEventListener("keydown", (event) => this.key(event));
  }

  get number() {
    return this.parts.number.value;
  }

  set number(value) {
    this.parts.number.value = value;
    this.#matchPerson();
    this.texts.number = toE164(value);
  }

  /** The phone is taken off the page. */
  close() {
    this.line.drop();
    this.texts.close();
    this.element.remove();
  }

  /** What this phone is called on the page, and whether it may go. */
  set place({ index, alone }) {
    const name = `Phone ${index + 1}`;
    this.parts.title.textContent = name;
    this.element.setAttribute("aria-label", name);
    this.parts.remove.setAttribute("aria-label", `Remove phone ${index + 1}`);
    this.parts.remove.hidden = alone;
  }

  /** A key of the computer's keyboard, meant for this phone. */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest?.("[data-part=inbox]")) return;
    if (event.key === "Escape") return this.handset.hangUp();
    const mayCall = event.target === this.parts.entry || event.target === document.body;
    if (event.key === "Enter" && mayCall) {
      event.preventDefault();
      this.handset.send();
    }
    const elsewhere = !event.target.closest("input, select, textarea, summary, pre");
    if (elsewhere && /^[0-9A-Za-z*#+.,]$/.test(event.key)) {
      event.preventDefault();
      this.handset.type(event.key);
    }
  }

  #people(people, onChange) {
    const { parts } = this;
    parts.people.append(
      new Option("A number typed by hand", TYPED),
      ...people.map(({ label, number }) => new Option(label, number)),
      new Option("A new number, not joined", FRESH),
    );
    parts.people.addEventListener("change", () => {
      const chosen = parts.people.value;
      if (chosen === TYPED) return parts.number.focus();
      this.number = chosen === FRESH ? freshNumber() : chosen;
      parts.wrong.textContent = "";
      onChange();
    });
    parts.number.addEventListener("change", () => {
      this.#matchPerson();
      this.texts.number = this.#checkedNumber();
      if (toE164(this.number) !== null) onChange();
    });
  }

  #matchPerson() {
    const { people } = this.parts;
    const number = toE164(this.number);
    const known = [...people.options].some((option) => option.value === number);
    people.value = known ? number : TYPED;
  }

  #checkedNumber() {
    const number = toE164(this.number);
    const { wrong } = this.parts;
    wrong.textContent = number === null ? NO_NUMBER : "";
    this.parts.number.setAttribute("aria-invalid", String(number === null));
    return number;
  }
}
