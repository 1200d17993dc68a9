const SETTINGS = "dragoman.report";

/** Show what the address says: an article, or the overview. */
async function route() {
  const [, id, place] = /^#\/a\/([^/]+)(?:\/([cf]\d+))?$/.exec(location.hash) || [];
  byId("page-message").hidden = true;
  try {
    if (id) await openArticle(decodeURIComponent(id), place);
    else showOverview();
  } catch (error) {
    showOverview();
    showMessage(error.message);
  }
}

/** The line of the list that was opened last, and where the page was scrolled to. */
let lastOpened = null;

function showOverview() {
  const from = openedArticle;
  openedArticle = null;
  byId("article").hidden = true;
  byId("article").replaceChildren();
  document.body.classList.remove("reading");
  byId("overview").hidden = false;
  document.title = `Dragoman report: ${count("article", report.rows.length)}`;
  drawOverview();
  if (!from) return;
  scrollTo(0, lastOpened ? lastOpened.scroll : 0);
  const lines = [...byId("list").querySelectorAll("a.line")];
  const line = lines.find((candidate) => lastOpened && candidate.getAttribute("href") === lastOpened.href);
  if (line && document.activeElement !== byId("query")) line.focus({ preventScroll: true });
}

function showMessage(message) {
  byId("page-message").textContent = message;
  byId("page-message").hidden = false;
}

function chooseTab(name) {
  view.tab = name;
  drawResults();
}

function setQuery(query) {
  byId("query").value = query;
  view.query = query;
  if (openedArticle) location.hash = "#/";
  else drawResults();
}

/** Show the number of decisions, and whether they are saved. */
function drawDecisionCount() {
  const number = allDecisions().length;
  replaceContent(byId("decision-count"), number ? count("decision", number) : null, decisions.unsaved && " · not saved to a file", !decisions.stored && " · not stored by this browser, so save the file");
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
      if (error.name === "AbortError") return undefined; // the person cancelled
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
  drawDecisionCount();
  announce("decisions saved; put the file beside the report as decisions.json");
}

async function loadDecisions(event) {
  const [file] = event.target.files;
  event.target.value = "";
  if (!file) return;
  try {
    showMessage(readDecisionsFile(await file.text()));
  } catch (error) {
    showMessage(error.message);
  }
  redrawAll();
}

function redrawAll() {
  drawDecisionCount();
  if (openedArticle) {
    drawArticle(openedArticle);
    chooseWords(openedArticle, openedArticle.chosen);
  } else drawOverview();
}

function restoreSettings() {
  let settings = {};
  try {
    settings = JSON.parse(localStorage.getItem(SETTINGS)) || {};
  } catch {
    // without storage, the defaults are used
  }
  setTheme(["light", "dark"].includes(settings.theme) ? settings.theme : "auto");
  byId("single-keys").checked = settings.letters !== false;
}

function storeSettings() {
  try {
    localStorage.setItem(SETTINGS, JSON.stringify({ theme: byId("theme").value, letters: byId("single-keys").checked }));
  } catch {
    // without storage, the setting lasts until the page is closed
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
    if (line) lastOpened = { href: line.getAttribute("href"), scroll: scrollY };
  });
  byId("theme").addEventListener("change", () => {
    setTheme(byId("theme").value);
    storeSettings();
  });
  byId("single-keys").addEventListener("change", storeSettings);
  byId("keys").addEventListener("click", () => byId("help").showModal());
  byId("save").addEventListener("click", saveDecisions);
  byId("load").addEventListener("click", () => byId("file").click());
  byId("file").addEventListener("change", loadDecisions);
  addEventListener("beforeunload", (event) => {
    if (decisions.unsaved && !decisions.stored) event.preventDefault();
  });
  // Another window with a report of this folder has changed the decisions.
  addEventListener("storage", (event) => {
    if (!event.key || !event.key.startsWith(STORAGE_PREFIX)) return;
    restoreDecisions();
    redrawAll();
  });
}

const waitingForPieces = [];

/** Resolves when more claims have been read. */
function nextPiece() {
  return new Promise((resolve) => {
    waitingForPieces.push(resolve);
  });
}

async function start() {
  restoreSettings();
  if (!globalThis.DecompressionStream) throw new Error("This browser is too old for the report, which needs a browser from 2024 or later.");
  await readOverview();
  report.rows.forEach(indexRow);
  restoreDecisions();
  listen();
  drawDecisionCount();
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
  for (const resolve of waitingForPieces.splice(0)) resolve();
  if (view.read === 1 && !openedArticle) drawOverview();
}

start().catch((error) => showMessage(error.message));
