// The files of a drop, folders opened; what systems leave in folders is no file of anybody's.

const JUNK = /^(\.|~\$|thumbs\.db$|desktop\.ini$)/i;

export const isWanted = (file) => !JUNK.test(file.name);

export async function droppedFiles(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files].filter(isWanted);
  const found = await Promise.all(entries.map(walk));
  return found.flat().filter(isWanted);
}

async function walk(entry) {
  if (entry.isFile) {
    return new Promise((resolve) => { entry.file((file) => resolve([file]), () => resolve([])); });
  }
  const reader = entry.createReader();
  const inside = [];
  for (;;) { // a reader gives a hundred at a time
    const some = await new Promise((resolve) => { reader.readEntries(resolve, () => resolve([])); });
    if (!some.length) break;
    inside.push(...some);
  }
  inside.sort((one, other) => one.name.localeCompare(other.name, undefined, { numeric: true }));
  return (await Promise.all(inside.map(walk))).flat();
}
