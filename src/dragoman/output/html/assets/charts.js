const BEFORE = "before";
const NO_YEAR = "no year";

/**
 * Count claims by the date of their event: {bins: [{key, name, number}], keyOf(date) → key}. By month if all dates are
 * within three years, otherwise by year. Years more than 39 before the last one share a bin, and so do dates without a
 * year.
 */
function eventBins(dates) {
  const years = dates.filter((date) => !date.startsWith("-")).map((date) => Number(date.slice(0, 4)));
  years.sort((a, b) => a - b);
  const last = years.at(-1);
  const months = last - years[0] < 3 && dates.some((date) => /^\d{4}-\d\d/.test(date));
  // The last year is often in the future, a plan, so early years are joined: more than forty bins would be too narrow.
  const first = Math.max(years[0], last - 39);
  const keyOf = (date) => {
    if (date.startsWith("-")) return NO_YEAR;
    if (Number(date.slice(0, 4)) < first) return BEFORE;
    return months ? date.slice(0, 7) : date.slice(0, 4);
  };
  const numbers = new Map();
  for (const date of dates) numbers.set(keyOf(date), (numbers.get(keyOf(date)) || 0) + 1);
  const keys = years.length ? axis(months, first, last, numbers) : [];
  if (numbers.has(BEFORE)) keys.unshift(BEFORE);
  if (numbers.has(NO_YEAR)) keys.push(NO_YEAR);
  return { keyOf, bins: keys.map((key) => ({ key, name: binName(key, first), number: numbers.get(key) || 0 })) };
}

function axis(months, first, last, numbers) {
  const keys = [];
  for (let year = first; year <= last; year += 1) {
    // Among months, a date with only a year comes before January of that year.
    if (!months || numbers.has(String(year))) keys.push(String(year));
    for (let month = 1; months && month <= 12; month += 1) keys.push(`${year}-${String(month).padStart(2, "0")}`);
  }
  const used = keys.map((key) => numbers.has(key));
  return keys.slice(used.indexOf(true), used.lastIndexOf(true) + 1);
}

function binName(key, first) {
  if (key === BEFORE) return `before ${first}`;
  return key === NO_YEAR ? NO_YEAR : dateName(key);
}

/** Draw the bars. A click on a bar selects its claims; `chosen` is the key of the selected bar, or null. */
function eventChart({ bins }, chosen, choose) {
  if (!bins.length) return make("p", { class: "quiet" }, "No claim has a date.");
  const most = Math.max(...bins.map((bin) => bin.number));
  const every = Math.ceil(bins.length / 12);
  return make("ol", { class: "bars" }, bins.map((bin, n) => {
    const name = `${bin.name}: ${count("claim", bin.number)}`;
    const bar = make("button", {
      type: "button", title: name, "aria-label": name, "aria-pressed": String(bin.key === chosen),
      disabled: bin.number === 0, onclick: () => choose(bin.key === chosen ? null : bin.key),
    }, make("span", { class: "number" }, bin.number && bins.length <= 16 ? bin.number : ""), make("span", { class: "bar-fill" }));
    bar.style.setProperty("--height", bin.number / most);
    const apartFromAxis = bin.key === NO_YEAR || bin.key === BEFORE;
    const labelled = n % every === 0 || apartFromAxis;
    const short = /^\d{4}-\d\d$/.test(bin.key) ? MONTHS[bin.key.slice(5) - 1].slice(0, 3) + (bin.key.endsWith("-01") || n === 0 ? ` ’${bin.key.slice(2, 4)}` : "") : bin.key === BEFORE ? "earlier" : bin.key;
    return make("li", { class: apartFromAxis ? "off-axis" : null }, bar, make("span", { class: "tick", "aria-hidden": "true" }, labelled ? short : ""));
  }));
}

const DECADES = {
  "-1": "<\u202f1", 0: "1", 1: "10", 2: "100",
  3: "1\u202fk", 4: "10\u202fk", 5: "100\u202fk", 6: "1\u202fM", 7: "10\u202fM", 8: "100\u202fM",
  9: "1\u202fbn", 10: "10\u202fbn", 11: "100\u202fbn", 12: "1\u202ftn", 13: "10\u202ftn", 14: "100\u202ftn", 15: "1000\u202ftn",
};
const UNITS_SHOWN = 6;
const OTHER = "other units";
const NO_UNIT = "no unit";

/**
 * Count figures by unit and power of ten: {rows: [{unit, cells: Map(power → number)}], decades, unitOf}. The most
 * frequent units have their own rows.
 */
function sizeTable(quantities) {
  const total = new Map();
  for (const { unit = NO_UNIT } of quantities) total.set(unit, (total.get(unit) || 0) + 1);
  const most = [...total].filter(([unit]) => unit !== NO_UNIT).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const named = new Set(most.slice(0, UNITS_SHOWN).map(([unit]) => unit).concat(NO_UNIT));
  const unitOf = ({ unit = NO_UNIT }) => (named.has(unit) ? unit : OTHER);
  const cells = new Map([...named, OTHER].map((unit) => [unit, new Map()]));
  for (const quantity of quantities) {
    const { power } = quantity;
    if (power === null) continue;
    const row = cells.get(unitOf(quantity));
    row.set(power, (row.get(power) || 0) + 1);
  }
  const order = [...most.slice(0, UNITS_SHOWN).map(([unit]) => unit), OTHER, NO_UNIT];
  const rows = order.map((unit) => ({ unit, cells: cells.get(unit) })).filter((row) => row.cells.size);
  const powers = rows.flatMap((row) => [...row.cells.keys()]);
  const lowest = Math.min(...powers);
  const decades = powers.length ? Array.from({ length: Math.max(...powers) - lowest + 1 }, (_, n) => lowest + n) : [];
  return { rows, decades, unitOf };
}

/** Draw the table. A click on a number selects those claims; `chosen` is {unit, power} or null. */
function sizeChart({ rows, decades }, chosen, choose) {
  if (!rows.length) return make("p", { class: "quiet" }, "No claim has a figure.");
  const most = Math.max(...rows.flatMap((row) => [...row.cells.values()]));
  const cell = (row, power) => {
    const number = row.cells.get(power);
    if (!number) return make("td", {});
    const pressed = Boolean(chosen) && chosen.unit === row.unit && chosen.power === power;
    const button = make("button", {
      type: "button", "aria-pressed": String(pressed), "aria-label": `${row.unit}, ${DECADES[power]} and up: ${count("figure", number)}`,
      onclick: () => choose(pressed ? null : { unit: row.unit, power }),
    }, number.toLocaleString("en"));
    button.style.setProperty("--share", `${Math.round(15 + 60 * Math.sqrt(number / most))}%`);
    return make("td", {}, button);
  };
  return make(
    "table", { class: "sizes" },
    make("caption", { class: "unseen" }, "Figures in claims: units in rows, powers of ten in columns"),
    make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "unit"), decades.map((power) => make("th", { scope: "col" }, DECADES[power])))),
    make("tbody", {}, rows.map((row) => make("tr", {}, make("th", { scope: "row" }, isolated(row.unit)), decades.map((power) => cell(row, power))))),
  );
}
