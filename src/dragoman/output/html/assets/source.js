/**
 * The source text, paragraph by paragraph, with its claims and findings.
 *
 * Each stretch of text with the same claims and findings is one `span`. A small number after the last words of a claim
 * is a link to the claim, so that it can be reached without a mouse. When a person clicks words, `choose` is called with
 * {claims: [numbers], findings: [numbers]}.
 */
function sourcePane(article, choose) {
  const { row, piece, body } = article;
  const units = unitsOf(body.text);
  const marks = marksOf(article, units);
  const pane = { segments: [], paragraphs: [], refs: new Map() };
  const english = new Map(body.translation || []);
  const left = new Set(body.boilerplate);
  pane.element = make("div", { class: "paragraphs" }, body.paragraphs.map((range, at) => {
    const [start, end] = range.map(units);
    const number = at + 1;
    const over = marks.filter((mark) => mark.start < end && mark.end > start);
    const source = make("p", { class: "source", ...languageAttributes(row) }, segmentsOf(pane, article, start, end, over, choose));
    pane.paragraphs.push(source);
    return make(
      "div", { class: left.has(number) ? "pair furniture" : "pair", id: `p${number}`, dir: languageAttributes(row).dir },
      make("span", { class: "paragraph-number", title: `Paragraph ${number}` }, number),
      source,
      english.has(number) && make("p", { class: "english", lang: "en", dir: "ltr" }, english.get(number), translationFindings(article, number)),
      left.has(number) && make("p", { class: "quiet", lang: "en" }, "treated as not part of the article"),
    );
  }));
  pane.element.addEventListener("click", (event) => onWordsClicked(event, pane, choose));
  return pane;
}

/** Ranges in the source, in UTF-16 units: {start, end, kind, n, last}. */
function marksOf({ piece, body }, units) {
  const marks = [];
  const mark = (kind, n, [start, end], last) => marks.push({ kind, n, start: units(start), end: units(end), last });
  piece.claims.forEach(({ evidence, quantities }, n) => {
    evidence.parts.forEach((part, at) => {
      mark("claim", n, part, at === evidence.parts.length - 1);
      figuresIn(body.text, quantities, part.map(units)).forEach(([start, end]) => marks.push({ kind: "figure", n, start, end }));
    });
    evidence.others.forEach((range) => mark("other", n, range));
  });
  piece.findings.forEach((finding, n) => {
    if (finding.start !== undefined && finding.end !== undefined) mark("finding", n, [finding.start, finding.end], true);
  });
  return marks.filter(({ start, end }) => start < end);
}

function figuresIn(text, quantities, [start, end]) {
  const ranges = [];
  for (const { quote } of quantities) {
    const at = text.slice(start, end).indexOf(quote);
    if (at >= 0) ranges.push([start + at, start + at + quote.length]);
  }
  return ranges;
}

function segmentsOf(pane, article, start, end, marks, choose) {
  const cuts = new Set([start, end]);
  for (const mark of marks) {
    cuts.add(Math.max(mark.start, start));
    cuts.add(Math.min(mark.end, end));
  }
  const edges = [...cuts].sort((a, b) => a - b);
  return edges.slice(1).map((edge, at) => {
    const active = marks.filter((mark) => mark.start <= edges[at] && mark.end >= edge);
    const ending = marks.filter((mark) => mark.last && mark.end === edge);
    return [
      segment(pane, article.body.text.slice(edges[at], edge), edges[at], active),
      // Keeps the number on the same line as the word before it.
      ending.length ? make("span", { class: "joiner", "aria-hidden": "true" }, "\u2060") : null,
      ending.filter(({ kind }) => kind === "claim").map(({ n }) => claimRef(pane, article, n, choose)),
      ending.filter(({ kind }) => kind === "finding").map(({ n }) => findingRef(pane, article, n, choose)),
    ];
  });
}

