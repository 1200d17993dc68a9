/** Numbers of the findings whose field is `path` or below it. */
function findingsOn({ piece }, path) {
  return [...piece.findings.keys()].filter((n) => {
    const { field = "" } = piece.findings[n];
    return field === path || field.startsWith(`${path}.`);
  });
}

/** Findings, each with its severity in words, what the source and the answer have, and a decision. */
function findingList(article, numbers) {
  if (!numbers.length) return null;
  return make("ul", { class: "findings" }, numbers.map((n) => make("li", { id: `f${n}`, class: `finding ${article.piece.findings[n].severity}` }, findingParts(article, n))));
}

function findingParts(article, n) {
  const { severity, check, message, paragraph, start, expected, got } = article.piece.findings[n];
  const redraw = (focus) => {
    const item = byId(`f${n}`);
    refill(item, findingParts(article, n));
    if (focus) (item.querySelector(focus) || item).focus();
    drawKept();
  };
  // What is said in the message need not be said again.
  const side = (name, words) => words && !message.includes(words) && make("span", { class: "side" }, `${name}: `, apart(words));
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

/** Findings on the English of one paragraph. */
function translationFindings(article, number) {
  return article.piece.findings
    .filter(({ field }) => field === `translation.${number}`)
    .map(({ severity, message }) => make("span", { class: "inline-finding" }, severityBadge(severity), " ", message));
}
