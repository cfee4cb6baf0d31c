// Taking it along: the picture as PNG with its origin written on it, the drawn rows as CSV.
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
  const sources = [...document.querySelectorAll("#nets .net-box:not([hidden]) canvas")], dpr = sources[0].width / $("net").clientWidth, strip = Math.round(46 * dpr);
  const canvas = el("canvas", { width: sources.reduce((sum, each) => sum + each.width, 0), height: sources[0].height + strip }), pen = canvas.getContext("2d");
  pen.fillStyle = paper();
  pen.fillRect(0, 0, canvas.width, canvas.height);
  let x = 0;
  sources.forEach((each, at) => {
    pen.drawImage(each, x, strip);
    pen.fillStyle = ink();
    pen.font = "600 " + 12.5 * dpr + "px " + family;
    if (sources.length > 1) pen.fillText(runName(at), x + 14 * dpr, canvas.height - 14 * dpr);
    x += each.width;
  });
  pen.fillStyle = ink();
  pen.textBaseline = "middle";
  pen.font = "600 " + 15 * dpr + "px " + family;
  pen.fillText(D.title, 14 * dpr, 16 * dpr, canvas.width - 28 * dpr);
  pen.font = 11.5 * dpr + "px " + family;
  const lens = lensNow();
  pen.fillText([$("origin").textContent, lens ? word("fill") + ": " + word("measure." + lens.key) : ""].filter(Boolean).join("  ·  "), 14 * dpr, 35 * dpr, canvas.width - 28 * dpr);
  canvas.toBlob((blob) => save(blob, fileName("", "png")), "image/png");
}

// A cell that a spreadsheet would run as a formula gets an apostrophe; numbers stay numbers.
function csvCell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  let text = String(value);
  if (/^[\s\u0000-\u001f]*[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(text) || /^[\t\r\n]/.test(text)) text = "'" + text;
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
  const which = D.chart && !twin.open ? twinNames()[0] : twin.open ? twin.which : drawn.nodes.length ? "parties" : "groups";
  if (which) save(new Blob([csvText(which)], { type: "text/csv;charset=utf-8" }), fileName(which, "csv"));
}
