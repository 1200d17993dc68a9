const view = {
  query: "",
  tab: null,
  status: new Set(),
  language: new Set(),
  finding: new Set(),
  decision: new Set(),
  /** What is chosen in the charts: the key of a bar, and {unit, power}. */
  event: null,
  size: null,
  /** How much of the claims is read, 0 to 1. */
  read: 0,
};

const TABS = ["needs", "articles", "claims"];

function drawOverview() {
  drawTally();
  drawFacets();
  drawFound();
}

/** What depends on the query and the filters. */
function drawFound() {
  const started = performance.now();
  const found = findings();
  drawCharts(found);
  drawChosen();
  drawTabs(found);
  drawList(found);
  performance.measure("dragoman-search", { start: started });
}

/** What the query and the filters leave: the three lists, and what the charts show. */
function findings() {
  const words = wordsOf(view.query);
  const hits = search(words, wantsRow, wantsClaim);
  const every = hits.flatMap(({ i, claims: numbers }) => numbers.map((c) => ({ i, c, claim: report.pieces[i].claims[c] })));
  // The charts are of all that the words and the boxes leave; what is chosen in them narrows the lists alone.
  const events = eventBins(every.map(({ claim }) => claim.event_date).filter(Boolean));
  const sizes = sizeTable(every.flatMap(({ claim }) => claim.quantities));
  const narrowed = view.event !== null || view.size !== null;
  const claims = narrowed ? every.filter(({ claim }) => isChosen(claim, events, sizes)) : every;
  const withClaims = new Set(claims.map(({ i }) => i));
  const strict = narrowed || view.decision.size > 0;
  const articles = hits.filter(({ i }) => !strict || withClaims.has(i)).map(({ i }) => report.rows[i]);
  const order = Object.keys(STATUSES);
  articles.sort((one, other) => order.indexOf(one.status) - order.indexOf(other.status) || Math.sign(other.errors - one.errors) || Math.sign(other.warnings - one.warnings) || one.i - other.i);
  return { events, sizes, claims, articles, needs: needs(articles, words) };
}

/** What needs a person: articles without an answer, then errors, then warnings; what is decided comes last. */
function needs(articles, words) {
  const found = [];
  for (const row of articles) {
    const troubled = ["failed", "refused", "truncated", "pending"].includes(row.status);
    const piece = report.pieces[row.i];
    if (troubled || (!piece && row.errors + row.warnings)) found.push({ i: row.i, rank: troubled ? 0 : row.errors ? 1 : 2 });
    if (piece) found.push(...openFindings(row, piece, words));
  }
  return found.sort((one, other) => Boolean(one.on) - Boolean(other.on) || one.rank - other.rank || one.i - other.i);
}

function openFindings(row, piece, words) {
  const open = [];
  piece.findings.forEach((finding, f) => {
    if (finding.severity === "note") return;
    const at = piece.claims.findIndex((claim) => claim.id === claimOf(finding.field));
    const c = at < 0 ? undefined : at;
    const { own, findings: said, claims } = index[row.i];
    const has = (word) => own.includes(word) || said[f].includes(word) || (c !== undefined && claims[c].includes(word));
    if (!words.every(has)) return;
    if (view.finding.size && !view.finding.has(finding.severity)) return;
    const on = [decided(row.i, "finding").get(f), decided(row.i, "claim").get(c)].find((one) => one && !one.changed);
    open.push({ i: row.i, f, c, on, rank: finding.severity === "error" ? 1 : 2 });
  });
  return open;
}

function wantsRow(row) {
  const { status, language, finding } = view;
  if (status.size && !status.has(row.status)) return false;
  if (language.size && !language.has(row.language || "und")) return false;
  if (!finding.size) return true;
  return (finding.has("error") && row.errors > 0) || (finding.has("warning") && row.warnings > 0) || (finding.has("note") && row.notes > 0) || (finding.has("none") && !(row.errors + row.warnings + row.notes));
}

function wantsClaim(i, c) {
  if (!view.decision.size) return true;
  const on = decided(i, "claim").get(c);
  return view.decision.has(on ? on.decision.verdict : "undecided");
}

function isChosen(claim, { keyOf }, { unitOf }) {
  if (view.event !== null && !(claim.event_date && keyOf(claim.event_date) === view.event)) return false;
  const { size } = view;
  return size === null || claim.quantities.some((q) => q.power === size.power && unitOf(q) === size.unit);
}

function drawTally() {
  const { rows, facts: { money } } = report;
  const sum = (name) => rows.reduce((total, row) => total + row[name], 0);
  const languages = new Set(rows.map((row) => row.language).filter(Boolean)).size;
  const replies = Object.values(money.origins).reduce((one, other) => one + other, 0);
  const figure = (number, name, more) => make("div", { class: "figure" }, make("b", {}, number.toLocaleString("en")), make("span", {}, name), more && make("small", {}, more));
  const open = rows.filter((row) => !["ok", "skipped"].includes(row.status)).length;
  refill(
    byId("tally"),
    figure(rows.length, rows.length === 1 ? "article" : "articles", `in ${count("language", languages)}`),
    figure(open, open === 1 ? "needs a person" : "need a person", rows.length ? `${rows.filter((row) => row.status === "ok").length.toLocaleString("en")} ok` : null),
    figure(sum("claims"), sum("claims") === 1 ? "claim" : "claims", `${allDecisions().filter((one) => one.kind === "claim").length} decided`),
    figure(sum("errors"), sum("errors") === 1 ? "error" : "errors", `${count("warning", sum("warnings"))}, ${count("note", sum("notes"))}`),
    figure(replies && money.unknown === replies ? "–" : dollars(money.usd), "spent", money.unknown ? `${count("reply", money.unknown).replace("replys", "replies")} of ${replies} without a price` : `for ${replies} ${replies === 1 ? "reply" : "replies"}`),
  );
  const odd = Object.entries(money.origins).filter(([origin]) => !["live", "batch"].includes(origin));
  byId("origin").hidden = !odd.length;
  const told = { handwritten: "written by hand, not by a model", altered: "altered after they came" };
  refill(byId("origin"), odd.map(([origin, number]) => `${number} of ${replies} replies are ${told[origin] || origin}. `));
}

