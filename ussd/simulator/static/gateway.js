// Sends one request as a gateway would and reports everything that can be known about it.

const FORM = "application/x-www-form-urlencoded";
const HOP_LABEL = "at-ussd-hop-metadata";

export const ANSWER_SECONDS = 10;

/**
 * Posts `body` and waits at most `seconds`. Never throws: `failure` is "" when an answer came,
 * else "timeout" or "network". `bytes` is the answer as it came, to compare with another.
 */
export async function post(url, body, { seconds = ANSWER_SECONDS, labels = [] } = {}) {
  const started = performance.now();
  const exchange = { url, body, at: new Date(), status: 0, text: "", label: "", failure: "" };
  try {
    const response = await fetch(url, {
      method: "POST",
      body,
      headers: { "Content-Type": FORM, ...(labels.length ? { [HOP_LABEL]: labels.at(-1) } : {}) },
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(seconds * 1000),
    });
    exchange.bytes = new Uint8Array(await response.arrayBuffer());
    exchange.status = response.status;
    exchange.label = response.headers.get(HOP_LABEL) ?? "";
    exchange.text = new TextDecoder().decode(exchange.bytes);
  } catch (error) {
    exchange.failure = error.name === "TimeoutError" ? "timeout" : "network";
  }
  exchange.ms = Math.round(performance.now() - started);
  return exchange;
}

/** Whether two answers are the same to the last byte, status included. */
export function sameAnswer(one, other) {
  if (one.failure || other.failure || one.status !== other.status) return false;
  if (one.bytes.length !== other.bytes.length) return false;
  return one.bytes.every((byte, index) => byte === other.bytes[index]);
}
