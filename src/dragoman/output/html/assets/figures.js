const SCALES = [[12, "trillion"], [9, "billion"], [6, "million"], [3, "thousand"]];

/** A plain decimal string with thousands apart: 4000000 is 4,000,000; 2026 stays as it is. */
function grouped(value) {
  const [, sign, whole, fraction = ""] = /^(-?)(\d+)(\.\d+)?$/.exec(value) || [];
  if (whole === undefined || whole.length > 40 || (whole.length === 4 && !fraction)) return value;
  return sign + whole.replace(/\B(?=(\d{3})+$)/g, ",") + fraction;
}

/** "3.2 billion" of 3200000000; null below a hundred thousand and where it would not be exact to four digits. */
function spoken(value) {
  const size = Math.abs(Number(value));
  if (!(size >= 1e5) || size >= 1e15) return null;
  const [power, name] = SCALES.find(([p]) => size >= 10 ** p);
  const shown = Number((size / 10 ** power).toPrecision(4));
  return shown * 10 ** power === size ? `${Number(value) < 0 ? "-" : ""}${shown} ${name}` : null;
}

/** The power of ten of a plain decimal string: 4 of 45000; -1 of all below 1; null without a value. */
function decade(value) {
  const size = Math.abs(Number(value));
  if (value === undefined || value === null || Number.isNaN(size)) return null;
  if (size < 1) return -1;
  const digits = /^-?0*(\d+)/.exec(value)[1].length;
  return Math.min(digits - 1, 15);
}

/** What a figure of the model says: "about 1,800,000 people", with "1.8 million" beside it. */
function figureLine(row, quantity) {
  const { value, unit, approximate } = quantity;
  const amount = value === undefined ? "vague" : grouped(value);
  const said = value === undefined ? null : spoken(value);
  return make(
    "li", {},
    foreign(row, quantity.quote),
    make("span", { class: "equals" }, " = "),
    make("b", {}, approximate ? "about " : null, amount, unit ? [unit === "%" ? null : " ", apart(unit)] : null),
    said && make("span", { class: "quiet" }, ` ${said}`),
    !unit && make("span", { class: "quiet" }, " no unit stated"),
  );
}

/** "$0.0042" of a plain decimal of US dollars. */
function dollars(usd) {
  const amount = Number(usd);
  return `$${amount.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: amount < 1 ? 4 : 2 })}`;
}
