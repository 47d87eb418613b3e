// The panels beside a handset: the buttons that make the line fail, and the raw wire.

const FORM = "Content-Type: application/x-www-form-urlencoded";
const DROPPED = "The line is dropped. The service was not told.";

/** Wires the fault buttons; each tells in one sentence what came of it. */
export function faults({ parts, line, handset }) {
  const tell = (sentence) => {
    parts.result.textContent = sentence;
  };
  const seconds = () => Math.min(60, Math.max(0, Number(parts.delay.value) || 0));
  const on = (part, act) => {
    parts[part].addEventListener("click", async () => {
      tell("…");
      tell(await act());
    });
  };
  on("drop", () => (line.drop() ? DROPPED : "No line is open."));
  on("notice", () => line.dropWithNotice());
  on("repeat", () => line.repeat());
  on("twice", () => handset.sendTwice());
  on("late", () => handset.sendLate(seconds() || 3));
  parts.delay.addEventListener("input", () => {
    line.delaySeconds = seconds();
    tell(line.delaySeconds ? `Each request waits ${line.delaySeconds} s before it is sent.` : "");
  });
}

/** Keeps the list of raw requests and answers, newest first. */
export function wireLog({ parts, sources }) {
  const show = () => {
    const all = sources.flatMap(({ log }) => log).sort((one, other) => other.at - one.at);
    parts.count.textContent = `(${all.length})`;
    parts.log.replaceChildren(...all.map(entry));
  };
  for (const source of sources) source.addEventListener("log", show);
}

function entry(exchange) {
  const item = document.createElement("li");
  item.append(
    paragraph("when", headline(exchange)),
    block("Request", `POST ${exchange.url}\n${FORM}\n\n${exchange.body}`),
    block("Answer", exchange.failure ? `(${FAILURES[exchange.failure]})` : exchange.text),
  );
  return item;
}

const FAILURES = { timeout: "no answer in time", network: "the service could not be reached" };

function headline({ at, ms, status, note }) {
  const time = at.toLocaleTimeString("en-GB");
  const parts = [time, `${ms} ms`, status ? `HTTP ${status}` : "no answer", note];
  return parts.filter(Boolean).join(" · ");
}

function paragraph(name, text) {
  const made = document.createElement("p");
  made.className = name;
  made.textContent = text;
  return made;
}

function block(label, text) {
  const made = document.createElement("pre");
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", label);
  made.textContent = text;
  return made;
}
