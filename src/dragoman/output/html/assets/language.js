const NAMES = new Intl.DisplayNames(["en"], { type: "language", fallback: "none" });
const RIGHT_TO_LEFT = new Set(["Arab", "Aran", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm", "Rohg", "Mand", "Samr"]);

/** "Simplified Chinese" for zh-Hans; the tag itself for one that has no name. */
function languageName(tag) {
  if (!tag || tag === "und") return "unknown language";
  try {
    return NAMES.of(tag) || tag;
  } catch {
    return tag; // not a well-formed tag
  }
}

/** Attributes that set a text in an article's language: lang, and dir by its script. */
function voice(row) {
  const known = row.language && row.language !== "und";
  // Without a language the script still chooses the letters' font.
  const lang = known ? row.language : row.script ? `und-${row.script}` : null;
  const dir = RIGHT_TO_LEFT.has(row.script) ? "rtl" : row.script && row.script !== "Zyyy" ? "ltr" : "auto";
  return { lang, dir };
}

/** Words of an article, apart from the direction of what is around them. */
function foreign(row, text) {
  return make("bdi", { lang: voice(row).lang, dir: "auto" }, text);
}

/** Words whose language is not known, such as a file name. */
function apart(text) {
  return make("bdi", { dir: "auto" }, text);
}

const MONTHS = [
  "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
];

/** "8 November 2026" of 2026-11-08, "November 2026", "2026"; "8 November (no year)" of --11-08. */
function dateName(date) {
  const found = /^(?:(\d{4})(?:-(\d\d))?(?:-(\d\d))?|--(\d\d)(?:-(\d\d))?)$/.exec(date);
  if (!found) return date;
  const [, year, month = found[4], day = found[5]] = found;
  const named = [day && Number(day), month && MONTHS[month - 1], year].filter(Boolean).join(" ");
  return year ? named : `${named} (no year)`;
}