function segment(pane, words, start, active) {
  const text = document.createTextNode(words);
  const of = (kind) => active.filter((mark) => mark.kind === kind).map(({ n }) => n);
  const claims = of("claim");
  const findings = of("finding");
  const others = of("other");
  const classes = [claims.length && "words", others.length && "elsewhere", findings.length && "noticed", of("figure").length && "amount"].filter(Boolean);
  const node = make("span", { class: classes.join(" ") || null }, text);
  pane.segments.push({ node, text, start, claims, others, findings });
  return node;
}

function claimRef(pane, { row, piece }, n, choose) {
  const { id, text_en } = piece.claims[n];
  return reference(pane, n, address({ id: row.id }, id), id.replace(/^c/, ""), "", `claim ${id}`, text_en, () => choose({ claims: [n], findings: [] }));
}

function findingRef(pane, { row, piece }, n, choose) {
  const { severity, message } = piece.findings[n];
  return reference(pane, `f${n}`, address({ id: row.id }, `f${n}`), SEVERITIES[severity], ` ${severity}`, `${severity}: ${message}`, message, () => choose({ claims: [], findings: [n] }));
}

// A link, not a button, because a line break may separate a button from the word before it.
function reference(pane, key, href, sign, tone, label, title, act) {
  const link = make("a", {
    href, class: `ref${tone}`, "aria-label": label, title: title.slice(0, 300),
    onclick: (event) => {
      event.preventDefault();
      event.stopPropagation();
      act();
    },
  }, sign);
  pane.refs.set(key, link);
  return link;
}

function onWordsClicked(event, pane, choose) {
  // A person who selects words to copy them does not mean to click them.
  if (!getSelection().isCollapsed) return;
  const node = event.target.closest(".words, .elsewhere, .noticed");
  const clicked = node && pane.segments.find((candidate) => candidate.node === node);
  if (!clicked) return;
  const claims = [...new Set([...clicked.claims, ...clicked.others])];
  choose({ claims, findings: claims.length ? [] : clicked.findings });
}

/** Highlight the words of these claims and findings, and nothing else. Returns the first highlighted node, if any. */
function highlight(pane, claims, findings) {
  clearNameHighlights();
  let first;
  for (const segment of pane.segments) {
    const lit = segment.claims.some((n) => claims.includes(n));
    const near = segment.findings.some((n) => findings.includes(n));
    segment.node.classList.toggle("lit", lit);
    segment.node.classList.toggle("near", !lit && near);
    segment.node.classList.toggle("again", segment.others.some((n) => claims.includes(n)));
    if (!first && (lit || near)) first = segment.node;
  }
  for (const [key, ref] of pane.refs) {
    ref.classList.toggle("lit", claims.includes(key) || findings.some((n) => `f${n}` === key));
  }
  return first;
}

function clearNameHighlights() {
  if (globalThis.CSS && CSS.highlights) CSS.highlights.delete("name");
}

/** Highlight every place of a name, letter for letter. Returns the number of places; null if the browser cannot do it. */
function highlightName(pane, text, name) {
  if (!globalThis.Highlight || !CSS.highlights) return null;
  highlight(pane, [], []);
  const ranges = [];
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + name.length)) {
    const [from, to] = [placeIn(pane, at), placeIn(pane, at + name.length)];
    if (!from || !to) continue;
    const range = new Range();
    range.setStart(...from);
    range.setEnd(...to);
    ranges.push(range);
  }
  CSS.highlights.set("name", new Highlight(...ranges));
  if (ranges.length) show(ranges[0].startContainer.parentElement);
  return ranges.length;
}

function placeIn(pane, at) {
  const segment = pane.segments.find(({ start, text }) => start <= at && at <= start + text.length);
  return segment && [segment.text, at - segment.start];
}

/** Scroll to an element; without animation for people who prefer reduced motion. */
function show(element) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  element.scrollIntoView({ block: "center", inline: "nearest", behavior: still ? "instant" : "smooth" });
}
