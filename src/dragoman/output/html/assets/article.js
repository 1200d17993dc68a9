/** The opened article as {i, row, piece, body, pane, chosen, current}; null in the overview. */
let openedArticle = null;

/** Show an article; `place` is a claim (c3), a finding (f0) or nothing. */
async function openArticle(id, place) {
  const row = report.rows.find((candidate) => candidate.id === id);
  if (!row) throw new Error("This article is not in the report.");
  if (!openedArticle || openedArticle.row !== row) {
    while (!report.pieces[row.i]) await nextPiece();
    const article = { i: row.i, row, piece: report.pieces[row.i], body: await readBody(row.i), chosen: { claims: [], findings: [] }, current: 0 };
    openedArticle = article;
    drawArticle(article);
  }
  byId("overview").hidden = true;
  byId("article").hidden = false;
  document.body.classList.add("reading");
  document.title = `${row.title || row.name} – Dragoman report`;
  goTo(openedArticle, place);
}

function drawArticle(article) {
  const { row, body } = article;
  const source = body.text === undefined
    ? make("p", { class: "nothing" }, "There is no source text: the file was not read.")
    : null;
  if (!source) article.pane = sourcePane(article, (what) => chooseWords(article, what));
  replaceContent(
    byId("article"),
    make(
      "div", { class: "panes" },
      make("section", { class: "pane english-pane", "aria-label": "English", tabindex: "0", id: "english-pane" }, articleNav(article), articleHead(article), articleBody(article), provenance(article)),
      make(
        "section", { class: "pane origin-text", "aria-label": "Source", tabindex: "0", id: "source" },
        make(
          "div", { class: "pane-bar" },
          make("h2", {}, "Source"),
          facts(row.language && languageName(row.language), body.source && `${body.source.characters.toLocaleString("en")} characters`),
          body.translation ? translationSwitch() : make("span", { class: "quiet" }, "no translation"),
        ),
        source || article.pane.element,
      ),
    ),
  );
}

function articleNav({ i }) {
  const step = (name, row) => (row
    ? make("a", { href: address(row), class: "step", rel: name === "Previous" ? "prev" : "next" }, name)
    : make("span", { class: "step quiet" }, name));
  return make("nav", { class: "pane-bar", "aria-label": "Articles" }, make("a", { href: "#/", class: "step" }, "← Overview"), make("span", { class: "push" }), step("Previous", report.rows[i - 1]), step("Next", report.rows[i + 1]));
}

function translationSwitch() {
  return make("button", {
    type: "button", id: "translation", "aria-pressed": String(document.body.classList.contains("translated")),
    onclick: (event) => {
      const on = document.body.classList.toggle("translated");
      event.currentTarget.setAttribute("aria-pressed", String(on));
    },
  }, "Translation");
}

function articleHead(article) {
  const { row, body } = article;
  return make(
    "header", { class: "article-head" },
    make("h1", { tabindex: "-1", id: "article-title" }, row.title || isolated(row.name)),
    facts(
      statusBadge(row.status), row.errors ? severityBadge("error", row.errors) : null, row.warnings ? severityBadge("warning", row.warnings) : null,
      row.language && languageName(row.language), row.publisher && isolated(row.publisher), body.author && ["by ", isolated(body.author)],
      row.published && dateName(row.published), body.syndicated_from && ["from ", isolated(body.syndicated_from)], row.title && isolated(row.name),
    ),
    row.reason && make("p", { class: "reason" }, row.reason),
    findingList(article, findingsOn(article, "title_en")),
  );
}

function articleBody(article) {
  const { piece, body, row } = article;
  if (!row.title) return findingList(article, [...piece.findings.keys()]);
  const placed = piece.findings.map(({ field = "" }) => /^(title_en|abstract|key_points\.|entities\.|claims\.c\d)/.test(field));
  const rest = [...piece.findings.keys()].filter((n) => !placed[n]);
  return [
    make("section", { "aria-label": "Abstract", class: "abstract" }, make("p", {}, body.abstract), findingList(article, findingsOn(article, "abstract"))),
    body.key_points.length ? make("section", {}, make("h2", {}, "Key points"), make("ul", { class: "points" }, body.key_points.map((point, at) => make("li", {}, point, findingList(article, findingsOn(article, `key_points.${at + 1}`)))))) : null,
    make("section", {}, make("h2", {}, "Claims ", make("small", {}, piece.claims.length)), claimList(article)),
    rest.length ? make("section", {}, make("h2", {}, "Other findings ", make("small", {}, rest.length)), findingList(article, rest)) : null,
    nameList(article),
  ];
}

function nameList(article) {
  const { piece, row, body } = article;
  if (!piece.entities.length) return null;
  const showName = ({ name_en, name_source }) => {
    article.chosen = { claims: [], findings: [] };
    markChosen(article);
    const places = highlightName(article.pane, body.text, name_source);
    if (places !== null) announce(`${name_en}: ${count("place", places)}`);
  };
  return make("section", {}, make("h2", {}, "Names ", make("small", {}, piece.entities.length)), make("ul", { class: "names" }, piece.entities.map((entity, at) => make(
    "li", {},
    make("button", { type: "button", onclick: () => showName(entity) }, isolated(entity.name_en), entity.name_source === entity.name_en ? null : [" ", make("span", { class: "quiet" }, sourceWords(row, entity.name_source))], make("small", {}, ` ${entity.kind}`)),
    findingList(article, findingsOn(article, `entities.${at + 1}`)),
  ))));
}

