const view = {
  query: "",
  tab: null,
  status: new Set(),
  language: new Set(),
  finding: new Set(),
  decision: new Set(),
  /** The selection in the charts: the key of a bar, and {unit, power}. */
  event: null,
  size: null,
  /** The share of the claims that has been read, from 0 to 1. */
  read: 0,
};

const TABS = ["needs", "articles", "claims"];

function drawOverview() {
  drawTotals();
  drawFacets();
  drawResults();
}

/** Draw everything that depends on the query and the filters. */
function drawResults() {
  const started = performance.now();
  const results = applyFilters();
  drawCharts(results);
  drawChosen();
  drawTabs(results);
  drawList(results);
  performance.measure("dragoman-search", { start: started });
}

/** Apply the query and the filters: the entries of the three lists, and the data of the charts. */
function applyFilters() {
  const words = wordsOf(view.query);
  const hits = search(words, passesRowFilters, passesClaimFilters);
  const every = hits.flatMap(({ i, claims: numbers }) => numbers.map((c) => ({ i, c, claim: report.pieces[i].claims[c] })));
  // The charts show everything that passes the query and the filters. A selection in a chart narrows only the lists.
  const events = eventBins(every.map(({ claim }) => claim.event_date).filter(Boolean));
  const sizes = sizeTable(every.flatMap(({ claim }) => claim.quantities));
  const narrowed = view.event !== null || view.size !== null;
  const claims = narrowed ? every.filter(({ claim }) => isChosen(claim, events, sizes)) : every;
  const withClaims = new Set(claims.map(({ i }) => i));
  const strict = narrowed || view.decision.size > 0;
  const articles = hits.filter(({ i }) => !strict || withClaims.has(i)).map(({ i }) => report.rows[i]);
  const order = Object.keys(STATUSES);
  articles.sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status) || Math.sign(b.errors - a.errors) || Math.sign(b.warnings - a.warnings) || a.i - b.i);
  return { events, sizes, claims, articles, needs: needs(articles, words) };
}

/** What needs attention: articles without an answer, then errors, then warnings. Decided findings come last. */
function needs(articles, words) {
  const entries = [];
  for (const row of articles) {
    const unanswered = ["failed", "refused", "truncated", "pending"].includes(row.status);
    const piece = report.pieces[row.i];
    if (unanswered || (!piece && row.errors + row.warnings)) entries.push({ i: row.i, rank: unanswered ? 0 : row.errors ? 1 : 2 });
    if (piece) entries.push(...findingEntries(row, piece, words));
  }
  return entries.sort((a, b) => Boolean(a.on) - Boolean(b.on) || a.rank - b.rank || a.i - b.i);
}

function findingEntries(row, piece, words) {
  const entries = [];
  piece.findings.forEach((finding, f) => {
    if (finding.severity === "note") return;
    const at = piece.claims.findIndex((claim) => claim.id === claimOf(finding.field));
    const c = at < 0 ? undefined : at;
    const { own, findings, claims } = index[row.i];
    const has = (word) => own.includes(word) || findings[f].includes(word) || (c !== undefined && claims[c].includes(word));
    if (!words.every(has)) return;
    if (view.finding.size && !view.finding.has(finding.severity)) return;
    const on = [decisionsOn(row.i, "finding").get(f), decisionsOn(row.i, "claim").get(c)].find((applied) => applied && !applied.changed);
    entries.push({ i: row.i, f, c, on, rank: finding.severity === "error" ? 1 : 2 });
  });
  return entries;
}

function passesRowFilters(row) {
  const { status, language, finding } = view;
  if (status.size && !status.has(row.status)) return false;
  if (language.size && !language.has(row.language || "und")) return false;
  if (!finding.size) return true;
  return (finding.has("error") && row.errors > 0) || (finding.has("warning") && row.warnings > 0) || (finding.has("note") && row.notes > 0) || (finding.has("none") && !(row.errors + row.warnings + row.notes));
}

