const NAMES = new Intl.DisplayNames(["en"], { type: "language", fallback: "none" });
const RIGHT_TO_LEFT = new Set(["Arab", "Aran", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm", "Rohg", "Mand", "Samr"]);

/** "Simplified Chinese" for zh-Hans; a tag without a name is returned unchanged. */
function languageName(tag) {
  if (!tag || tag === "und") return "unknown language";
  try {
    return NAMES.of(tag) || tag;
  } catch {
    return tag; // not a well-formed tag
  }
}

/** Attributes for text in an article's language: lang, and dir by its script. */
function languageAttributes(row) {
  const isKnown = row.language && row.language !== "und";
  // Without a language, the script still selects the font.
  const lang = isKnown ? row.language : row.script ? `und-${row.script}` : null;
  const dir = RIGHT_TO_LEFT.has(row.script) ? "rtl" : row.script && row.script !== "Zyyy" ? "ltr" : "auto";
  return { lang, dir };
}

/** Words of an article, isolated from the direction of the text around them. */
function sourceWords(row, text) {
  return make("bdi", { lang: languageAttributes(row).lang, dir: "auto" }, text);
}

/** Words in an unknown language, such as a file name, isolated in the same way. */
function isolated(text) {
  return make("bdi", { dir: "auto" }, text);
}

const MONTHS = [
  "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
];

/** A partial date in words: "8 November 2026" for 2026-11-08, "November 2026", "8 November (no year)" for --11-08. */
function dateName(date) {
  const match = /^(?:(\d{4})(?:-(\d\d))?(?:-(\d\d))?|--(\d\d)(?:-(\d\d))?)$/.exec(date);
  if (!match) return date;
  const [, year, month = match[4], day = match[5]] = match;
  const named = [day && Number(day), month && MONTHS[month - 1], year].filter(Boolean).join(" ");
  return year ? named : `${named} (no year)`;
}
