// What a person decided, kept in the browser as it is made and in a file when it is saved.
// A decision belongs to the words of a claim in an article (by its digest), not to a number or a place in a list.
const DECISIONS_SCHEMA = "dragoman.decisions/1";
// All reports of one folder share what is kept, its parts and later runs too.
const KEPT = `${DECISIONS_SCHEMA} ${location.href.replace(/[?#].*$/s, "").replace(/[^/]*$/, "")} `;

const decisions = {
  /** Digest of an article → its decisions. */
  of: new Map(),
  /** Digest of an article → identity of a decision that was taken back → when. */
  gone: new Map(),
  /** Whether the browser keeps anything; where it does not, saving the file does. */
  kept: true,
  /** Whether something was decided since the file was last saved or loaded. */
  unsaved: false,
};

function identity(decision) {
  return JSON.stringify([decision.kind, decision.words, decision.start, decision.end, decision.text_en]);
}

function momentOf(decision) {
  return Date.parse(decision.at);
}

/** What a decision on a claim, or on a finding of an article, is tied to. */
function targetOf(i, kind, n) {
  return { article: report.rows[i].sha256, kind, ...thingsOf(i, kind)[n].tied };
}

// Claims or findings as decisions know them; `loose` are the words without the numbers in a finding's field.
function thingsOf(i, kind) {
  const { claims, findings } = report.pieces[i];
  if (kind === "claim") {
    return claims.map(({ quote, text_en, evidence: { start = null, end = null } }) => {
      const words = quote.normalize("NFC");
      return { loose: words, tied: { words, text_en, start, end } };
    });
  }
  const english = new Map(claims.map((claim) => [claim.id, claim.text_en]));
  return findings.map(({ check, field = "", got = "", start = null, end = null }) => {
    const words = `${check}|${field}|${got}`.normalize("NFC");
    const text_en = english.get(claimOf(field)) ?? null;
    return { loose: unnumbered(words), tied: { words, text_en, start, end } };
  });
}

/** The id of the claim that a field is of, such as c3 of claims.c3.text_en. */
function claimOf(field) {
  return (/^claims\.(c\d+)(?:\.|$)/.exec(field || "") || [])[1];
}

function unnumbered(words) {
  const [check, path = "", ...got] = words.split("|");
  return [check, path.replace(/\.c?\d+(?=\.|$)/g, ".*"), ...got].join("|");
}

const matched = new Map();

/**
 * What was decided on the claims or findings of an article: number → {decision, changed, all}, as
 * `dragoman.reports.matching` finds it. `changed`: the person saw other English than stands now.
 */
function decided(i, kind) {
  const kept = decisions.of.get(report.rows[i].sha256);
  if (!kept || !kept.length || !report.pieces[i]) return new Map();
  const key = `${kind} ${i}`;
  if (!matched.has(key)) {
    const mine = kept.filter((decision) => decision.kind === kind);
    matched.set(key, matchedTo(mine.sort((one, other) => momentOf(one) - momentOf(other)), thingsOf(i, kind)));
  }
  return matched.get(key);
}

// What is sure goes first and settles some of what is not; of several decisions on one thing the newest counts.
function matchedTo(sorted, things) {
  const found = new Map();
  const unsure = [];
  const take = (decision, best) => {
    for (const n of best) {
      const { text_en } = things[n].tied;
      const changed = decision.verdict !== "edited" && Boolean(decision.text_en) && decision.text_en !== text_en;
      const all = [...(found.get(n) || { all: [] }).all, decision];
      found.set(n, { decision, changed, all });
    }
  };
  const alike = (best) => new Set(best.map((n) => identity(things[n].tied))).size;
  for (const decision of sorted) {
    const best = bestFor(decision, things);
    if (alike(best) > 1) unsure.push([decision, best]);
    else take(decision, best);
  }
  const sure = new Set(found.keys());
  for (const [decision, best] of unsure) {
    const free = best.filter((n) => !sure.has(n));
    if (alike(free) === 1) take(decision, free);
  }
  return found;
}

// English tells more than the span, and that more than a number.
function bestFor(decision, things) {
  const words = decision.words.normalize("NFC");
  const loose = decision.kind === "claim" ? words : unnumbered(words);
  const fits = things.map(({ loose: other, tied }) => {
    const span = decision.start === tied.start && decision.end === tied.end;
    const english = decision.text_en === tied.text_en;
    const placed = decision.start !== null || tied.start !== null;
    const here = placed ? span : decision.words === tied.words || (decision.text_en && english);
    if (other !== loose || (decision.kind === "finding" && !here)) return -1;
    return english * 4 + span * 2 + (words === tied.words) * 1;
  });
  const most = Math.max(-1, ...fits);
  return most < 0 ? [] : [...fits.keys()].filter((n) => fits[n] === most);
}