/** Where the record comes from: digests, prompts, models and costs. */
function provenance({ row, body }) {
  const term = (name, ...values) => [make("dt", {}, name), make("dd", {}, values)];
  const { source, tasks, exchanges } = body;
  const cost = (usd) => (usd === null || usd === undefined ? "price unknown" : dollars(usd));
  return make(
    "footer", { class: "provenance" },
    make("h2", {}, "Where this comes from"),
    make(
      "dl", {},
      term("Article", isolated(row.name), body.bytes === undefined ? null : `, ${body.bytes.toLocaleString("en")} bytes`, body.media_type ? `, ${body.media_type}` : null),
      row.sha256 && term("SHA-256", make("code", {}, row.sha256)),
      source && term("Source text", source.file ? make("code", {}, source.file) : "inline in the record", `, ${source.encoding} (${source.encoding_from}), ${count("step", body.steps)} of preparation`),
      source && source.notes.map((note) => term("Note", note)),
      Object.entries(tasks).map(([name, task]) => term(name, `${task.status}, ${task.prompt}, ${task.model}, ${cost(task.cost_usd)}`, make("br"), "prompt ", make("code", {}, task.prompt_sha256.slice(0, 16)), task.reason && [make("br"), task.reason.message])),
      exchanges.map((exchange) => term(`${exchange.task} (${exchange.role})`, `${exchange.origin === "handwritten" ? "written by hand, not by a model" : exchange.origin}, ${exchange.endpoint}, `, isolated(exchange.model_answered || exchange.model), `, ${exchange.created_at.slice(0, 10)}, ${cost(exchange.cost_usd)}`, exchange.usage && `, ${exchange.usage.input_tokens.toLocaleString("en")} + ${exchange.usage.output_tokens.toLocaleString("en")} tokens`, make("br"), "key ", make("code", {}, exchange.key))),
      term("Dragoman", body.dragoman),
    ),
  );
}

/** Go to a claim or a finding of the opened article and highlight its words. */
function goTo(article, place) {
  const [, kind, number] = /^([cf])(\d+)$/.exec(place || "") || [];
  const claims = article.piece.claims;
  let n = -1;
  if (kind === "c") n = claims.findIndex((claim) => claim.id === place);
  else if (kind === "f" && article.piece.findings[number]) {
    n = claims.findIndex((claim) => claim.id === claimOf(article.piece.findings[number].field));
    if (n < 0) {
      chooseWords(article, { claims: [], findings: [Number(number)] });
      return;
    }
  }
  if (n < 0) {
    byId("article-title").focus({ preventScroll: true });
    return;
  }
  chooseWords(article, { claims: [n], findings: [] });
}

/** Select claims or findings: highlight their words in the source, and scroll both sides to them. */
function chooseWords(article, what) {
  article.chosen = what;
  markChosen(article);
  const { claims, findings } = what;
  const near = claims.filter((n) => article.piece.claims[n].evidence.match === "absent").flatMap((n) => findingsOn(article, `claims.${article.piece.claims[n].id}`));
  const first = article.pane && highlight(article.pane, claims, [...findings, ...near]);
  const card = claims.length ? byId(article.piece.claims[claims[0]].id) : byId(`f${findings[0]}`);
  if (first) show(first);
  if (card) {
    const details = card.closest("details");
    if (details) details.open = true;
    const target = card.querySelector(claims.length ? ".say" : "button");
    if (target) target.focus({ preventScroll: true });
    show(card);
  }
  announceChosen(article, first);
}

function announceChosen({ piece, chosen: { claims, findings } }, first) {
  const names = claims.map((n) => piece.claims[n].id).join(", ");
  const paragraph = first && first.closest(".pair").id.slice(1);
  if (claims.length) announce(`${names}: ${first ? `words highlighted in paragraph ${paragraph}` : "these words are not in the source"}`);
  else if (findings.length && paragraph) announce(`highlighted in paragraph ${paragraph}`);
}

/** Mark the selected claims and findings. */
function markChosen(article) {
  const { claims, findings } = article.chosen;
  if (claims.length) article.current = claims[0];
  article.piece.claims.forEach((claim, n) => {
    const item = byId(claim.id);
    item.classList.toggle("chosen", claims.includes(n));
    item.querySelector(".say").setAttribute("aria-pressed", String(claims.includes(n)));
  });
  article.piece.findings.forEach((_, n) => byId(`f${n}`)?.classList.toggle("chosen", findings.includes(n)));
}

/** Activate a claim: the first time its words are highlighted, the second time the focus moves to them. */
function enterClaim(article, n) {
  const { claims } = article.chosen;
  if (claims.length === 1 && claims[0] === n) {
    const ref = article.pane?.refs.get(n);
    if (ref) ref.focus({ preventScroll: true });
    else chooseWords(article, { claims: [n], findings: [] });
    return;
  }
  history.replaceState(null, "", address({ id: article.row.id }, article.piece.claims[n].id));
  chooseWords(article, { claims: [n], findings: [] });
}
