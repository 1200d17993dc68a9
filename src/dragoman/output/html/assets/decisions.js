// What a person decided: stored in the browser at once, and in a file when it is saved.
// A decision is tied to the words of a claim in an article (by digest), not to a number or a position in a list.
const DECISIONS_SCHEMA = "dragoman.decisions/1";
// All reports in one folder share their stored decisions, including the parts of a report and reports of later runs.
const STORAGE_PREFIX = `${DECISIONS_SCHEMA} ${location.href.replace(/[?#].*$/s, "").replace(/[^/]*$/, "")} `;

const decisions = {
  /** Digest of an article → its decisions. */
  of: new Map(),
  /** Digest of an article → identity of a withdrawn decision → when it was withdrawn. */
  withdrawn: new Map(),
  /** Whether the browser can store decisions; if not, they have to be saved to the file. */
  stored: true,
  /** Whether something was decided since the file was last saved or loaded. */
  unsaved: false,
};

function identity(decision) {
  return JSON.stringify([decision.kind, decision.words, decision.start, decision.end, decision.text_en]);
}

function momentOf(decision) {
  return Date.parse(decision.at);
}

/** What a decision about a claim or finding of an article is tied to. */
function targetOf(i, kind, n) {
  return { article: report.rows[i].sha256, kind, ...targetsOf(i, kind)[n].tied };
}

// Claims or findings, reduced to what identifies them; `loose` is a finding's words without the numbers in its field.
function targetsOf(i, kind) {
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
    return { loose: withoutNumbers(words), tied: { words, text_en, start, end } };
  });
}

/** The id of the claim in the path of a field: c3 in claims.c3.text_en. */
function claimOf(field) {
  return (/^claims\.(c\d+)(?:\.|$)/.exec(field || "") || [])[1];
}

function withoutNumbers(words) {
  const [check, path = "", ...got] = words.split("|");
  return [check, path.replace(/\.c?\d+(?=\.|$)/g, ".*"), ...got].join("|");
}

const matched = new Map();

/**
 * The decisions about the claims or findings of an article: number → {decision, changed, all}. The rules are those of
 * `dragoman.output.decision_matching`. `changed` means that the English is no longer the text that the person saw.
 */
function decisionsOn(i, kind) {
  const onArticle = decisions.of.get(report.rows[i].sha256);
  if (!onArticle || !onArticle.length || !report.pieces[i]) return new Map();
  const key = `${kind} ${i}`;
  if (!matched.has(key)) {
    const ofKind = onArticle.filter((decision) => decision.kind === kind);
    matched.set(key, matchDecisions(ofKind.sort((a, b) => momentOf(a) - momentOf(b)), targetsOf(i, kind)));
  }
  return matched.get(key);
}

// Decisions with one possible target go first; an ambiguous one may then have only one target left. The newest decision
// on a target counts.
function matchDecisions(sorted, targets) {
  const applied = new Map();
  const ambiguous = [];
  const take = (decision, best) => {
    for (const n of best) {
      const { text_en } = targets[n].tied;
      const changed = decision.verdict !== "edited" && Boolean(decision.text_en) && decision.text_en !== text_en;
      const all = [...(applied.get(n) || { all: [] }).all, decision];
      applied.set(n, { decision, changed, all });
    }
  };
  const alike = (best) => new Set(best.map((n) => identity(targets[n].tied))).size;
  for (const decision of sorted) {
    const best = bestTargets(decision, targets);
    if (alike(best) > 1) ambiguous.push([decision, best]);
    else take(decision, best);
  }
  const certain = new Set(applied.keys());
  for (const [decision, best] of ambiguous) {
    const free = best.filter((n) => !certain.has(n));
    if (alike(free) === 1) take(decision, free);
  }
  return applied;
}

// The same English counts most, then the same span, then the same number.
function bestTargets(decision, targets) {
  const words = decision.words.normalize("NFC");
  const loose = decision.kind === "claim" ? words : withoutNumbers(words);
  const fits = targets.map(({ loose: looseTarget, tied }) => {
    const span = decision.start === tied.start && decision.end === tied.end;
    const english = decision.text_en === tied.text_en;
    const placed = decision.start !== null || tied.start !== null;
    const here = placed ? span : decision.words === tied.words || (decision.text_en && english);
    if (looseTarget !== loose || (decision.kind === "finding" && !here)) return -1;
    return english * 4 + span * 2 + (words === tied.words) * 1;
  });
  const most = Math.max(-1, ...fits);
  return most < 0 ? [] : [...fits.keys()].filter((n) => fits[n] === most);
}

