// The handset: draws what a line says on its screen and turns key presses into calls on the line.

import { Multitap } from "./multitap.js";
import { SCREEN_SEPTETS, outside, runs, septets } from "./septets.js";

const STATES = { idle: "Ready", waiting: "Please wait", open: "Line open", ended: "Line closed" };

export class Handset {
  #multitap = new Multitap();
  #letters = false;

  /** `number()` gives the number to dial from, or null after telling the person why not. */
  constructor({ parts, line, number, onLetters }) {
    Object.assign(this, { parts, line, number, onLetters });
    parts.entry.value = line.serviceCode;
    line.addEventListener("change", () => this.#draw());
    parts.call.addEventListener("click", () => this.send());
    parts.end.addEventListener("click", () => this.hangUp());
    parts.clear.addEventListener("click", () => this.#clear());
    parts.mode.addEventListener("click", () => this.onLetters(!this.#letters));
    parts.entry.addEventListener("input", () => this.#multitap.reset());
    for (const key of parts.handset.querySelectorAll("[data-key]")) {
      key.addEventListener("click", () => this.#press(key.dataset.key));
    }
    this.#draw();
  }

  get typed() {
    return this.parts.entry.value;
  }

  set letters(on) {
    this.#letters = on;
    this.parts.mode.setAttribute("aria-pressed", String(on));
    this.parts.handset.classList.toggle("letters", on);
  }

  /** Calls or answers with what is typed. */
  async send() {
    await this.#pass((typed, number) => this.line.send(typed, number));
  }

  async sendTwice() {
    return (await this.#pass((typed, number) => this.line.sendTwice(typed, number))) ?? "";
  }

  async sendLate(seconds) {
    return this.line.sendLate(this.typed, seconds);
  }

  /** The red key: leaves the dialogue, or puts the phone back to where one dials. */
  hangUp() {
    this.line.drop();
  }

  /** A sign from the computer's keyboard, typed while the focus is elsewhere on this phone. */
  type(sign) {
    this.#multitap.reset();
    this.parts.entry.focus();
    this.#insert(sign);
  }

  async #pass(act) {
    const number = this.number();
    if (number === null) return null;
    return act(this.typed, number);
  }

  #press(key) {
    if (!this.#letters) return this.#insert(key);
    const { letter, replace } = this.#multitap.press(key, performance.now());
    if (replace) this.#erase();
    this.#insert(letter);
  }

  #insert(sign) {
    const { entry } = this.parts;
    entry.setRangeText(sign, entry.selectionStart, entry.selectionEnd, "end");
  }

  #erase() {
    const { entry } = this.parts;
    const start = Math.max(0, entry.selectionStart - 1);
    entry.setRangeText("", start, entry.selectionEnd, "end");
  }

  #clear() {
    this.#multitap.reset();
    this.#erase();
  }

  #draw() {
    const { parts, line } = this;
    const dialling = !line.isOpen;
    parts.handset.dataset.state = line.state;
    parts.state.textContent = STATES[line.state];
    parts.operator.hidden = line.from !== "operator";
    if (line.state !== "waiting") this.#drawScreen(dialling);
    parts.screen.setAttribute("aria-busy", String(line.state === "waiting"));
    parts.prompt.textContent = dialling ? "Number to dial" : "Your answer";
    parts.call.textContent = dialling ? "Call" : "Send";
    parts.hop.textContent = `Hop ${line.hops}`;
    parts.time.textContent = line.ms === null ? "" : `${line.ms} ms`;
    this.#drawMeter();
  }

  #drawScreen(dialling) {
    const { parts, line } = this;
    const shown = line.state === "idle" ? `Dial ${line.serviceCode}` : line.screen;
    parts.text.replaceChildren(...runs(shown).map(marked));
    parts.screen.scrollTop = 0;
    this.#multitap.reset();
    parts.entry.value = dialling ? line.serviceCode : "";
  }

  #drawMeter() {
    const { parts, line } = this;
    const used = septets(line.body);
    const odd = outside(line.body);
    parts.meter.value = used ?? SCREEN_SEPTETS;
    parts.septets.textContent =
      used === null ? "Letters not in GSM" : `${used} of ${SCREEN_SEPTETS} septets`;
    parts.meter.parentElement.classList.toggle("over", used === null || used > SCREEN_SEPTETS);
    parts.odd.textContent = odd.length ? `A simple phone cannot show: ${odd.join(" ")}` : "";
  }
}

function marked({ text, odd }) {
  if (!odd) return document.createTextNode(text);
  const mark = document.createElement("mark");
  mark.textContent = text;
  return mark;
}
