// Keyboard shortcuts. Single letters can be turned off, for people whose speech or pen input types letters.
const TYPED_IN = "input:not([type=checkbox]), textarea, select";

function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || byId("help").open) return;
  if (event.key === "Escape") return onEscape(event);
  if (event.target.closest(TYPED_IN)) {
    if (event.target.id === "query" && ["Enter", "ArrowDown"].includes(event.key)) return handle(event, () => stepInList(1));
    return undefined;
  }
  if (event.target.closest('[role="tab"]') && ["ArrowLeft", "ArrowRight"].includes(event.key)) {
    return handle(event, () => stepTab(event.key === "ArrowRight" ? 1 : -1));
  }
  const arrow = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  // In the source, arrow keys scroll as usual.
  if (arrow && !event.target.closest("#source, dialog")) return handle(event, () => step(arrow));
  const letter = letters()[event.key];
  return letter && byId("single-keys").checked ? handle(event, letter) : undefined;
}

function handle(event, act) {
  event.preventDefault();
  act();
}

function letters() {
  const everywhere = { j: () => step(1), k: () => step(-1), "/": goToSearch, "?": () => byId("help").showModal() };
  if (!openedArticle) return everywhere;
  return {
    ...everywhere,
    a: () => verdictKey("accepted"), e: () => verdictKey("edited"), r: () => verdictKey("rejected"),
    n: () => follow(".step[rel=next]"), p: () => follow(".step[rel=prev]"), t: () => byId("translation")?.click(),
  };
}

function onEscape(event) {
  if (event.target.matches(".note-field")) return handle(event, () => event.target.closest(".claim, .finding").querySelector("button").focus());
  if (openedArticle) {
    const inSource = event.target.closest("#source");
    if (inSource && openedArticle.chosen.claims.length) {
      return handle(event, () => byId(openedArticle.piece.claims[openedArticle.current].id).querySelector(".say").focus());
    }
    return handle(event, () => { location.hash = "#/"; });
  }
  if (event.target.id === "query") return handle(event, () => { event.target.value ? setQuery("") : stepInList(1); });
  return undefined;
}

function step(by) {
  if (openedArticle) stepInClaims(by);
  else stepInList(by);
}

/** Move to the next or previous line of the list, or to the first. */
function stepInList(by) {
  const lines = [...byId("list").querySelectorAll("a.line")];
  const at = lines.indexOf(document.activeElement);
  const next = lines[at < 0 ? 0 : at + by];
  if (next) next.focus();
}

/** Select the next or previous claim and highlight its words. */
function stepInClaims(by) {
  const { claims } = openedArticle.piece;
  const none = !openedArticle.chosen.claims.length;
  const n = none ? openedArticle.current : openedArticle.current + by;
  if (n >= 0 && n < claims.length) enterClaim(openedArticle, n);
}

/** Decide about the finding that has the focus, or about the selected claim. */
function verdictKey(verdict) {
  const within = document.activeElement.closest(".finding");
  const claim = openedArticle.piece.claims[openedArticle.current];
  const box = within || (claim && openedArticle.chosen.claims.length && byId(claim.id));
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
  if (openedArticle) location.hash = "#/";
  byId("query").focus();
  byId("query").select();
}
