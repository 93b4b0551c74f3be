// A device's proof of work (ALTCHA, version 2): find the counter whose key begins as the challenge
// says. The browser's own cryptography does it, outside of the page's thread.

const BATCH = 8; // tries on their way at once: phones have several cores, and the calls take time

const toBytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const toHex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The key of one counter, as hex: PBKDF2 over the nonce and the counter (32 bits, big end first). */
async function derive(parameters, counter) {
  const nonce = toBytes(parameters.nonce);
  const password = new Uint8Array(nonce.length + 4);
  password.set(nonce);
  new DataView(password.buffer).setUint32(nonce.length, counter);
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: toBytes(parameters.salt), iterations: parameters.cost };
  return toHex(await crypto.subtle.deriveBits(how, key, 8 * parameters.keyLength));
}

async function solve(parameters) {
  for (let first = 0; Date.now() < 1000 * parameters.expiresAt; first += BATCH) {
    const counters = Array.from({ length: BATCH }, (_, index) => first + index);
    const keys = await Promise.all(counters.map((counter) => derive(parameters, counter)));
    const found = keys.findIndex((key) => key.startsWith(parameters.keyPrefix));
    if (found >= 0) return { counter: counters[found], derivedKey: keys[found] };
  }
  throw new Error("the challenge expired");
}

async function proveOnce(address, token) {
  const challenge = await (await fetch(address)).json();
  const solution = await solve(challenge.parameters);
  const body = new FormData();
  body.set("solution", btoa(JSON.stringify({ challenge, solution })));
  const response = await fetch(address, { method: "POST", body, headers: { "X-CSRFToken": token } });
  if (!response.ok) throw new Error("the proof was not taken");
}

let proving = null;

/** Prove this device at the address; presses that come meanwhile wait for the same proof. */
export function prove(address, token) {
  proving ??= proveOnce(address, token).finally(() => { proving = null; });
  return proving;
}
