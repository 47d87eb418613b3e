// What travels between a text gateway and the service, by the Africa's Talking contract: pure
// functions, no network and no page.

import { septets } from "./septets.js";
import { NETWORK_CODE, formBody } from "./wire.js";

/** A new name for each text: ATXid_ and 32 hex digits. */
export function newTextId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return "ATXid_" + [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A text from a phone, as the gateway posts it. */
export function inboundBody({ id, from, to, words, now }) {
  return formBody({
    date: new Date(now).toISOString().slice(0, 19) + "Z",
    from,
    id,
    linkId: "",
    text: words,
    to,
    networkCode: NETWORK_CODE,
  });
}

/** What became of a text to a phone; `reason` is sent with a failure only, as on the wire. */
export function reportBody({ id, phone, status, reason }) {
  const failure = reason ? { failureReason: reason } : {};
  return formBody({ id, status, phoneNumber: phone, networkCode: NETWORK_CODE, ...failure });
}

/** How many segments a text is billed as: 160 septets, or 70 letters where one is not in GSM. */
export function segments(text) {
  const used = septets(text);
  if (used === null) return text.length <= 70 ? 1 : Math.ceil(text.length / 67);
  return used <= 160 ? 1 : Math.ceil(used / 153);
}
