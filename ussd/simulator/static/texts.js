// The texts of one phone: sends them as a gateway does, asks for what came, reports delivery.

import { post } from "./gateway.js";
import { inboundBody, newTextId, reportBody } from "./smswire.js";
import { loadSaid, saveSaid } from "./store.js";

const IDLE_MS = 1000;
const EAGER_MS = 250;
const EAGER_FOR_MS = 20_000;
const LATE_MS = 10_000;
const LOG_LENGTH = 20;
const KEPT = 30;
const FAILED = { status: "Failed", reason: "UserMemoryCapacityExceeded" };
const DELIVERED = { status: "Success", reason: "" };

// What a phone does by itself with each text that comes.
export const MANNERS = [
  { id: "ok", label: "Delivered, at once", reports: [DELIVERED], waitMs: 0 },
  { id: "late", label: "Delivered, 10 s late", reports: [DELIVERED], waitMs: LATE_MS },
  { id: "lost", label: "Nothing: the report is lost", reports: [], waitMs: 0 },
  { id: "twice", label: "Delivered, reported twice", reports: [DELIVERED, DELIVERED], waitMs: 0 },
  { id: "failed", label: "Failed: the phone is full", reports: [FAILED], waitMs: 0 },
  { id: "both", label: "Delivered, then failed", reports: [DELIVERED, FAILED], waitMs: 0 },
];

export class Texts extends EventTarget {
  #number = null;
  #after = 0;
  #eagerUntil = 0;
  #timer = null;
  #asked = new Set();
  #lastReport = null;

  /** `config` names the routes and the number to text to; null where the service has no texts. */
  constructor(config) {
    super();
    Object.assign(this, { config, thread: [], log: [], manner: MANNERS[0] });
    document.addEventListener("visibilitychange", () => this.#soon());
  }

  /** Another number is another phone with its own thread. */
  set number(number) {
    if (number === this.#number) return;
    this.#number = number;
    this.#after = 0;
    this.#asked.clear();
    this.#lastReport = null;
    this.thread = number ? loadSaid(number).map((one) => ({ ...one, mine: true })) : [];
    this.dispatchEvent(new Event("change"));
    this.#soon();
  }

  /** The phone is gone from the page. */
  close() {
    this.number = null;
  }

  /** Sends a text `copies` times under one id, all at once; says what the thread does not. */
  async send(words, copies = 1) {
    const said = { mine: true, id: newTextId(), words, at: Date.now(), copies: 0 };
    this.thread.push(said);
    return this.#post(said, copies);
  }

  /** Sends the last text's callback again, under its own id. */
  async again(copies = 1) {
    const said = this.thread.findLast((one) => one.mine);
    if (!said) return "Nothing was sent yet.";
    return (await this.#post(said, copies)) || "Sent again under the same id: HTTP 200.";
  }

  /** Reports on the newest text that came. */
  async report(status, reason = "") {
    const text = this.thread.findLast((one) => !one.mine);
    if (!text) return "No text has come yet.";
    return this.#report(text, { status, reason });
  }

  /** Sends the last report once more. */
  async repeatReport() {
    if (!this.#lastReport) return "Nothing was reported yet.";
    return this.#report(...this.#lastReport);
  }

  /** Reports on a text that the service never sent. */
  async reportStray() {
    return this.#report({ provider_id: newTextId().replace("AT", "S") }, DELIVERED);
  }

  async #post(said, copies) {
    const body = inboundBody({
      id: said.id, from: this.#number, to: this.config.number, words: said.words, now: said.at,
    });
    said.copies += copies;
    this.#keep();
    const sent = Array.from({ length: copies }, () => post(this.config.inbound, body));
    const answers = await Promise.all(sent);
    const taken = answers.filter(({ status }) => status === 200).length;
    const times = copies > 1 ? `${copies} copies, ` : "";
    this.#write({ ...answers.at(-1), note: `${times}text from the phone` });
    said.refused = taken === 0;
    this.#eagerUntil = Date.now() + EAGER_FOR_MS;
    this.#keep();
    this.#soon();
    if (copies > 1) return `${copies} copies under one id: ${taken} times HTTP 200.`;
    return taken ? "" : "The service did not take it.";
  }

  async #report(text, { status, reason }) {
    this.#lastReport = [text, { status, reason }];
    const body = reportBody({ id: text.provider_id, phone: this.#number, status, reason });
    const exchange = await post(this.config.delivery, body);
    this.#write({ ...exchange, note: "delivery report" });
    this.#eagerUntil = Date.now() + EAGER_FOR_MS / 4;
    this.#soon();
    return exchange.failure ? "The report was not taken." : `${status}: HTTP ${exchange.status}.`;
  }

  async #ask() {
    const number = this.#number;
    if (!number || !this.config || document.hidden) return;
    const body = new URLSearchParams({
      phone: number, after: this.#after,
      watch: this.#open((one) => !one.mine, ({ provider_id: id }) => id),
      said: this.#open((one) => one.mine && !one.refused, ({ id }) => id),
    });
    const news = await this.#fetch(body);
    if (news && number === this.#number) this.#take(news);
    const eager = Date.now() < this.#eagerUntil && this.thread.some((one) => !one.settled);
    this.#later(eager ? EAGER_MS : IDLE_MS);
  }

  async #fetch(body) {
    try {
      const response = await fetch(this.config.texts, { method: "POST", body, cache: "no-store" });
      return response.ok ? await response.json() : null;
    } catch {
      return null;
    }
  }

  #open(which, idOf) {
    return this.thread.filter((one) => which(one) && !one.settled).map(idOf).join(",");
  }

  #take({ now_ms: now, texts: all, sent, said }) {
    const texts = all.filter(({ id }) => id > this.#after); // two questions may be on their way
    for (const text of texts) this.thread.push({ ...text, at: text.at_ms - now + Date.now() });
    this.#after = texts.at(-1)?.id ?? this.#after;
    for (const one of sent) this.#settle(one, "provider_id", "delivered failed expired");
    for (const one of said) this.#settle(one, "id", "answered silent");
    if (!texts.length && !sent.length && !said.length) return;
    this.thread.sort((one, other) => one.at - other.at);
    this.dispatchEvent(new Event("change"));
  }

  #settle(news, key, finals) {
    const text = this.thread.find((one) => one[key] === news.provider_id);
    if (!text) return;
    Object.assign(text, { ...news, id: text.id });
    text.settled = finals.split(" ").includes(news.state);
    if (news.state === "accepted") this.#behave(text);
  }

  async #behave(text) {
    if (this.#asked.has(text.provider_id)) return;
    this.#asked.add(text.provider_id);
    const { reports, waitMs } = this.manner;
    if (waitMs) await new Promise((done) => setTimeout(done, waitMs));
    for (const report of reports) await this.#report(text, report);
  }

  #keep() {
    const mine = this.thread.filter((one) => one.mine).slice(-KEPT);
    saveSaid(this.#number, mine.map(({ id, words, at, copies }) => ({ id, words, at, copies })));
    this.dispatchEvent(new Event("change"));
  }

  #soon() {
    this.#later(0);
  }

  #later(waitMs) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), waitMs);
  }

  #write(entry) {
    this.log = [entry, ...this.log].slice(0, LOG_LENGTH);
    this.dispatchEvent(new Event("log"));
  }
}