/** Record a decision about a claim or a finding, in place of an earlier one. A null verdict withdraws the decision. */
function decide(i, kind, n, verdict, text, note) {
  const at = new Date().toISOString();
  const target = targetOf(i, kind, n);
  const withdrawn = decisions.withdrawn.get(target.article) || new Map();
  const before = (decisionsOn(i, kind).get(n) || { all: [] }).all;
  const onArticle = (decisions.of.get(target.article) || []).filter((decision) => !before.includes(decision));
  for (const decision of before) withdrawn.set(identity(decision), at);
  if (verdict) {
    onArticle.push({ ...target, verdict, text, note, at });
    withdrawn.delete(identity(target));
  }
  decisions.of.set(target.article, onArticle);
  decisions.withdrawn.set(target.article, withdrawn);
  decisions.unsaved = true;
  matched.clear();
  storeInBrowser(target.article);
}

function storeInBrowser(article) {
  const value = {
    decisions: decisions.of.get(article) || [],
    gone: [...(decisions.withdrawn.get(article) || [])],
  };
  try {
    localStorage.setItem(STORAGE_PREFIX + article, JSON.stringify(value));
    decisions.stored = true;
  } catch {
    decisions.stored = false; // the storage is full, or not allowed for pages from disk
  }
}

/** Start with the decisions in the browser's storage and those in the report. */
function restoreDecisions() {
  decisions.of.clear();
  decisions.withdrawn.clear();
  matched.clear();
  for (const [article, value] of readFromBrowser()) {
    decisions.of.set(article, value.decisions.filter(isDecision));
    decisions.withdrawn.set(article, new Map(value.gone));
  }
  mergeDecisions(report.facts.decisions.filter(isDecision));
}

function readFromBrowser() {
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(STORAGE_PREFIX))
      .map((key) => [key.slice(STORAGE_PREFIX.length), JSON.parse(localStorage.getItem(key))]);
  } catch {
    decisions.stored = false;
    return [];
  }
}

/** Add decisions; of two decisions with the same target, the newer one stays. Returns the number of new decisions. */
function mergeDecisions(others) {
  let fresh = 0;
  for (const decision of others) {
    const onArticle = decisions.of.get(decision.article) || [];
    const same = onArticle.findIndex((candidate) => identity(candidate) === identity(decision));
    const withdrawnAt = (decisions.withdrawn.get(decision.article) || new Map()).get(identity(decision));
    if (withdrawnAt && Date.parse(withdrawnAt) >= momentOf(decision)) continue;
    if (same >= 0 && momentOf(onArticle[same]) >= momentOf(decision)) continue;
    if (same >= 0) onArticle.splice(same, 1);
    onArticle.push(decision);
    decisions.of.set(decision.article, onArticle);
    fresh += 1;
  }
  matched.clear();
  return fresh;
}

function isDecision(value) {
  const isOffset = (number) => number === null || (Number.isInteger(number) && number >= 0);
  return (
    typeof value === "object" && value !== null &&
    ["article", "words", "note", "at"].every((name) => typeof value[name] === "string") &&
    ["text", "text_en"].every((name) => value[name] === null || typeof value[name] === "string") &&
    ["claim", "finding"].includes(value.kind) && Object.hasOwn(VERDICTS, value.verdict) &&
    isOffset(value.start) && isOffset(value.end) && !Number.isNaN(momentOf(value)) &&
    (value.verdict !== "edited" || Boolean(value.text && value.text.trim()))
  );
}

function allDecisions() {
  return [...decisions.of.values()].flat();
}

/** The text of the decisions file; the same decisions give the same text. */
function decisionsFile() {
  const order = (d) => [d.article, d.kind, String(d.start ?? -1).padStart(9, "0"), d.words, d.at].join("\n");
  const sorted = allDecisions().sort((a, b) => (order(a) < order(b) ? -1 : 1));
  return `${JSON.stringify({ schema: DECISIONS_SCHEMA, decisions: sorted }, null, 1)}\n`;
}

/** Add the decisions of a file. Returns a sentence for the user; throws an Error that says what is wrong with the file. */
function readDecisionsFile(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error("This is not a decisions file: it is not JSON.");
  }
  if (!value || value.schema !== DECISIONS_SCHEMA || !Array.isArray(value.decisions)) {
    throw new Error(`This is not a decisions file: its schema is not ${DECISIONS_SCHEMA}.`);
  }
  const good = value.decisions.filter(isDecision);
  const fresh = mergeDecisions(good);
  for (const article of new Set(good.map((decision) => decision.article))) storeInBrowser(article);
  const bad = value.decisions.length - good.length;
  const inReport = new Set(report.rows.map((row) => row.sha256));
  const elsewhere = good.filter((decision) => !inReport.has(decision.article)).length;
  return (
    `${count("decision", good.length)} in the file, ${fresh} of them new here` +
    (elsewhere ? `; ${elsewhere} about articles that are not in this report` : "") +
    (bad ? `; ${bad} could not be read and were left out` : "") + "."
  );
}
