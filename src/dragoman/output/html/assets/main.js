const SETTINGS = "dragoman.report";

/** What the open page is: an article, or the overview. */
async function route() {
  const [, id, place] = /^#\/a\/([^/]+)(?:\/([cf]\d+))?$/.exec(location.hash) || [];
  byId("trouble").hidden = true;
  try {
    if (id) await openArticle(decodeURIComponent(id), place);
    else showOverview();
  } catch (error) {
    showOverview();
    complain(error.message);
  }
}

let left = null;

function showOverview() {
  const from = reading;
  reading = null;
  byId("article").hidden = true;
  byId("article").replaceChildren();
  document.body.classList.remove("reading");
  byId("overview").hidden = false;
  document.title = `Dragoman report: ${count("article", report.rows.length)}`;
  drawOverview();
  if (!from) return;
  scrollTo(0, left ? left.scroll : 0);
  const lines = [...byId("list").querySelectorAll("a.line")];
  const line = lines.find((one) => left && one.getAttribute("href") === left.href);
  if (line && document.activeElement !== byId("query")) line.focus({ preventScroll: true });
}

function complain(message) {
  byId("trouble").textContent = message;
  byId("trouble").hidden = false;
}

function chooseTab(name) {
  view.tab = name;
  drawFound();
}

function setQuery(query) {
  byId("query").value = query;
  view.query = query;
  if (reading) location.hash = "#/";
  else drawFound();
}

/** How many decisions there are, and whether the browser keeps them. */
function drawKept() {
  const number = allDecisions().length;
  refill(byId("kept"), number ? count("decision", number) : null, decisions.unsaved && " · not saved", !decisions.kept && " · not kept by this browser: save the file");
}

async function saveDecisions() {
  const text = decisionsFile();
  if (globalThis.showSaveFilePicker) {
    try {
      const file = await showSaveFilePicker({ suggestedName: "decisions.json", types: [{ accept: { "application/json": [".json"] } }] });
      const stream = await file.createWritable();
      await stream.write(text);
      await stream.close();
      return saved();
    } catch (error) {
      if (error.name === "AbortError") return undefined; // somebody thought better of it
    }
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = "decisions.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  return saved();
}

function saved() {
  decisions.unsaved = false;
  drawKept();
  tell("decisions saved: keep the file beside the report as decisions.json");
}

async function loadDecisions(event) {
  const [file] = event.target.files;
  event.target.value = "";
  if (!file) return;
  try {
    const told = takeDecisionsFile(await file.text());
    complain(told);
  } catch (error) {
    complain(error.message);
  }
  redrawAll();
}

function redrawAll() {
  drawKept();
  if (reading) {
    drawArticle(reading);
    chooseWords(reading, reading.chosen);
  } else drawOverview();
}

function recallSettings() {
  let kept = {};
  try {
    kept = JSON.parse(localStorage.getItem(SETTINGS)) || {};
  } catch {
    // no storage, no settings
  }
  setTheme(["light", "dark"].includes(kept.theme) ? kept.theme : "auto");
  byId("single-keys").checked = kept.letters !== false;
}

function keepSettings() {
  try {
    localStorage.setItem(SETTINGS, JSON.stringify({ theme: byId("theme").value, letters: byId("single-keys").checked }));
  } catch {
    // for this time only, then
  }
}

function setTheme(theme) {
  byId("theme").value = theme;
  document.documentElement.dataset.theme = theme;
}

function listen() {
  addEventListener("hashchange", route);
  addEventListener("keydown", onKey);
  byId("query").addEventListener("input", (event) => setQuery(event.target.value));
  for (const name of TABS) byId(`tab-${name}`).addEventListener("click", () => chooseTab(name));
  byId("list").addEventListener("click", (event) => {
    const line = event.target.closest("a.line");
    if (line) left = { href: line.getAttribute("href"), scroll: scrollY };
  });
  byId("theme").addEventListener("change", () => {
    setTheme(byId("theme").value);
    keepSettings();
  });
  byId("single-keys").addEventListener("change", keepSettings);
  byId("keys").addEventListener("click", () => byId("help").showModal());
  byId("save").addEventListener("click", saveDecisions);
  byId("load").addEventListener("click", () => byId("file").click());
  byId("file").addEventListener("change", loadDecisions);
  addEventListener("beforeunload", (event) => {
    if (decisions.unsaved && !decisions.kept) event.preventDefault();
  });
  // Another window with a report of this folder.
  addEventListener("storage", (event) => {
    if (!event.key || !event.key.startsWith(KEPT)) return;
    recallDecisions();
    redrawAll();
  });
}

const waiting = [];

/** Resolves when more claims have been read. */
function nextPiece() {
  return new Promise((resolve) => {
    waiting.push(resolve);
  });
}

async function start() {
  recallSettings();
  if (!globalThis.DecompressionStream) throw new Error("This browser is too old for the report: it needs one of 2024 or later.");
  await readOverview();
  report.rows.forEach(indexRow);
  recallDecisions();
  listen();
  drawKept();
  if (report.facts.kind === "part") {
    byId("home").setAttribute("href", ownAddress("report.html#/"));
    add(byId("home"), [" · all parts"]);
  }
  if (report.facts.kind === "index" || !report.rows.length) view.read = 1;
  const first = route();
  performance.mark("dragoman-shown");
  if (report.facts.kind !== "index") await readClaims(readMore);
  await first;
  document.documentElement.dataset.read = "all";
  performance.mark("dragoman-ready");
}

function readMore() {
  view.read = report.pieces.filter(Boolean).length / report.rows.length;
  for (const go of waiting.splice(0)) go();
  if (view.read === 1 && !reading) drawOverview();
}

start().catch((error) => complain(error.message));