function drawFacets() {
  const { rows } = report;
  const tally = (of) => {
    const numbers = new Map();
    for (const row of rows) numbers.set(of(row), (numbers.get(of(row)) || 0) + 1);
    return numbers;
  };
  const statuses = tally((row) => row.status);
  const languages = [...tally((row) => row.language || "und")].sort((one, other) => other[1] - one[1] || (languageName(one[0]) < languageName(other[0]) ? -1 : 1));
  const having = (name) => rows.filter((row) => row[name] > 0).length;
  const clean = rows.filter((row) => !(row.errors + row.warnings + row.notes)).length;
  const verdicts = new Map(["undecided", ...Object.keys(VERDICTS)].map((verdict) => [verdict, null]));
  const box = byId("facets");
  const open = box.firstChild ? box.firstChild.open : innerWidth > 800;
  refill(box, make(
    "details", { open },
    make("summary", {}, "Filters"),
    facet("status", "Outcome", Object.keys(STATUSES).filter((status) => statuses.has(status)).map((status) => [status, `${STATUSES[status]} ${status}`, statuses.get(status)])),
    facet("finding", "Findings", [["error", "✗ with errors", having("errors")], ["warning", "! with warnings", having("warnings")], ["note", "• with notes", having("notes")], ["none", "without any", clean]].filter((one) => one[2])),
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
        drawFound();
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
    drawFound();
  };
  keepFocus(byId("events"), () => eventChart(events, view.event, choose("event")));
  keepFocus(byId("sizes"), () => sizeChart(sizes, view.size, choose("size")));
}

// A redrawn chart has new buttons: the one with the same label gets the focus back.
function keepFocus(box, draw) {
  const label = box.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
  refill(box, draw());
  if (!label) return;
  const start = label.split(":")[0];
  const again = [...box.querySelectorAll("button")].find((button) => button.getAttribute("aria-label").startsWith(start));
  if (again) again.focus();
}

/** What narrows the list besides the boxes on its side, each with a button that takes it away. */
function drawChosen() {
  const chips = [];
  const chip = (label, clear) => chips.push(make("button", { type: "button", class: "chip", onclick: () => {
    clear();
    drawFound();
  } }, label, make("span", { "aria-hidden": "true" }, " ×"), make("span", { class: "unseen" }, ", remove")));
  if (view.event !== null) chip(/^\d/.test(view.event) ? dateName(view.event) : view.event, () => { view.event = null; });
  if (view.size !== null) chip([apart(view.size.unit), `, ${DECADES[view.size.power]} and up`], () => { view.size = null; });
  byId("chosen").hidden = !chips.length;
  refill(byId("chosen"), chips);
}

function drawTabs(found) {
  if (view.tab === null || (report.facts.kind === "index" && view.tab === "claims")) view.tab = found.needs.length ? "needs" : "articles";
  for (const name of TABS) {
    const tab = byId(`tab-${name}`);
    tab.setAttribute("aria-selected", String(view.tab === name));
    tab.tabIndex = view.tab === name ? 0 : -1;
    tab.hidden = name === "claims" && report.facts.kind === "index";
    refill(tab.querySelector("span"), found[name].length.toLocaleString("en"));
  }
  byId("list").setAttribute("aria-labelledby", `tab-${view.tab}`);
}

function drawList(found) {
  const [noun, line] = {
    needs: ["What needs a person", needLine], articles: ["Articles", articleLine], claims: ["Claims", claimLine],
  }[view.tab];
  const entries = found[view.tab];
  const nothing = view.query || view.event || view.size ? "Nothing fits." : { needs: "Nothing needs a person here.", articles: "No articles.", claims: "No claims." }[view.tab];
  const waiting = view.read < 1 && report.facts.kind !== "index" && make("p", { class: "quiet" }, `Reading claims: ${Math.round(view.read * 100)} %`);
  refill(byId("list"), waiting, entries.length ? longList(entries, noun, line) : make("p", { class: "nothing" }, nothing), rest(found));
  if (view.query) tell(`${count("article", found.articles.length)}, ${count("claim", found.claims.length)}`);
}

/** Below what needs a person, the articles that do not: one page says it all when there are few. */
function rest({ needs: open, articles }) {
  const needed = new Set(open.map(({ i }) => i));
  const others = articles.filter((row) => !needed.has(row.i));
  if (view.tab !== "needs" || !others.length) return null;
  const title = open.length ? "The other articles" : "Articles";
  return [make("h2", { class: "list-title" }, title), longList(others, title, articleLine)];
}
