const FIRST_SHOWN = 60;
const MORE_SHOWN = 300;

/** A list that shows its first entries and a button for more. `line` makes the line of an entry. */
function longList(entries, label, line) {
  const list = make("ol", { class: "lines", "aria-label": label });
  const more = make("button", { type: "button", class: "more" });
  let shown = 0;
  const show = (number) => {
    add(list, entries.slice(shown, shown + number).map((entry) => make("li", {}, line(entry))));
    shown = Math.min(shown + number, entries.length);
    more.hidden = shown === entries.length;
    more.textContent = `Show ${Math.min(MORE_SHOWN, entries.length - shown)} more of ${(entries.length - shown).toLocaleString("en")}`;
  };
  more.addEventListener("click", () => {
    const next = shown;
    show(MORE_SHOWN);
    list.children[next].querySelector("a").focus();
  });
  show(FIRST_SHOWN);
  return [list, more];
}

/** Short facts on one line, separated by dots. */
function facts(...parts) {
  const shown = parts.filter(Boolean);
  return make("span", { class: "facts" }, shown.map((part) => make("span", {}, part)));
}

function languageLabel(row) {
  return row.language && make("span", { class: "tongue" }, languageName(row.language));
}

function articleLine(row) {
  const done = decisionsOn(row.i, "claim").size;
  return make(
    "a", { href: address(row), class: "line" },
    make("span", { class: "signs" }, statusBadge(row.status), row.errors ? severityBadge("error", row.errors) : null, row.warnings ? severityBadge("warning", row.warnings) : null, languageLabel(row)),
    make("span", { class: "headline" }, row.title ? row.title : isolated(row.name)),
    row.reason && make("span", { class: "why" }, row.reason),
    facts(
      row.title && isolated(row.name), row.publisher && isolated(row.publisher),
      row.published && dateName(row.published), row.claims ? count("claim", row.claims) : null,
      row.notes ? count("note", row.notes) : null, row.cost_usd && dollars(row.cost_usd),
      done ? `${done} of ${row.claims} decided` : null,
    ),
  );
}

function claimLine({ i, c }) {
  const row = report.rows[i];
  const claim = report.pieces[i].claims[c];
  const severity = index[i].severities[c];
  const on = decisionsOn(i, "claim").get(c);
  return make(
    "a", { href: address(row, claim.id), class: "line" },
    make("span", { class: "signs" }, claim.evidence.match === "absent" ? badge("not in source", "error", "✗") : severity && severityBadge(severity), on && verdictBadge(on.decision), languageLabel(row)),
    make("span", { class: "statement" }, on && on.decision.verdict === "edited" ? on.decision.text : claim.text_en),
    facts(
      claim.event_date && dateName(claim.event_date), claim.speaker_en && ["said by ", isolated(claim.speaker_en)],
      claim.kind !== "fact" && claim.kind, !["asserted", "reported"].includes(claim.modality) && claim.modality,
      claim.quantities.slice(0, 3).filter((q) => q.value).map((q, n) => [n ? ", " : null, grouped(q.value), q.unit && [q.unit === "%" ? null : " ", isolated(q.unit)]]),
      isolated(row.title || row.name),
    ),
  );
}

function needLine({ i, f, c, on }) {
  const row = report.rows[i];
  if (f === undefined) return articleLine(row);
  const finding = report.pieces[i].findings[f];
  const claim = c === undefined ? null : report.pieces[i].claims[c];
  return make(
    "a", { href: address(row, `f${f}`), class: "line" },
    make("span", { class: "signs" }, severityBadge(finding.severity), on && verdictBadge(on.decision), languageLabel(row)),
    make("span", { class: "headline" }, finding.message),
    claim && make("span", { class: "statement" }, claim.text_en),
    facts(claim && claim.id, finding.paragraph && `paragraph ${finding.paragraph}`, isolated(row.title || row.name), row.title && isolated(row.name)),
  );
}
