/** The claims of an article as cards, in the order of the answer. */
function claimList(article) {
  const { piece } = article;
  if (!piece.claims.length) return make("p", { class: "quiet" }, "No claims.");
  return make("ol", { class: "claims" }, piece.claims.map((claim, n) => make("li", { class: "claim", id: claim.id }, claimParts(article, n))));
}

function claimParts(article, n) {
  const { row, piece, body } = article;
  const claim = piece.claims[n];
  const on = decisionsOn(article.i, "claim").get(n);
  const redraw = (focus) => {
    redrawClaim(article, n);
    const item = byId(claim.id);
    // The button of the claim itself, not that of a finding about it.
    if (focus) (item.querySelector(`.claim-foot ${focus}`) || item.querySelector(".say")).focus();
    drawDecisionCount();
  };
  const lit = article.chosen.claims.includes(n);
  return [
    make(
      "button", { type: "button", class: "say", "aria-pressed": String(lit), onclick: () => enterClaim(article, n) },
      make("span", { class: "claim-id" }, claim.id), " ", statement(claim, on),
    ),
    make("blockquote", { class: "quote" }, make("p", languageAttributes(row), claim.quote)),
    claim.quantities.length ? make("ul", { class: "quantities", "aria-label": "Figures" }, claim.quantities.map((quantity) => figureLine(row, quantity))) : null,
    findingList(article, findingsOn(article, `claims.${claim.id}`)),
    make(
      "div", { class: "claim-foot" },
      facts(
        on && verdictBadge(on.decision), evidenceSign(claim, body),
        claim.kind !== "fact" && claim.kind, claim.modality !== "asserted" && claim.modality,
        speaker(row, claim), claim.event_date && ["event: ", dateName(claim.event_date)],
      ),
      decisionBar({ i: article.i, kind: "claim", n, name: `claim ${claim.id}`, english: claim.text_en }, redraw),
    ),
  ];
}

function redrawClaim(article, n) {
  replaceContent(byId(article.piece.claims[n].id), claimParts(article, n));
}

function statement(claim, on) {
  const verdict = on && on.decision.verdict;
  if (verdict === "edited") return [make("ins", {}, on.decision.text), make("del", {}, claim.text_en)];
  return verdict === "rejected" ? make("del", {}, claim.text_en) : make("span", { class: "statement" }, claim.text_en);
}

function speaker(row, { speaker_en, speaker_source }) {
  if (!speaker_en && !speaker_source) return null;
  return ["said by ", speaker_en && isolated(speaker_en), speaker_source && speaker_source !== speaker_en && [speaker_en ? " (" : null, sourceWords(row, speaker_source), speaker_en ? ")" : null]];
}

function evidenceSign({ evidence, paragraph }, body) {
  if (evidence.match === "absent") return badge("not in the source", "error", "✗");
  const at = paragraphAt(body.paragraphs, evidence.start) || paragraph;
  const more = [evidence.match === "normalized" && "in an equivalent form", evidence.parts.length > 1 && `in ${evidence.parts.length} pieces`, evidence.others.length && `${evidence.others.length} more with the same words`];
  return [`paragraph ${at}`, ...more.filter(Boolean).map((part) => `, ${part}`)];
}

function paragraphAt(paragraphs, offset) {
  return paragraphs.findIndex(([start, end]) => start <= offset && offset < end) + 1;
}
