// A page that is a report: sections one below the other, each picture with its table, fit to be printed.
const SHOWN = 14, MOVED = 20, LISTED = 40;
let dimension = "", onPaper = false;

function startReport() {
  $("report").hidden = false;
  $("report").setAttribute("aria-label", word("report_label"));
  $("chart").hidden = true;
  $("status").hidden = true;
  $("b-undo").hidden = true;
  document.querySelector("main").classList.add("report");
  dimension = (D.panels.find((panel) => panel.key.startsWith("groups_")) || { key: "" }).key;
}

function panelOf(key) {
  return D.panels.find((panel) => panel.key === key && (panel.rows.length || key === "failed"));
}

// The cell of a row under a heading, as a plain value.
function under(panel, row, name) {
  const at = panel.columns.findIndex((column) => column.word === name), cell = at < 0 ? null : row[at];
  return cell !== null && typeof cell === "object" && cell.kind ? cell.value : cell;
}

function drawReport() {
  if (!D.report) return fill($("report"), el("p", { class: "note" }, D.empty));
  fill($("report"), ...[storySection(), measureSection(), groupSection(), failedSection(), pdSection(), madeSection()].filter(Boolean));
}

function reportSection(key, title, ...content) {
  return el("section", { id: "part-" + key, "aria-label": title }, el("h2", {}, title), ...content.flat(2));
}

function storySection() {
  return reportSection("story", word("section.story"), el("ol", { class: "story" }, ...D.report.story.map((line) => el("li", {}, line))),
    D.report.hit ? el("p", {}, D.report.hit) : null,
    D.report.verdicts.map((line) => el("p", { class: "verdict " + (line[0] === "\u25b2" ? "high" : line[0] === "?" ? "medium" : "") }, line)));
}

// A panel as a table of the report, its buttons above it.
function reportTable(key, more) {
  const whole = panelOf(key), panel = { ...whole, rows: whole.rows.slice(0, LISTED) };
  return [
    el("p", { class: "note" }, word(panel.note, { other: D.report.against })), ...(more || []),
    scrolling(panelTable(panel)),
    panel.total > panel.rows.length ? el("p", { class: "note" }, word("first_of", { shown: grouped(panel.rows.length, 0), total: grouped(panel.total, 0) })) : null,
  ];
}

function exports(key, drawing) {
  return el("span", { class: "exports" },
    drawing ? act("PNG", () => saveDrawing([drawing()], key), { "aria-label": "PNG, " + word("panel." + key) }) : null,
    act("CSV", () => save(new Blob([csvText(key)], { type: "text/csv;charset=utf-8" }), fileName(key, "csv")), { "aria-label": "CSV, " + word("panel." + key) }));
}

function measureSection() {
  return reportSection("measures", word("panel.measures"), exports("measures"), reportTable("measures"));
}

function groupSection() {
  const keys = D.panels.filter((panel) => panel.key.startsWith("groups_") && panel.rows.length).map((panel) => panel.key);
  if (!keys.length) return null;
  const switches = el("div", { class: "acts switches", role: "group", "aria-label": word("group_by") }, ...keys.map((key) => act(word("panel." + key), () => { dimension = key; drawReport(); $("by-" + key).focus(); }, { id: "by-" + key, "aria-pressed": String(key === dimension) })));
  const drawing = () => document.querySelector("#part-groups svg.chart"), shown = onPaper ? keys : [dimension];
  return reportSection("groups", word("section.groups"), exports(dimension, drawing), switches, el("p", { class: "note" }, word(panelOf(dimension).note)), shown.map((key) => groupPart(panelOf(key))));
}

// One division of the book: the picture, and below it the table.
function groupPart(panel) {
  const title = word("panel." + panel.key);
  return el("div", {}, el("div", { class: "together" }, el("h3", { class: "printed" }, title), markRow(), dumbbells(groupRows(panel), groupPlots(panel), word("section.groups") + ", " + title)),
    el("details", { open: onPaper }, el("summary", {}, word("table")), scrolling(panelTable(panel))));
}

function groupPlots(panel) {
  const known = panel.rows.some((row) => under(panel, row, "el_after") !== null && under(panel, row, "el_after") !== under(panel, row, "el_before"));
  return [{ word: "plot.loss", kind: "money" }, { word: "plot.defaults", kind: "count" }, ...(known ? [{ word: "plot.expected_loss", kind: "money" }] : [])];
}

