// The search index: folded text, so that case and accents do not matter. One entry per article: `own` is the text of the
// article itself, `claims` has one text per claim, and `whole` joins them all, to rule out most articles quickly.
const index = [];

const MARKS = /[\u0300-\u036f\u0591-\u05c7\u0640\u064b-\u065f\u0670]/g;

/** Text for comparison: without case, accents, vowel points and marks of direction. */
function fold(text) {
  const lower = text.toLowerCase();
  if (/^[\x00-\x7f]*$/.test(lower)) return lower;
  return lower.normalize("NFKD").replace(MARKS, "").replace(/[\u200b-\u200f\u202a-\u202e\u2066-\u2069]/g, "").replace(/đ/g, "d");
}

// Gives "speaker:mazen speaker:al-shuhail", so that a plain text search finds speaker:mazen.
function tagged(tag, text) {
  return text ? text.split(/\s+/).map((word) => `${tag}:${word}`).join(" ") : "";
}

function indexRow(row) {
  const severities = [row.errors && "error", row.warnings && "warning", row.notes && "note"].filter(Boolean);
  const own = [
    row.title, row.name, row.language, languageName(row.language), row.publisher, row.published, row.reason,
    tagged("lang", row.language), tagged("lang", languageName(row.language)), `status:${row.status}`, row.status,
    tagged("published", row.published), severities.map((severity) => `severity:${severity} ${severity}`).join(" "),
  ];
  index[row.i] = { own: fold(own.filter(Boolean).join("\n")), claims: [], findings: [], whole: "", severities: [] };
}

function indexPiece(i, piece) {
  const entry = index[i];
  const names = piece.entities.map((entity) => `${entity.name_en}\n${entity.name_source}\n${tagged("name", entity.name_en)}`);
  entry.own += `\n${fold(names.join("\n"))}`;
  const findings = new Map();
  for (const finding of piece.findings) {
    const claim = claimOf(finding.field);
    if (claim) findings.set(claim, [...(findings.get(claim) || []), finding]);
  }
  entry.claims = piece.claims.map((claim) => fold(claimText(claim, findings.get(claim.id) || [])));
  entry.severities = piece.claims.map((claim) => worstOf(findings.get(claim.id) || []));
  entry.findings = piece.findings.map((f) => fold(`severity:${f.severity} ${f.severity} ${f.check} ${f.message}`));
  entry.whole = [entry.own, ...entry.claims, ...entry.findings].join("\n");
  // Computed once, because every search needs it for every figure.
  for (const claim of piece.claims) for (const quantity of claim.quantities) quantity.power = decade(quantity.value);
}

function claimText(claim, findings) {
  const speaker = [claim.speaker_en, claim.speaker_source].filter(Boolean).join(" ");
  return [
    claim.text_en, claim.quote, speaker, tagged("speaker", speaker), claim.kind, claim.modality,
    claim.event_date, tagged("date", claim.event_date), `match:${claim.evidence.match}`,
    ...claim.quantities.map((q) => `${q.value || ""} ${q.value ? grouped(q.value) : ""} ${q.unit || ""} ${tagged("unit", q.unit)}`),
    ...findings.map((f) => `severity:${f.severity} ${f.severity} ${f.check} ${f.message}`),
  ].filter(Boolean).join("\n");
}

function worstOf(findings) {
  return Object.keys(SEVERITIES).find((severity) => findings.some((finding) => finding.severity === severity)) || null;
}

/** The words of a query, folded; quotation marks keep words together. */
function wordsOf(query) {
  return [...query.matchAll(/"([^"]*)"?|[“”]([^“”]*)[“”]?|([^\s"“”]+)/g)]
    .map((match) => fold(match[1] ?? match[2] ?? match[3]).trim())
    .filter(Boolean);
}

/**
 * The articles that contain every word, with those of their claims that contain the words which are not in the article
 * itself. Returns [{i, claims: [numbers], whole: whether the article itself has all words}], in order.
 */
function search(words, passesRowFilters, passesClaimFilters) {
  const hits = [];
  for (const row of report.rows) {
    if (!passesRowFilters(row)) continue;
    const { own, whole, claims } = index[row.i];
    const missing = words.filter((word) => !own.includes(word));
    if (missing.some((word) => !whole.includes(word))) continue;
    const matching = [];
    claims.forEach((claim, c) => {
      if (missing.every((word) => claim.includes(word)) && passesClaimFilters(row.i, c)) matching.push(c);
    });
    hits.push({ i: row.i, claims: matching, whole: missing.length === 0 });
  }
  return hits;
}
