const VERBS = { accepted: "Accept", edited: "Edit", rejected: "Reject" };

/**
 * Buttons to accept, edit or reject a claim or a finding, and a note. `about` is {i, kind, n, name, english}, where
 * `english` is the text to edit. `changed` is called after every decision.
 */
function decisionBar(about, changed) {
  const { i, kind, n, name } = about;
  if (!report.rows[i].sha256) return null;
  const on = decisionsOn(i, kind).get(n);
  const verdict = on ? on.decision.verdict : null;
  const bar = make("div", { class: "decide", role: "group", "aria-label": `Decision on ${name}` });
  const press = (chosen) => () => {
    if (chosen === "edited") return edit(bar, about, on, changed);
    const again = verdict === chosen && !on.changed;
    decide(i, kind, n, again ? null : chosen, null, on ? on.decision.note : "");
    announce(`${name} ${again ? "is open again" : chosen}`);
    return changed(`[data-verdict="${chosen}"]`);
  };
  add(bar, Object.entries(VERBS).map(([chosen, verb]) => make("button", {
    type: "button", class: "verdict", "data-verdict": chosen, "aria-pressed": String(verdict === chosen), onclick: press(chosen),
  }, make("span", { "aria-hidden": "true" }, `${VERDICTS[chosen]} `), verb, make("span", { class: "unseen" }, ` ${name}`))));
  if (on) add(bar, [noteField(about, on.decision, changed)]);
  if (on && on.changed) add(bar, [make("span", { class: "badge warning" }, "! the English has changed since the decision")]);
  return bar;
}

function noteField({ i, kind, n, name }, decision, changed) {
  return make("input", {
    class: "note-field", "aria-label": `Note on ${name}`, placeholder: "Note", value: decision.note, autocomplete: "off",
    onchange: (event) => {
      decide(i, kind, n, decision.verdict, decision.text, event.target.value.trim());
      announce(`note on ${name} stored`);
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
  // The text is stored with every keystroke, so that leaving the article or the page loses nothing.
  text.addEventListener("input", () => {
    const edited = text.value.trim();
    if (edited && edited !== english.trim()) decide(i, kind, n, "edited", edited, note);
  });
  const keep = () => {
    const edited = text.value.trim();
    if (!edited || edited === english.trim()) {
      announce("nothing was changed");
      return leave();
    }
    decide(i, kind, n, "edited", edited, note);
    announce(`${name} edited`);
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
  replaceContent(
    bar, text,
    make("button", { type: "button", class: "primary", onclick: keep }, "Keep edit"),
    make("button", { type: "button", onclick: leave }, "Cancel"),
    make("span", { class: "quiet" }, "Ctrl+Enter keeps the edit, Esc cancels it"),
  );
  text.focus();
}