// The groups drawn: the first, and the rest as one.
function groupRows(panel) {
  const value = (row) => [["loss_before", "loss_after"], ["defaults_before", "defaults_after"], ["el_before", "el_after"]].map((pair) => pair.map((name) => under(panel, row, name)));
  const rows = panel.rows.map((row) => ({ name: row[0], values: value(row) }));
  if (rows.length <= SHOWN + 1) return rows;
  const rest = rows.slice(SHOWN), sum = (k, side) => rest.reduce((total, row) => total + (row.values[k][side] || 0), 0);
  return [...rows.slice(0, SHOWN), { name: word("further_groups", { count: rest.length }), values: [0, 1, 2].map((k) => [sum(k, 0), sum(k, 1)]) }];
}

function failedSection() {
  const panel = panelOf("failed"), said = [el("p", { class: "note commands" }, word("more_to_see", { cascade: D.report.commands.cascade })), el("p", { class: "note commands" }, word("more_to_explain", { explain: D.report.commands.explain }))];
  return reportSection("failed", word("panel.failed") + "  (" + grouped(panel.total, 0) + ")", panel.rows.length ? [exports("failed"), reportTable("failed", said)] : [el("p", { class: "note" }, word("no_failed"))], besideRows());
}

// Who fails without the scenario too: said with a number, listed where it is asked for.
function besideRows() {
  const panel = panelOf("anyway");
  if (!panel) return [];
  const box = el("input", { type: "checkbox", id: "b-anyway", onchange: () => { S.anyway = box.checked; redraw(); showTwin(); $("b-anyway").focus(); } });
  box.checked = S.anyway;
  const row = el("label", { class: "row quiet" }, box, el("span", { class: "name" }, word("show_anyway", { count: grouped(panel.total, 0) })));
  return [row, ...(S.anyway ? [exports("anyway"), ...reportTable("anyway")] : [])];
}

function pdSection() {
  const panel = panelOf("pds");
  if (!panel) return null;
  const value = (row, a, b) => [under(panel, row, a), under(panel, row, b)];
  const shown = panel.rows.slice(0, MOVED).map((row) => ({ name: row[0].text, at: row[0].at, values: [value(row, "pd_before", "pd_after"), value(row, "el_before", "el_after")] }));
  const drawing = dumbbells(shown, [{ word: "plot.pd", kind: "percent", log: true }, { word: "plot.expected_loss", kind: "money" }], word("panel.pds"));
  return reportSection("pds", word("panel.pds"), exports("pds", () => document.querySelector("#part-pds svg.chart")),
    el("div", { class: "together" }, el("p", { class: "note" }, word("pds_note") + " " + (panel.total > shown.length ? word("pds_drawn", { count: shown.length }) : "")), markRow(), drawing),
    el("details", { open: onPaper }, el("summary", {}, word("table")), ...reportTable("pds")));
}

function madeSection() {
  const run = D.about.runs[0];
  return reportSection("made", word("section.made"), pairs(D.about.facts.map((fact) => [word(fact.word), fact.text])),
    run && run.notes.length ? [el("h3", {}, word("data_notes")), bullets([...run.notes, ...D.about.notes.filter((note) => !run.notes.includes(note))])] : null,
    run ? [el("h3", {}, word("certificate")), pairs(run.certificate)] : null);
}

function soft() {
  return S.dark ? "#9aa7b4" : "#5a6673";
}

function afterColour() {
  return S.dark ? "#FF8A3D" : "#C25400";
}

function circleMark(x, y) {
  return svg("circle", { cx: x, cy: y, r: 4.5, fill: paper(), stroke: soft(), "stroke-width": 2 });
}

function diamondMark(x, y) {
  return svg("path", { d: "M" + x + " " + (y - 6) + "L" + (x + 6) + " " + y + "L" + x + " " + (y + 6) + "L" + (x - 6) + " " + y + "Z", fill: afterColour(), stroke: paper(), "stroke-width": 1 });
}

function markRow() {
  const one = (mark, text) => el("span", { class: "mark" }, svg("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" }, mark), text);
  return el("p", { class: "note marks" }, one(circleMark(8, 8), word(D.report.against ? "mark_against" : "mark_before")), one(diamondMark(8, 8), word("mark_after")));
}

