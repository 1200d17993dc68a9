const VERBS = { accepted: "Accept", edited: "Edit", rejected: "Reject" };

/**
 * Buttons to accept, edit or reject a claim or a finding, with a note. `about` is {i, kind, n, name, english};
 * `english` is the text that is edited. `changed` is called after every decision.
 */
function decisionBar(about, changed) {
  const { i, kind, n, name } = about;
  if (!report.rows[i].sha256) return null;
  const on = decided(i, kind).get(n);
  const verdict = on ? on.decision.verdict : null;
  const bar = make("div", { class: "decide", role: "group", "aria-label": `Decision on ${name}` });
  const press = (chosen) => () => {
    if (chosen === "edited") return edit(bar, about, on, changed);
    const again = verdict === chosen && !on.changed;
    decide(i, kind, n, again ? null : chosen, null, on ? on.decision.note : "");
    tell(`${name} ${again ? "is open again" : chosen}`);
    return changed(`[data-verdict="${chosen}"]`);
  };
  add(bar, Object.entries(VERBS).map(([chosen, verb]) => make("button", {
    type: "button", class: "verdict", "data-verdict": chosen, "aria-pressed": String(verdict === chosen), onclick: press(chosen),
  }, make("span", { "aria-hidden": "true" }, `${VERDICTS[chosen]} `), verb, make("span", { class: "unseen" }, ` ${name}`))));
  if (on) add(bar, [noteField(about, on.decision, changed)]);
  if (on && on.changed) add(bar, [make("span", { class: "badge warning" }, "! decided on other English")]);
  return bar;
}

function noteField({ i, kind, n, name }, decision, changed) {
  return make("input", {
    class: "note-field", "aria-label": `Note on ${name}`, placeholder: "Note", value: decision.note, autocomplete: "off",
    onchange: (event) => {
      decide(i, kind, n, decision.verdict, decision.text, event.target.value.trim());
      tell(`note on ${name} kept`);
      changed(null);
    },
  });
}

function edit(bar, { i, kind, n, name, english }, on, changed) {
  const now = on && on.decision.text ? on.decision.text : english;
  const text = make("textarea", { rows: "4", lang: "en", "aria-label": `English of ${name}` });
  text.value = now;
  const before = on ? on.decision : null;
  const note = before ? before.note : "";
  // What is written is kept as it is written: whoever leaves the article, or the page, takes nothing away.
  text.addEventListener("input", () => {
    const said = text.value.trim();
    if (said && said !== english.trim()) decide(i, kind, n, "edited", said, note);
  });
  const keep = () => {
    const said = text.value.trim();
    if (!said || said === english.trim()) {
      tell("nothing was changed");
      return leave();
    }
    decide(i, kind, n, "edited", said, note);
    tell(`${name} edited`);
    return changed('[data-verdict="edited"]');
  };
  const leave = () => {
    if (before) decide(i, kind, n, before.verdict, before.text, note);
    else decide(i, kind, n, null, null, "");
    return changed('[data-verdict="edited"]');
  };
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) keep();
    else if (event.key === "Escape") leave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  refill(
    bar, text,
    make("button", { type: "button", class: "primary", onclick: keep }, "Keep edit"),
    make("button", { type: "button", onclick: leave }, "Cancel"),
    make("span", { class: "quiet" }, "Ctrl+Enter keeps, Esc leaves"),
  );
  text.focus();
}