/** Decide on a claim or a finding; what was decided before is replaced. A null verdict takes it back. */
function decide(i, kind, n, verdict, text, note) {
  const at = new Date().toISOString();
  const target = targetOf(i, kind, n);
  const gone = decisions.gone.get(target.article) || new Map();
  const before = (decided(i, kind).get(n) || { all: [] }).all;
  const kept = (decisions.of.get(target.article) || []).filter((decision) => !before.includes(decision));
  for (const decision of before) gone.set(identity(decision), at);
  if (verdict) {
    kept.push({ ...target, verdict, text, note, at });
    gone.delete(identity(target));
  }
  decisions.of.set(target.article, kept);
  decisions.gone.set(target.article, gone);
  decisions.unsaved = true;
  matched.clear();
  keepInBrowser(target.article);
}

function keepInBrowser(article) {
  const kept = {
    decisions: decisions.of.get(article) || [],
    gone: [...(decisions.gone.get(article) || [])],
  };
  try {
    localStorage.setItem(KEPT + article, JSON.stringify(kept));
    decisions.kept = true;
  } catch {
    decisions.kept = false; // full, or forbidden for files
  }
}

/** Begin with the decisions in the report and those that the browser has kept. */
function recallDecisions() {
  decisions.of.clear();
  decisions.gone.clear();
  matched.clear();
  for (const [article, kept] of keptInBrowser()) {
    decisions.of.set(article, kept.decisions.filter(isDecision));
    decisions.gone.set(article, new Map(kept.gone));
  }
  mergeDecisions(report.facts.decisions.filter(isDecision));
}

function keptInBrowser() {
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(KEPT))
      .map((key) => [key.slice(KEPT.length), JSON.parse(localStorage.getItem(key))]);
  } catch {
    decisions.kept = false;
    return [];
  }
}

/** Put decisions beside those there are; of the same one the newest stays. Returns how many were new. */
function mergeDecisions(others) {
  let fresh = 0;
  for (const decision of others) {
    const kept = decisions.of.get(decision.article) || [];
    const same = kept.findIndex((one) => identity(one) === identity(decision));
    const goneAt = (decisions.gone.get(decision.article) || new Map()).get(identity(decision));
    if (goneAt && Date.parse(goneAt) >= momentOf(decision)) continue;
    if (same >= 0 && momentOf(kept[same]) >= momentOf(decision)) continue;
    if (same >= 0) kept.splice(same, 1);
    kept.push(decision);
    decisions.of.set(decision.article, kept);
    fresh += 1;
  }
  matched.clear();
  return fresh;
}

function isDecision(value) {
  const offset = (one) => one === null || (Number.isInteger(one) && one >= 0);
  return (
    typeof value === "object" && value !== null &&
    ["article", "words", "note", "at"].every((name) => typeof value[name] === "string") &&
    ["text", "text_en"].every((name) => value[name] === null || typeof value[name] === "string") &&
    ["claim", "finding"].includes(value.kind) && Object.hasOwn(VERDICTS, value.verdict) &&
    offset(value.start) && offset(value.end) && !Number.isNaN(momentOf(value)) &&
    (value.verdict !== "edited" || Boolean(value.text && value.text.trim()))
  );
}

function allDecisions() {
  return [...decisions.of.values()].flat();
}

/** The decisions file. The same decisions give the same text. */
function decisionsFile() {
  const order = (d) => [d.article, d.kind, String(d.start ?? -1).padStart(9, "0"), d.words, d.at].join("\n");
  const sorted = allDecisions().sort((one, other) => (order(one) < order(other) ? -1 : 1));
  return `${JSON.stringify({ schema: DECISIONS_SCHEMA, decisions: sorted }, null, 1)}\n`;
}

/** Take in a decisions file. Returns a sentence; throws an Error that says what is wrong with the file. */
function takeDecisionsFile(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error("This file is not JSON, so it is no decisions file.");
  }
  if (!value || value.schema !== DECISIONS_SCHEMA || !Array.isArray(value.decisions)) {
    throw new Error(`This is no decisions file: its schema is not ${DECISIONS_SCHEMA}.`);
  }
  const good = value.decisions.filter(isDecision);
  const fresh = mergeDecisions(good);
  for (const article of new Set(good.map((decision) => decision.article))) keepInBrowser(article);
  const bad = value.decisions.length - good.length;
  const known = new Set(report.rows.map((row) => row.sha256));
  const elsewhere = good.filter((decision) => !known.has(decision.article)).length;
  return (
    `${count("decision", good.length)} in the file, ${fresh} of them new here` +
    (elsewhere ? `; ${elsewhere} about articles that are not in this report` : "") +
    (bad ? `; ${bad} could not be read and stay in the file only` : "") + "."
  );
}