function passesClaimFilters(i, c) {
  if (!view.decision.size) return true;
  const on = decisionsOn(i, "claim").get(c);
  return view.decision.has(on ? on.decision.verdict : "undecided");
}

function isChosen(claim, { keyOf }, { unitOf }) {
  if (view.event !== null && !(claim.event_date && keyOf(claim.event_date) === view.event)) return false;
  const { size } = view;
  return size === null || claim.quantities.some((q) => q.power === size.power && unitOf(q) === size.unit);
}

function drawTotals() {
  const { rows, facts: { money } } = report;
  const sum = (name) => rows.reduce((total, row) => total + row[name], 0);
  const languages = new Set(rows.map((row) => row.language).filter(Boolean)).size;
  const replies = Object.values(money.origins).reduce((total, number) => total + number, 0);
  const figure = (number, name, more) => make("div", { class: "figure" }, make("b", {}, number.toLocaleString("en")), make("span", {}, name), more && make("small", {}, more));
  const open = rows.filter((row) => !["ok", "skipped"].includes(row.status)).length;
  replaceContent(
    byId("totals"),
    figure(rows.length, rows.length === 1 ? "article" : "articles", `in ${count("language", languages)}`),
    figure(open, open === 1 ? "needs attention" : "need attention", rows.length ? `${rows.filter((row) => row.status === "ok").length.toLocaleString("en")} ok` : null),
    figure(sum("claims"), sum("claims") === 1 ? "claim" : "claims", `${allDecisions().filter((decision) => decision.kind === "claim").length} decided`),
    figure(sum("errors"), sum("errors") === 1 ? "error" : "errors", `${count("warning", sum("warnings"))}, ${count("note", sum("notes"))}`),
    figure(replies && money.unknown === replies ? "–" : dollars(money.usd), "spent", money.unknown ? `${count("reply", money.unknown).replace("replys", "replies")} of ${replies} without a price` : `for ${replies} ${replies === 1 ? "reply" : "replies"}`),
  );
  const odd = Object.entries(money.origins).filter(([origin]) => !["live", "batch"].includes(origin));
  byId("origin").hidden = !odd.length;
  const origins = { handwritten: "written by hand, not by a model", altered: "altered after they were received" };
  replaceContent(byId("origin"), odd.map(([origin, number]) => `${number} of ${replies} replies are ${origins[origin] || origin}. `));
}

function drawFacets() {
  const { rows } = report;
  const countBy = (of) => {
    const numbers = new Map();
    for (const row of rows) numbers.set(of(row), (numbers.get(of(row)) || 0) + 1);
    return numbers;
  };
  const statuses = countBy((row) => row.status);
  const languages = [...countBy((row) => row.language || "und")].sort((a, b) => b[1] - a[1] || (languageName(a[0]) < languageName(b[0]) ? -1 : 1));
  const having = (name) => rows.filter((row) => row[name] > 0).length;
  const clean = rows.filter((row) => !(row.errors + row.warnings + row.notes)).length;
  const verdicts = new Map(["undecided", ...Object.keys(VERDICTS)].map((verdict) => [verdict, null]));
  const box = byId("facets");
  const open = box.firstChild ? box.firstChild.open : innerWidth > 800;
  replaceContent(box, make(
    "details", { open },
    make("summary", {}, "Filters"),
    facet("status", "Status", Object.keys(STATUSES).filter((status) => statuses.has(status)).map((status) => [status, `${STATUSES[status]} ${status}`, statuses.get(status)])),
    facet("finding", "Findings", [["error", "✗ with errors", having("errors")], ["warning", "! with warnings", having("warnings")], ["note", "• with notes", having("notes")], ["none", "without findings", clean]].filter(([, , number]) => number)),
    facet("language", "Language", languages.map(([tag, number]) => [tag, languageName(tag), number])),
    report.facts.kind === "index" ? null : facet("decision", "Decision on claims", [...verdicts.keys()].map((verdict) => [verdict, verdict, null])),
  ));
}

