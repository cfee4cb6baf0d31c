// Taking it along: the picture as PNG with title, day, filters and legend, the rows as CSV.
function save(blob, name) {
  const address = URL.createObjectURL(blob), anchor = el("a", { href: address, download: name });
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(address), 2000);
}

function fileName(more, ending) {
  return ["graphrisk", D.view, more, D.about.as_of].filter(Boolean).join("-") + "." + ending;
}

function savePng() {
  if (D.chart) return saveChart();
  const boxes = sheetBoxes(), wide = boxes.reduce((sum, box) => sum + box.wide, 0), dpr = boxes[0].canvas.width / boxes[0].wide;
  const top = paintSheetTop(null, ruler, wide), key = legendLayout(ruler, wide), high = top + boxes[0].high;
  const canvas = el("canvas", { width: Math.round(wide * dpr), height: Math.round((high + key.high) * dpr) }), pen = canvas.getContext("2d");
  pen.scale(dpr, dpr);
  pen.fillStyle = paper();
  pen.fillRect(0, 0, wide, high + key.high);
  let left = 0;
  boxes.forEach((box, at) => {
    pen.drawImage(box.canvas, left, top, box.wide, box.high);
    pen.fillStyle = ink();
    pen.font = "600 12.5px " + family;
    if (boxes.length > 1) pen.fillText(runName(at), left + 14, high - 14);
    left += box.wide;
  });
  paintSheetTop(pen, ruler, wide);
  paintKey(pen, key, high);
  canvas.toBlob((blob) => save(blob, fileName("", "png")), "image/png");
}

// A cell that a spreadsheet would run as a formula (model/formulas.py) gets an apostrophe; numbers stay numbers.
const RUNS = /^[\x00-\x20\x7f-\xa0\xad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u2066-\u2069\u3000\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;
const PARTS = /([;\t\r\n][\x00-\x20\x7f-\xa0\xad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u2066-\u2069\u3000\ufeff"']*)([=+\-@\uff1d\uff0b\uff0d\uff20])/g;
function csvCell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  let text = String(value).replace(PARTS, "$1'$2");
  if (RUNS.test(text)) text = "'" + text;
  return '"' + text.replace(/"/g, '""') + '"';
}

function csvText(which) {
  const data = twinData(which);
  const heads = which === "relations" && D.view !== "network"
    ? ["from_id", "from", "relation", "to_id", "to", "amount", "share", "share_max", "what", "contract", "facility", "from_on", "to_on", "source"]
    : data.columns.map((column) => column.key || column.word || column.text);
  const lines = [heads, ...data.lines.map((line) => line.plain || line.cells)];
  return "\ufeff" + lines.map((line) => line.map(csvCell).join(",")).join("\r\n") + "\r\n";
}

function saveCsv() {
  const which = D.chart && !twin.open ? twinNames()[0] : twin.open ? twin.which : nodesInTable().length ? "parties" : "groups";
  if (which) save(new Blob([csvText(which)], { type: "text/csv;charset=utf-8" }), fileName(which, "csv"));
}