// Rows with a circle (before) and a diamond (after) in one plot or several; before is null where it is not known.
function dumbbells(rows, plots, title) {
  const wide = onPaper ? 720 : Math.max(560, Math.min(1060, $("report").clientWidth - 48 || 720)), step = 27, top = 42, bottom = 8, labels = Math.min(190, wide * 0.22), gap = 18;
  const high = top + rows.length * step + bottom, span = (wide - labels - gap * plots.length) / plots.length, type = getComputedStyle(document.body).fontFamily;
  const chart = svg("svg", { viewBox: "0 0 " + wide + " " + high, class: "chart", role: "group", "aria-label": title, "font-family": type });
  ruler.font = "12px " + type;
  const text = (content, x, y, anchor, colour, size) => chart.append(svg("text", { x, y, "text-anchor": anchor, "font-size": size || 11.5, fill: colour }, content));
  rows.forEach((row, at) => {
    const y = top + (at + 0.5) * step, go = row.at === undefined || row.at < 0 ? null : () => choose({ node: row.at });
    if (at % 2 === 0) chart.append(svg("rect", { x: 0, y: y - step / 2, width: wide, height: step, fill: S.dark ? "#181f27" : "#f6f8fa" }));
    const name = svg("text", { x: labels - 10, y: y + 4, "text-anchor": "end", "font-size": 12, fill: ink(), ...(go ? { class: "go", tabindex: 0, role: "button" } : {}) }, wrapped(ruler, pictured(row.name), labels - 14, 1)[0], svg("title", {}, row.name));
    if (go) name.addEventListener("click", go);
    if (go) name.addEventListener("keydown", (event) => { if (event.key === "Enter") go(); });
    chart.append(name);
  });
  plots.forEach((plot, k) => {
    const left = labels + k * (span + gap), values = rows.flatMap((row) => row.values[k]).filter((value) => value !== null), room = plots.length < 3 ? 116 : 102, width = span - room;
    const low = plot.log ? Math.floor(Math.log10(Math.min(0.1, ...values.filter((value) => value > 0)))) : 0, most = plot.log ? 1 : Math.max(...values, plot.kind === "count" ? 1 : 1e-9);
    const x = (value) => left + 7 + (width - 14) * (plot.log ? (value > 0 ? 1 - Math.log10(Math.max(value, 10 ** low)) / low : 0) : Math.max(value, 0) / most);
    text(word(plot.word), left, 14, "start", ink(), 12.5);
    const marks = plot.log ? [...Array(-low + 1).keys()].map((each) => 10 ** (each + low)) : [0, most];
    for (const mark of marks) {
      chart.append(svg("line", { x1: x(mark), x2: x(mark), y1: top - 6, y2: high - bottom, stroke: S.dark ? "#2c353f" : "#dde2e8" }));
      const label = plot.kind === "percent" ? percent(mark, Math.max(0, -Math.round(Math.log10(mark)) - 2)) : written(plot.kind, mark);
      if (!plot.log || mark === 1 || mark === marks[0] || (marks.length < 5 || Math.round(Math.log10(mark)) % 2 === 0) && width > 150) text(label, x(mark), 30, mark === marks[0] ? "start" : mark === most ? "end" : "middle", soft());
    }
    rows.forEach((row, at) => {
      const [before, after] = row.values[k], y = top + (at + 0.5) * step, group = svg("g", {});
      if (before !== null && after !== null && before !== after) group.append(svg("line", { x1: x(before), x2: x(after), y1: y, y2: y, stroke: afterColour(), "stroke-width": 2.5 }));
      if (after !== null) group.append(diamondMark(x(after), y));
      if (before !== null) group.append(circleMark(x(before), y));
      const told = before === after ? written(plot.kind, after) : written(plot.kind, before) + " → " + written(plot.kind, after);
      group.append(svg("title", {}, row.name + "\n" + word(plot.word) + "  " + told));
      chart.append(group);
      ruler.font = "11px " + type;
      text(wrapped(ruler, told, room + gap - 12, 1)[0], left + width + 6, y + 4, "start", before === after ? soft() : ink(), 11);
      ruler.font = "12px " + type;
    });
  });
  return chart;
}

function reportLegend() {
  if (!D.report) return [];
  const heads = [...document.querySelectorAll("#report h2")];
  return [el("h2", {}, word("contents")), ...heads.map((head) => el("div", { class: "row" }, el("button", { type: "button", class: "link", onclick: () => { head.parentElement.scrollIntoView({ block: "start" }); } }, head.textContent))),
    act(word("print"), () => print(), { class: "wide" })];
}

// On paper the page is light and whole, whatever the screen shows.
function buildPrint() {
  let dark = false;
  const turn = (on) => {
    if (on === onPaper) return;
    onPaper = on;
    if (on) dark = S.dark;
    S.dark = on ? false : dark;
    applyTheme();
    buildLegend();
    redraw();
  };
  addEventListener("beforeprint", () => turn(true));
  addEventListener("afterprint", () => turn(false));
}
