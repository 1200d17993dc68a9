/** The numbers of the findings whose field is `path` or inside it. */
function findingsOn({ piece }, path) {
  return [...piece.findings.keys()].filter((n) => {
    const { field = "" } = piece.findings[n];
    return field === path || field.startsWith(`${path}.`);
  });
}

/** A list of findings: severity, message, what the source and the answer have, and the decision. */
function findingList(article, numbers) {
  if (!numbers.length) return null;
  return make("ul", { class: "findings" }, numbers.map((n) => make("li", { id: `f${n}`, class: `finding ${article.piece.findings[n].severity}` }, findingParts(article, n))));
}

function findingParts(article, n) {
  const { severity, check, message, paragraph, start, expected, got } = article.piece.findings[n];
  const redraw = (focus) => {
    const item = byId(`f${n}`);
    replaceContent(item, findingParts(article, n));
    if (focus) (item.querySelector(focus) || item).focus();
    drawDecisionCount();
  };
  // Words that are in the message are not repeated.
  const side = (name, words) => words && !message.includes(words) && make("span", { class: "side" }, `${name}: `, isolated(words));
  return [
    make("p", {}, severityBadge(severity), " ", make("span", { class: "message" }, message)),
    severity === "note" && check === "coverage.sentence" ? null : make("p", { class: "sides" }, side("source", expected), side("answer", got)),
    make(
      "div", { class: "under" },
      start === undefined ? null : make("button", { type: "button", class: "place", onclick: () => chooseWords(article, { claims: [], findings: [n] }) }, `Show in paragraph ${paragraph ?? "?"}`),
      make("code", {}, check),
      decisionBar({ i: article.i, kind: "finding", n, name: `finding ${n + 1}`, english: got || "" }, redraw),
    ),
  ];
}

/** Findings about the translation of one paragraph. */
function translationFindings(article, number) {
  return article.piece.findings
    .filter(({ field }) => field === `translation.${number}`)
    .map(({ severity, message }) => make("span", { class: "inline-finding" }, severityBadge(severity), " ", message));
}
