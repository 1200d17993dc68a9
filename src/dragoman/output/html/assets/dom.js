/**
 * An element. `make("p", {class: "x", onclick: f}, "text", child, null)`.
 *
 * Text becomes a text node, always; there is no other way in this report to put anything into the page.
 * Attributes that are null, undefined or false are left out.
 */
function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "href") element.setAttribute("href", ownAddress(value));
    else element.setAttribute(key, value === true ? "" : value);
  }
  add(element, children);
  return element;
}

/** Put children at the end of an element: elements, texts, lists of them; null and false are nothing. */
function add(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/** An element with other children than before. */
function refill(element, ...children) {
  element.replaceChildren();
  add(element, children);
}

function byId(id) {
  return document.getElementById(id);
}

// A link of this page leads into the report; anything else is a mistake, whoever wrote the address.
function ownAddress(address) {
  if (!/^(report(-\d+)?\.html)?#\//.test(address)) throw new Error(`not an address of the report: ${address}`);
  return address;
}

/** Where an article, and in it a claim (c3) or a finding (f0), is shown. */
function address(row, place) {
  return `${row.part || ""}#/a/${encodeURIComponent(row.id)}${place ? `/${place}` : ""}`;
}

/** Tell a screen reader, and nobody else. */
function tell(message) {
  byId("told").textContent = message;
}

/** `count("claim", 2)` is "2 claims". */
function count(noun, number) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

/** A small sign before a word: the word says what the colour and the sign say. */
function badge(word, tone, sign) {
  return make("span", { class: `badge ${tone}` }, sign && make("span", { "aria-hidden": "true" }, `${sign} `), word);
}

const SEVERITIES = { error: "✗", warning: "!", note: "•" };
// What needs a person first.
const STATUSES = {
  failed: "✗", refused: "✗", truncated: "✗", pending: "…", flagged: "!", ok: "✓", skipped: "–",
};
const VERDICTS = { accepted: "✓", edited: "✎", rejected: "✗" };

function statusBadge(status) {
  return badge(status, `status-${status}`, STATUSES[status]);
}

function severityBadge(severity, number) {
  return badge(number === undefined ? severity : count(severity, number), severity, SEVERITIES[severity]);
}

function verdictBadge(decision) {
  return decision && badge(decision.verdict, `verdict-${decision.verdict}`, VERDICTS[decision.verdict]);
}
