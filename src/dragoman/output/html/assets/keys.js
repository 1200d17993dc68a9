// Keys. Letters may be turned off, for those whose voice or pen types letters.
const TYPED_IN = "input:not([type=checkbox]), textarea, select";

function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || byId("help").open) return;
  if (event.key === "Escape") return onEscape(event);
  if (event.target.closest(TYPED_IN)) {
    if (event.target.id === "query" && ["Enter", "ArrowDown"].includes(event.key)) return done(event, () => stepInList(1));
    return undefined;
  }
  if (event.target.closest('[role="tab"]') && ["ArrowLeft", "ArrowRight"].includes(event.key)) {
    return done(event, () => stepTab(event.key === "ArrowRight" ? 1 : -1));
  }
  const arrow = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  // In the source, arrows scroll, as they do in any text.
  if (arrow && !event.target.closest("#source, dialog")) return done(event, () => step(arrow));
  const letter = letters()[event.key];
  return letter && byId("single-keys").checked ? done(event, letter) : undefined;
}

function done(event, act) {
  event.preventDefault();
  act();
}

function letters() {
  const everywhere = { j: () => step(1), k: () => step(-1), "/": goToSearch, "?": () => byId("help").showModal() };
  if (!reading) return everywhere;
  return {
    ...everywhere,
    a: () => verdictKey("accepted"), e: () => verdictKey("edited"), r: () => verdictKey("rejected"),
    n: () => follow(".step[rel=next]"), p: () => follow(".step[rel=prev]"), t: () => byId("translation")?.click(),
  };
}

function onEscape(event) {
  if (event.target.matches(".note-field")) return done(event, () => event.target.closest(".claim, .finding").querySelector("button").focus());
  if (reading) {
    const inSource = event.target.closest("#source");
    if (inSource && reading.chosen.claims.length) {
      return done(event, () => byId(reading.piece.claims[reading.current].id).querySelector(".say").focus());
    }
    return done(event, () => { location.hash = "#/"; });
  }
  if (event.target.id === "query") return done(event, () => { event.target.value ? setQuery("") : stepInList(1); });
  return undefined;
}

function step(by) {
  if (reading) stepInClaims(by);
  else stepInList(by);
}

/** The next line of the list, or the first. */
function stepInList(by) {
  const lines = [...byId("list").querySelectorAll("a.line")];
  const at = lines.indexOf(document.activeElement);
  const next = lines[at < 0 ? 0 : at + by];
  if (next) next.focus();
}

/** The next claim; its words are lit at once. */
function stepInClaims(by) {
  const { claims } = reading.piece;
  const none = !reading.chosen.claims.length;
  const n = none ? reading.current : reading.current + by;
  if (n >= 0 && n < claims.length) enterClaim(reading, n);
}

/** A verdict on the finding in which the focus is, or on the claim in hand. */
function verdictKey(verdict) {
  const within = document.activeElement.closest(".finding");
  const claim = reading.piece.claims[reading.current];
  const box = within || (claim && reading.chosen.claims.length && byId(claim.id));
  const bar = box && [...box.querySelectorAll(`[data-verdict="${verdict}"]`)].find((button) => within || !button.closest(".finding"));
  if (bar) bar.click();
}

function follow(selector) {
  byId("article").querySelector(selector)?.click();
}

function stepTab(by) {
  const shown = TABS.filter((name) => !byId(`tab-${name}`).hidden);
  const next = shown[(shown.indexOf(view.tab) + by + shown.length) % shown.length];
  chooseTab(next);
  byId(`tab-${next}`).focus();
}

function goToSearch() {
  if (reading) location.hash = "#/";
  byId("query").focus();
  byId("query").select();
}