function facet(name, title, values) {
  const most = Math.max(...values.map((value) => value[2] || 0));
  return make("fieldset", {}, make("legend", {}, title), values.map(([value, label, number]) => {
    const id = `${name}-${value}`;
    const line = make(
      "label", { class: "facet" },
      make("input", { type: "checkbox", id, checked: view[name].has(value), onchange: (event) => {
        if (event.target.checked) view[name].add(value);
        else view[name].delete(value);
        drawResults();
      } }),
      make("span", {}, label),
      number === null ? null : make("span", { class: "number" }, number.toLocaleString("en")),
    );
    if (number !== null) line.style.setProperty("--share", number / most);
    return line;
  }));
}

function drawCharts({ events, sizes }) {
  byId("charts").hidden = report.facts.kind === "index";
  if (report.facts.kind === "index" || view.read < 1) return;
  const choose = (name) => (value) => {
    view[name] = value;
    if (value !== null) view.tab = "claims";
    drawResults();
  };
  keepFocus(byId("events"), () => eventChart(events, view.event, choose("event")));
  keepFocus(byId("sizes"), () => sizeChart(sizes, view.size, choose("size")));
}

// A redrawn chart has new buttons; the button with the same label gets the focus.
function keepFocus(box, draw) {
  const label = box.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
  replaceContent(box, draw());
  if (!label) return;
  const start = label.split(":")[0];
  const again = [...box.querySelectorAll("button")].find((button) => button.getAttribute("aria-label").startsWith(start));
  if (again) again.focus();
}

/** Show the selections in the charts, each as a button that removes it. */
function drawChosen() {
  const chips = [];
  const chip = (label, clear) => chips.push(make("button", { type: "button", class: "chip", onclick: () => {
    clear();
    drawResults();
  } }, label, make("span", { "aria-hidden": "true" }, " ×"), make("span", { class: "unseen" }, ", remove")));
  if (view.event !== null) chip(/^\d/.test(view.event) ? dateName(view.event) : view.event, () => { view.event = null; });
  if (view.size !== null) chip([isolated(view.size.unit), `, ${DECADES[view.size.power]} and up`], () => { view.size = null; });
  byId("chosen").hidden = !chips.length;
  replaceContent(byId("chosen"), chips);
}

function drawTabs(results) {
  if (view.tab === null || (report.facts.kind === "index" && view.tab === "claims")) view.tab = results.needs.length ? "needs" : "articles";
  for (const name of TABS) {
    const tab = byId(`tab-${name}`);
    tab.setAttribute("aria-selected", String(view.tab === name));
    tab.tabIndex = view.tab === name ? 0 : -1;
    tab.hidden = name === "claims" && report.facts.kind === "index";
    replaceContent(tab.querySelector("span"), results[name].length.toLocaleString("en"));
  }
  byId("list").setAttribute("aria-labelledby", `tab-${view.tab}`);
}

function drawList(results) {
  const [noun, line] = {
    needs: ["Needs attention", needLine], articles: ["Articles", articleLine], claims: ["Claims", claimLine],
  }[view.tab];
  const entries = results[view.tab];
  const nothing = view.query || view.event || view.size ? "Nothing matches." : { needs: "Nothing needs attention.", articles: "No articles.", claims: "No claims." }[view.tab];
  const waiting = view.read < 1 && report.facts.kind !== "index" && make("p", { class: "quiet" }, `Reading claims: ${Math.round(view.read * 100)} %`);
  replaceContent(byId("list"), waiting, entries.length ? longList(entries, noun, line) : make("p", { class: "nothing" }, nothing), otherArticles(results));
  if (view.query) announce(`${count("article", results.articles.length)}, ${count("claim", results.claims.length)}`);
}

/** The articles that do not need attention, below those that do, so that a small folder fits on one page. */
function otherArticles({ needs: open, articles }) {
  const needed = new Set(open.map(({ i }) => i));
  const others = articles.filter((row) => !needed.has(row.i));
  if (view.tab !== "needs" || !others.length) return null;
  const title = open.length ? "Other articles" : "Articles";
  return [make("h2", { class: "list-title" }, title), longList(others, title, articleLine)];
}
