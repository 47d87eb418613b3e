// One phone's line: the dialogue as the gateway keeps it. No page in here; who wants to show it
// listens to "change". A line forgets its dialogue at END, at a failure and when it is dropped.

import { ANSWER_SECONDS, post, sameAnswer } from "./gateway.js";
import { hopBody, joinText, newSessionId, noticeBody, readReply, splitDial } from "./wire.js";

const LOG_LENGTH = 30;

export const OPERATOR = {
  timeout: "No answer from the service. Please try again later.",
  error: "Connection problem or invalid MMI code.",
  code: "No such code. A code starts with * and ends with #.",
};

const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

export class Line extends EventTarget {
  #turn = 0;
  #last = null;
  #open = null;

  constructor({ endpoint, events, serviceCode, answerSeconds = ANSWER_SECONDS }) {
    super();
    Object.assign(this, { endpoint, events, serviceCode, answerSeconds });
    this.delaySeconds = 0;
    this.state = "idle";
    this.log = [];
    this.#clear();
  }

  get isOpen() {
    return this.#open !== null;
  }

  /** Sends what is typed: a dial string when no line is open, else an answer. */
  async send(typed, number) {
    if (this.state === "waiting") return;
    const session = this.#step(typed, number);
    if (session) await this.#take(this.#request(session));
  }

  /** The same, twice at once. Says whether the two answers are the same. */
  async sendTwice(typed, number) {
    if (this.state === "waiting") return "Wait for the answer first.";
    const session = this.#step(typed, number);
    if (!session) return OPERATOR.code;
    const pair = ["first", "second"].map((which) => this.#request(session, `sent twice: ${which}`));
    await this.#take(pair[0]);
    const [one, other] = await Promise.all(pair);
    return sameAnswer(one, other)
      ? "Sent twice: both answers are the same."
      : "Sent twice: the answers differ.";
  }

  /** Sends the last request again, byte for byte. The screen stays as it is. */
  async repeat() {
    if (!this.#last) return "Nothing was sent yet.";
    if (this.state === "waiting") return "Wait for the answer first.";
    const before = this.#last;
    const again = await post(this.endpoint, before.body, { seconds: this.answerSeconds });
    const same = sameAnswer(before, again);
    this.#write({ ...again, note: `repeat of the last request: ${same ? "same" : "other"} bytes` });
    if (before.failure) return "Repeated: the first time no answer had come.";
    return same ? "Repeated: same bytes." : "Repeated: the answer differs.";
  }

  /** The line drops now; the answer still reaches the service, `seconds` later. */
  async sendLate(typed, seconds) {
    if (this.state !== "open") return "No line is open.";
    const session = { ...this.#open, text: joinText(this.#open.text, typed) };
    this.drop();
    await pause(seconds);
    const exchange = await post(this.endpoint, hopBody(session), { seconds: this.answerSeconds });
    this.#write({ ...exchange, note: "arrived after the line was dropped" });
    return `The late answer reached the service after ${seconds} s.`;
  }

  /** Forgets the dialogue. The service is not told. Says whether there was one. */
  drop() {
    const had = this.isOpen;
    this.#turn += 1;
    this.#open = null;
    this.#clear();
    this.#change("idle");
    return had;
  }

  /** Drops the line and sends the notice that some gateways send at the end. */
  async dropWithNotice() {
    const session = this.#open;
    if (!session) return "No line is open.";
    this.drop();
    const body = noticeBody(session, { now: Date.now(), status: "Incomplete" });
    const exchange = await post(this.events, body, { seconds: this.answerSeconds });
    this.#write({ ...exchange, note: "end-of-session notice" });
    if (exchange.failure) return "The notice was not delivered.";
    return `Notice sent: HTTP ${exchange.status}.`;
  }

  #clear() {
    Object.assign(this, { from: "phone", screen: "", body: "", hops: 0, ms: null, ended: false });
  }

  #step(typed, number) {
    if (this.#open) {
      this.#open.text = joinText(this.#open.text, typed);
      return this.#open;
    }
    const dialled = splitDial(typed, this.serviceCode);
    this.#clear();
    if (!dialled) return this.#fail(OPERATOR.code);
    const fresh = { id: newSessionId(), startedAt: Date.now(), hops: 0, labels: [], lastReply: "" };
    this.#open = { ...dialled, ...fresh, number };
    return this.#open;
  }

  async #request(session, note = "") {
    const body = hopBody(session);
    this.#change("waiting");
    await pause(this.delaySeconds);
    const { labels } = session;
    const exchange = await post(this.endpoint, body, { seconds: this.answerSeconds, labels });
    this.#last = exchange;
    this.#write({ ...exchange, note });
    return exchange;
  }

  async #take(request) {
    const turn = ++this.#turn;
    const exchange = await request;
    if (turn !== this.#turn) return;
    this.ms = exchange.ms;
    this.hops = this.#open.hops += 1;
    if (exchange.failure === "timeout") return this.#fail(OPERATOR.timeout);
    const reply = readReply(exchange);
    if (exchange.failure || reply.kind === "ERROR") return this.#fail(OPERATOR.error);
    this.#show(reply, exchange);
  }

  #show(reply, exchange) {
    this.#open.lastReply = exchange.text;
    if (exchange.label) this.#open.labels.push(exchange.label);
    this.ended = reply.kind === "END";
    if (this.ended) this.#open = null;
    Object.assign(this, { from: "service", screen: reply.message, body: exchange.text });
    this.#change(this.ended ? "ended" : "open");
  }

  #fail(message) {
    this.#open = null;
    Object.assign(this, { from: "operator", screen: message, body: "", ended: true });
    this.#change("ended");
    return null;
  }

  #write(entry) {
    this.log = [entry, ...this.log].slice(0, LOG_LENGTH);
    this.dispatchEvent(new Event("log"));
  }

  #change(state) {
    this.state = state;
    this.dispatchEvent(new Event("change"));
  }
}
