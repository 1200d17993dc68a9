// What is searched: folded text, so that case and accents do not matter. One entry an article:
// `own` of the article itself, `claims` one a claim, `whole` all of these, to leave out most articles at once.
const index = [];

const MARKS = /[\u0300-\u036f\u0591-\u05c7\u0640\u064b-\u065f\u0670]/g;

/** Text as it is compared: without case, accents, vowel points, and what only sets the direction. */
function fold(text) {
  const lower = text.toLowerCase();
  if (/^[\x00-\x7f]*$/.test(lower)) return lower;
  return lower.normalize("NFKD").replace(MARKS, "").replace(/[\u200b-\u200f\u202a-\u202e\u2066-\u2069]/g, "").replace(/đ/g, "d");
}

// "speaker:mazen speaker:al-shuhail": so that speaker:mazen is found without further ado.
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
  const names = piece.entities.map((one) => `${one.name_en}\n${one.name_source}\n${tagged("name", one.name_en)}`);
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
  // What every search asks of every figure is worked out once.
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
    .map((found) => fold(found[1] ?? found[2] ?? found[3]).trim())
    .filter(Boolean);
}

/**
 * Articles in which every word occurs, and in each the claims that have the words the article itself has not.
 * Returns [{i, claims: [numbers], whole: whether the article itself has all words}], in order.
 */
function search(words, wantsRow, wantsClaim) {
  const hits = [];
  for (const row of report.rows) {
    if (!wantsRow(row)) continue;
    const { own, whole, claims } = index[row.i];
    const missing = words.filter((word) => !own.includes(word));
    if (missing.some((word) => !whole.includes(word))) continue;
    const found = [];
    claims.forEach((claim, c) => {
      if (missing.every((word) => claim.includes(word)) && wantsClaim(row.i, c)) found.push(c);
    });
    hits.push({ i: row.i, claims: found, whole: missing.length === 0 });
  }
  return hits;
}
