// Words and numbers in the language of the page; the other half of figures.py.
const UNITS = {
  en: [[1e12, " tn"], [1e9, " bn"], [1e6, " m"], [1e3, " k"]],
  zh: [[1e12, "万亿"], [1e8, "亿"], [1e4, "万"]],
};

function word(key, fill) {
  let text = D.words[key];
  if (text === undefined) text = key.includes(".") ? key.slice(key.indexOf(".") + 1).replace(/_/g, " ") : key.replace(/_/g, " ");
  if (fill) for (const name of Object.keys(fill)) text = text.split("{" + name + "}").join(String(fill[name]));
  return text;
}

function grouped(value, digits) {
  const text = Math.abs(value).toFixed(digits), dot = text.indexOf(".");
  const whole = dot < 0 ? text : text.slice(0, dot);
  return (value < 0 ? "-" : "") + whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",") + (dot < 0 ? "" : text.slice(dot));
}

function short(value) {
  const size = Math.abs(value);
  const digits = size >= 99.95 || (Number.isInteger(value) && size < 1000) ? 0 : size >= 9.995 ? 1 : 2;
  return grouped(value, digits);
}

function money(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  for (const [size, unit] of UNITS[D.lang]) if (Math.abs(value) >= size * 0.99995) return short(value / size) + unit;
  return short(value);
}

// The amount on a line: a weight of any network keeps its digits.
function amountText(value) {
  return D.view === "network" ? number(value) : money(value);
}

// The full amount, for tooltips.
function exact(value) {
  return value === null || value === undefined ? "–" : grouped(value, Number.isInteger(value) ? 0 : 2) + (D.currency ? " " + D.currency : "");
}

function percent(value, digits) {
  return value === null || value === undefined ? "–" : (100 * value).toFixed(digits === undefined ? 2 : digits) + " %";
}

function number(value) {
  if (value === null || value === undefined) return "–";
  if (Number.isInteger(value)) return grouped(value, 0);
  const size = Math.abs(value);
  return size >= 1000 ? grouped(value, 0) : size >= 1 ? value.toFixed(2) : size >= 1e-4 ? value.toPrecision(3) : value.toExponential(2);
}

function written(kind, value) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number") return String(value);
  if (kind === "money") return money(value);
  if (kind === "change") return (value > 0 ? "+" : "") + money(value);
  if (kind === "percent") return percent(value);
  if (kind === "points") return (100 * value).toFixed(2) + " " + word("percentage_points");
  if (kind === "ratio") return number(value) + " ×";
  if (kind === "count") return grouped(value, 0);
  return number(value);
}

const NUMERIC = new Set(["money", "change", "percent", "points", "ratio", "count", "number"]);
