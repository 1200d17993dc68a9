const SCALES = [[12, "trillion"], [9, "billion"], [6, "million"], [3, "thousand"]];

/** A decimal string with commas between thousands: 4000000 gives 4,000,000; 2026 stays, as it may be a year. */
function grouped(value) {
  const [, sign, whole, fraction = ""] = /^(-?)(\d+)(\.\d+)?$/.exec(value) || [];
  if (whole === undefined || whole.length > 40 || (whole.length === 4 && !fraction)) return value;
  return sign + whole.replace(/\B(?=(\d{3})+$)/g, ",") + fraction;
}

/** "3.2 billion" for 3200000000; null below a hundred thousand, or if four digits are not exact. */
function inWords(value) {
  const size = Math.abs(Number(value));
  if (!(size >= 1e5) || size >= 1e15) return null;
  const [power, name] = SCALES.find(([p]) => size >= 10 ** p);
  const shown = Number((size / 10 ** power).toPrecision(4));
  return shown * 10 ** power === size ? `${Number(value) < 0 ? "-" : ""}${shown} ${name}` : null;
}

/** The power of ten of a decimal string: 4 for 45000, -1 for everything below 1, null without a value. */
function decade(value) {
  const size = Math.abs(Number(value));
  if (value === undefined || value === null || Number.isNaN(size)) return null;
  if (size < 1) return -1;
  const digits = /^-?0*(\d+)/.exec(value)[1].length;
  return Math.min(digits - 1, 15);
}

const BOUNDS = { about: "about ", at_least: "at least ", more_than: "more than ", at_most: "at most ", less_than: "less than " };

/** Whether both ends of a range are printed, and the value of the model does not contradict them. */
function isRange({ value, low, high }) {
  if (low === undefined || high === undefined) return false;
  return value === undefined || (Number(low) <= Number(value) && Number(value) <= Number(high));
}

/**
 * A figure as the model read it, with the bound that the source prints: "more than 1,800,000 people", followed by
 * "1.8 million". A figure that only the model calls approximate is marked so.
 */
function figureLine(row, quantity) {
  const { value, unit, approximate, bound } = quantity;
  const range = isRange(quantity);
  const amount = range ? `${grouped(quantity.low)} to ${grouped(quantity.high)}` : value === undefined ? "vague" : grouped(value);
  const words = range || value === undefined ? null : inWords(value);
  return make(
    "li", {},
    sourceWords(row, quantity.quote),
    make("span", { class: "equals" }, " = "),
    make("b", {}, BOUNDS[bound] || null, amount, unit ? [unit === "%" ? null : " ", isolated(unit)] : null),
    approximate && !BOUNDS[bound] && make("span", { class: "quiet" }, " approximate"),
    words && make("span", { class: "quiet" }, ` ${words}`),
    !unit && make("span", { class: "quiet" }, " no unit stated"),
  );
}

/** A decimal of US dollars as "$0.0042". */
function dollars(usd) {
  const amount = Number(usd);
  return `$${amount.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: amount < 1 ? 4 : 2 })}`;
}
