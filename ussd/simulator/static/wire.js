// What travels between a gateway and the service, by the Africa's Talking contract: pure
// functions, no network and no page. Field order and percent-encoding follow real captures.

export const NETWORK_CODE = "99999";

/** A form body as gateways write it: "*" and "#" encoded too, a space as "+". */
export function formBody(fields) {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${encode(value)}`)
    .join("&");
}

function encode(value) {
  return encodeURIComponent(value)
    .replace(/[!'()*~]/g, (sign) => "%" + sign.charCodeAt(0).toString(16).toUpperCase())
    .replace(/%20/g, "+");
}

/** A new name for each dial: ATUid_ and 32 hex digits. */
export function newSessionId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return "ATUid_" + [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * The code and the first text in what was dialled, or null where it is no dial string.
 * A code that is not ours is taken to have as many groups as ours.
 */
export function splitDial(dialled, serviceCode) {
  const typed = dialled.replace(/\s/g, "");
  if (!/^\*[0-9][0-9*]*#$/.test(typed)) return null;
  const groups = typed.slice(1, -1).split("*");
  const length = serviceCode.slice(1, -1).split("*").length;
  return {
    code: `*${groups.slice(0, length).join("*")}#`,
    text: groups.slice(length).join("*"),
  };
}

/** The whole history of a dialogue after one more answer. */
export function joinText(text, answer) {
  return text === "" ? answer : `${text}*${answer}`;
}

/** The body of one hop. */
export function hopBody({ id, number, code, text }) {
  return formBody({
    phoneNumber: number,
    serviceCode: code,
    text,
    sessionId: id,
    networkCode: NETWORK_CODE,
  });
}

/** The end-of-session notice: every value is text, as on the wire. */
export function noticeBody(session, { now, status }) {
  return formBody({
    durationInMillis: String(Math.round(now - session.startedAt)),
    phoneNumber: session.number,
    errorMessage: "",
    serviceCode: session.code,
    lastAppResponse: session.lastReply,
    hopsMetadata: session.labels.join("|"),
    hopsCount: String(session.hops),
    status,
    sessionId: session.id,
    cost: "0.00",
    date: new Date(now).toISOString().slice(0, 19).replace("T", " "),
    networkCode: NETWORK_CODE,
    input: session.text,
  });
}

/** What a gateway makes of an answer: {kind: "CON" | "END" | "ERROR", message}. */
export function readReply({ status, text }) {
  if (status === 200 && /^(CON|END) /.test(text)) {
    return { kind: text.slice(0, 3), message: text.slice(4) };
  }
  return { kind: "ERROR", message: "" };
}
