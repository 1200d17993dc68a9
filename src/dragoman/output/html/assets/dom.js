/**
 * Make an element: `make("p", {class: "x", onclick: f}, "text", child, null)`.
 *
 * Text always becomes a text node; nothing is put into the page in any other way.
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

/** Append children to an element: elements, texts, or lists of them. Null and false are skipped. */
function add(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/** Replace the children of an element. */
function replaceContent(element, ...children) {
  element.replaceChildren();
  add(element, children);
}

function byId(id) {
  return document.getElementById(id);
}

// Links lead only into the report; any other address is an error, wherever it comes from.
function ownAddress(address) {
  if (!/^(report(-\d+)?\.html)?#\//.test(address)) throw new Error(`not an address of the report: ${address}`);
  return address;
}

/** The address of an article, or of a claim (c3) or finding (f0) in it. */
function address(row, place) {
  return `${row.part || ""}#/a/${encodeURIComponent(row.id)}${place ? `/${place}` : ""}`;
}

/** Announce something to screen readers only. */
function announce(message) {
  byId("announcement").textContent = message;
}

/** `count("claim", 2)` is "2 claims". */
function count(noun, number) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

/** A word with a colour and a symbol that mean the same. */
function badge(word, tone, sign) {
  return make("span", { class: `badge ${tone}` }, sign && make("span", { "aria-hidden": "true" }, `${sign} `), word);
}

const SEVERITIES = { error: "✗", warning: "!", note: "•" };
// In the order of how much they need attention.
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
