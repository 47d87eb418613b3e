// Draws the texts of one phone and wires what is typed and pressed beside them.

import { runs, septets } from "./septets.js";
import { segments } from "./smswire.js";
import { MANNERS } from "./texts.js";

const STATES = {
  queued: "waits to be sent",
  sending: "handed to the gateway",
  accepted: "sent, no report yet",
  delivered: "delivered",
  failed: "failed",
  expired: "expired",
  unknown: "unknown if it was sent",
};
const COPIES = 100;

/** Wires the card of texts; `texts` is null where the service has none. */
export function wireTexts({ parts, texts, numberOf }) {
  parts.texting.hidden = texts.config === null;
  if (!texts.config) return;
  parts.textTo.textContent = `Text to ${texts.config.number}`;
  parts.manner.append(...MANNERS.map(({ id, label }) => new Option(label, id)));
  parts.manner.addEventListener("change", () => {
    texts.manner = MANNERS.find(({ id }) => id === parts.manner.value);
  });
  parts.words.addEventListener("input", () => measure(parts));
  parts.composer.addEventListener("submit", (event) => {
    event.preventDefault();
    const words = taken(parts);
    if (words && numberOf() !== null) tell(parts.textResult, texts.send(words));
  });
  buttons({ parts, texts, numberOf });
  texts.addEventListener("change", () => draw(parts, texts.thread));
  measure(parts);
  draw(parts, texts.thread);
}

function buttons({ parts, texts, numberOf }) {
  const on = (part, act) => {
    parts[part].addEventListener("click", () => {
      if (numberOf() !== null) tell(parts.faultResult, act());
    });
  };
  on("copies", () => {
    const words = taken(parts);
    return words ? texts.send(words, COPIES) : texts.again(COPIES);
  });
  on("sameId", () => texts.again());
  on("delivered", () => texts.report("Success"));
  on("failed", () => texts.report("Failed", "AbsentSubscriber"));
  on("reportAgain", () => texts.repeatReport());
  on("stray", () => texts.reportStray());
}

async function tell(place, sentence) {
  place.textContent = "…";
  place.textContent = await sentence;
}

/** What is typed, which leaves the field. */
function taken(parts) {
  const words = parts.words.value;
  parts.words.value = "";
  measure(parts);
  return words;
}

function measure({ words, size }) {
  size.textContent = words.value ? sizeOf(words.value) : "";
}

function sizeOf(text) {
  const used = septets(text);
  const count = segments(text);
  const letters = used === null ? `${text.length} letters, not all in GSM` : `${used} septets`;
  return `${letters}, ${count} segment${count === 1 ? "" : "s"}`;
}

function draw(parts, thread) {
  const list = parts.thread;
  const drawn = new Map([...list.children].map((item) => [item.dataset.id, item]));
  const items = thread.map((text) => drawn.get(String(text.id)) ?? made(text));
  thread.forEach((text, index) => {
    // Only what changed is written, so that a screen reader hears new texts and nothing else.
    const facts = items[index].querySelector(".facts");
    const words = factsOf(text);
    if (facts.textContent !== words) facts.textContent = words;
  });
  const grew = items.length !== drawn.size;
  if (grew || items.some((item, index) => item !== list.children[index])) {
    list.replaceChildren(...items);
  }
  if (grew) list.parentElement.scrollTop = list.parentElement.scrollHeight;
  parts.noTexts.hidden = items.length > 0;
  parts.sum.textContent = sumOf(thread.filter((one) => !one.mine));
}

function made(text) {
  const item = document.createElement("li");
  item.dataset.id = text.id;
  item.className = text.mine ? "mine" : "theirs";
  const who = document.createElement("b");
  who.className = "by";
  who.textContent = text.mine ? "You" : "Service";
  const words = document.createElement("p");
  words.className = "words";
  words.append(...runs(text.words).map(marked));
  const facts = document.createElement("p");
  facts.className = "facts";
  item.append(who, words, facts);
  return item;
}

function marked({ text, odd }) {
  if (!odd) return document.createTextNode(text);
  const mark = document.createElement("mark");
  mark.textContent = text;
  return mark;
}

function factsOf(text) {
  const time = new Date(text.at).toLocaleTimeString("en-GB");
  const facts = text.mine ? saidFacts(text) : sentFacts(text);
  return [time, ...facts].filter(Boolean).join(" · ");
}

function saidFacts({ copies, refused, state, outcome }) {
  const ends = { answered: `answered by ${outcome}`, silent: `no answer: ${outcome}` };
  const what = refused ? "not taken by the service" : ends[state] ?? "waits for its answer";
  return [copies > 1 && `sent ${copies} times`, what];
}

function sentFacts({ words, kind, cost, state, failure }) {
  const failed = failure ? `${STATES[state]}: ${failure}` : STATES[state];
  return [sizeOf(words), cost, kind, failed];
}

function sumOf(sent) {
  if (!sent.length) return "";
  const parts = sent.reduce((sum, { words }) => sum + segments(words), 0);
  const texts = `${sent.length} text${sent.length === 1 ? "" : "s"} from the service`;
  return `${texts}, ${parts} segment${parts === 1 ? "" : "s"}`;
}
