// Works as pages: each is fetched as its page, of which only the room (data-room) is kept. The next
// ones are fetched before they are asked for, and their pictures load and decode meanwhile; those
// just left are kept for a time without a line.

import { isLineSlow, preloadPictures } from "./preload.js";

const KEPT = 12;
const FEW = 2; // works fetched in advance on a slow line

const warm = new Map(); // address -> promise of a room, or of null
const left = new Map(); // address -> a copy of the room as it was left

async function fetchRoom(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = answer.ok && page.querySelector("[data-room]");
  if (!found) return null;
  // Imported, its pictures load and decode while the judge still looks at this work.
  const ready = { node: document.importNode(found, true), title: page.title };
  preloadPictures(ready.node);
  return ready;
}

export function warmUp(wanted) {
  const addresses = isLineSlow() ? wanted.slice(0, FEW) : wanted;
  for (const address of warm.keys()) if (!addresses.includes(address)) warm.delete(address);
  for (const address of addresses) {
    if (warm.has(address)) continue;
    const room = fetchRoom(address).catch(() => {
      if (warm.get(address) === room) warm.delete(address); // to be tried again
      return null;
    });
    warm.set(address, room);
  }
}

// Return the room at the address, or null when there is none any more. Throws without a line.
export async function take(address) {
  const ready = await warm.get(address);
  warm.delete(address);
  if (ready) return ready;
  try {
    return await fetchRoom(address);
  } catch (error) {
    const copy = left.get(address);
    if (copy) return { ...copy, node: copy.node.cloneNode(true) };
    throw error;
  }
}

export function forget(address) {
  warm.delete(address);
}

export function keep(address, room, title) {
  left.delete(address);
  left.set(address, { node: room.cloneNode(true), title });
  if (left.size > KEPT) left.delete(left.keys().next().value);
}

// The sheet at the address is now this version: a copy of its page must say so.
export function setVersion(address, version) {
  const field = left.get(address)?.node.querySelector("[name=version]");
  if (field) field.value = version;
}
