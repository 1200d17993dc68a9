/** The data of the report. Rows are read first, then all claims; a body is read when its article is opened. */
const report = {
  /** One row per article, in order. */
  rows: [],
  /** Claims, names and findings of each article; undefined until read. */
  pieces: [],
  /** The other members of the overview block. */
  facts: {},
};

// Uint8Array.fromBase64 is ten times as fast, but not every browser has it.
function bytesOf(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** The JSON value in a block. */
async function readBlock(id) {
  const packed = new Blob([bytesOf(byId(id).textContent)]).stream();
  return JSON.parse(await new Response(packed.pipeThrough(new DecompressionStream("gzip"))).text());
}

async function readOverview() {
  const { rows, ...facts } = await readBlock("overview-block");
  report.rows = rows;
  report.facts = facts;
  rows.forEach((row, i) => {
    row.i = i;
  });
}

// The scripts run before the browser has parsed the blocks that follow them.
const wholePage = new Promise((resolve) => {
  if (document.readyState !== "loading") resolve();
  else document.addEventListener("DOMContentLoaded", resolve, { once: true });
});

/** Read all claims, block by block; `step` is called after each block. */
async function readClaims(step) {
  await wholePage;
  const together = report.facts.claims_together;
  for (let first = 0; first < report.rows.length; first += together) {
    const id = `claims-${first / together}`;
    const pieces = await readBlock(id);
    pieces.forEach((piece, offset) => {
      report.pieces[first + offset] = piece;
      indexPiece(first + offset, piece);
    });
    byId(id).remove(); // halves the memory use
    step();
  }
}

const bodies = new Map();

/** The body of an article. The latest blocks stay in memory. */
async function readBody(i) {
  await wholePage;
  const together = report.facts.bodies_together;
  const number = Math.floor(i / together);
  if (!bodies.has(number)) {
    if (bodies.size > 8) bodies.delete(bodies.keys().next().value);
    bodies.set(number, await readBlock(`bodies-${number}`));
  }
  return bodies.get(number)[i % together];
}

/**
 * A function that converts offsets in code points, as in records, to offsets in a JavaScript string. They differ after
 * every character that takes two UTF-16 units, such as an emoji or a rare Chinese character.
 */
function unitsOf(text) {
  if (!/[\ud800-\udfff]/.test(text)) return (offset) => offset;
  const starts = [];
  let at = 0;
  for (const letter of text) {
    starts.push(at);
    at += letter.length;
  }
  starts.push(at);
  return (offset) => starts[Math.min(offset, starts.length - 1)];
}
