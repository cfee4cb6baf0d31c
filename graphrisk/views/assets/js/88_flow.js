// A page whose picture is a chart: the loss of one party on its way from the shocks, as bands.
let chartWidth = 0, chartHeight = 0;
const ruler = document.createElement("canvas").getContext("2d");

function startChart() {
  $("nets").hidden = true;
  $("chart").hidden = false;
  $("b-home").hidden = true;
  addEventListener("resize", redrawChart);
  if (D.chart.kind === "report") startReport();
}

function redrawChart() {
  drawn.nodes = [...Array(node.many).keys()];
  drawn.groups = [];
  drawn.edges = D.chart.flows;
  drawn.single = [];
  drawn.sums = [];
  if (D.chart.kind === "report") {
    drawn.edges = [];
    drawReport();
    buildLegend();
    if (twin.open && $("twin").hidden) showTwin();
    return writeHash();
  }
  const box = $("chart");
  chartWidth = Math.max(320, box.clientWidth - 28);
  chartHeight = Math.max(240, box.clientHeight - 44);
  const own = OWN_CHARTS[D.chart.kind];
  if (own) drawn.nodes = [];
  fill(box, own ? (own.holds() ? own.draw(chartWidth, chartHeight) : null) : D.chart.nodes.length ? flowChart(chartWidth, chartHeight) : null);
  $("status").textContent = own ? own.status() : word("flow_status", { nodes: D.chart.nodes.length, flows: D.chart.flows.length });
  if (twin.open && $("twin").hidden) showTwin();
  writeHash();
}

// Charts that are no bands: what draws each, whether it holds anything, its legend, its table, and what the status says.
const OWN_CHARTS = {
  curve: { draw: (wide, high) => curveChart(wide, high), holds: () => Boolean(D.chart.curves), legend: () => curveLegend(), table: () => curveTable(), twin: "points", status: () => word("curve_status", { points: (D.chart.beyond || []).length }) },
  radar: { draw: (wide, high) => radarChart(wide, high), holds: () => D.chart.axes.length > 0, legend: () => [], table: () => radarTable(), twin: "dimensions", status: () => word("radar_status", { dimensions: D.chart.axes.filter((axis) => axis.score !== null).length, all: D.chart.axes.length }) },
  calibration: { draw: (wide, high) => calibrationChart(wide, high), holds: () => D.chart.points.length > 0, legend: () => calibrationLegend(), table: () => calibrationTable(), twin: "calibration", status: () => word("calibration_status", { grades: D.chart.points.length }) },
  matrix: { draw: (wide, high) => matrixChart(wide, high), holds: () => D.chart.grades.length > 0, legend: () => matrixLegend(), table: () => matrixTable(), twin: "moves", status: () => word("matrix_status", { grades: D.chart.grades.length }) },
};

function flowColour(relation, from) {
  if (from && from.name === word("bearer.others")) return S.dark ? "#59646f" : "#b9c2cb";
  return relation ? tone(relationOf(relation).line) : S.dark ? "#ff9b7d" : "#a32a12";
}

function flowChart(wide, high) {
  const places = D.chart.nodes.map((each) => ({ ...each, into: 0, usedIn: 0, y: 0, target: -1 }));
  D.chart.flows.forEach((flow) => {
    places[flow.to].into += flow.amount;
    places[flow.from].target = flow.to;
  });
  const last = Math.max(...places.map((place) => place.depth)), columns = [...Array(last + 1).keys()].map((d) => places.filter((p) => p.depth === d));
  const pad = 30, bar = 12, gap = (wide - 225 - bar) / Math.max(last, 1);
  const fits = Math.min(...columns.map((c) => (high - pad * (c.length + 0.5)) / c.reduce((sum, p) => sum + p.value, 0)));
  const unit = Math.min((high * 0.45) / Math.max(...places.map((place) => place.value)), fits);
  for (let d = last; d >= 0; d--) {
    const column = columns[d].sort((a, b) => (a.target < 0 ? 0 : places[a.target].y - places[b.target].y) || b.value - a.value);
    let y = (high - column.reduce((sum, p) => sum + p.value * unit + pad, 0) + pad) / 2;
    for (const place of column) {
      Object.assign(place, { x: 125 + d * gap, y, tall: Math.max(place.value * unit, 1.5) });
      y += place.value * unit + pad;
    }
  }
  const chart = svg("svg", { viewBox: "0 0 " + wide + " " + high, role: "group", "aria-label": D.title, "font-family": family || getComputedStyle(document.body).fontFamily });
  for (const flow of D.chart.flows.slice().sort((a, b) => places[a.to].y - places[b.to].y || places[a.from].y - places[b.from].y)) {
    const a = places[flow.from], b = places[flow.to], tall = Math.max(flow.amount * unit, 0.8);
    const x1 = a.x + bar, x2 = b.x, y1 = a.y, y2 = b.y + b.usedIn, half = (x1 + x2) / 2;
    b.usedIn += tall;
    const path = "M" + x1 + " " + y1 + "C" + half + " " + y1 + " " + half + " " + y2 + " " + x2 + " " + y2 + "V" + (y2 + tall) + "C" + half + " " + (y2 + tall) + " " + half + " " + (y1 + tall) + " " + x1 + " " + (y1 + tall) + "Z";
    const what = flow.relation ? word("relation." + flow.relation) : "";
    chart.append(svg("path", { d: path, fill: flowColour(flow.relation, a), "fill-opacity": 0.5, class: "band" }, svg("title", {}, [a.name + "  →  " + b.name, what, exact(flow.amount)].filter(Boolean).join("\n"))));
  }
  for (const place of places) chart.append(flowPlace(place, bar, last, gap));
  return chart;
}

function flowPlace(place, bar, last, gap) {
  const i = placeOfId.get(place.key), go = i === undefined ? null : () => choose({ node: i });
  const group = svg("g", go ? { class: "go", tabindex: 0, role: "button", "aria-label": place.name + " " + money(place.value) } : {});
  group.append(svg("rect", { x: place.x, y: place.y, width: bar, height: place.tall, fill: i === D.focus ? ink() : S.dark ? "#9aa7b4" : "#5a6673" }));
  const end = place.depth === last, leaf = place.into === 0 && !end, x = end ? place.x + bar + 5 : leaf ? place.x - 5 : place.x + bar / 2;
  const anchor = end ? "start" : leaf ? "end" : "middle", beside = end || leaf;
  const text = (content, y, size, colour) => svg("text", { x, y, "text-anchor": anchor, "font-size": size, fill: colour, "paint-order": "stroke", stroke: paper(), "stroke-width": 3 }, content);
  ruler.font = "12px " + (family || getComputedStyle(document.body).fontFamily);
  const room = end ? 88 : leaf ? Math.min(116, place.depth ? gap - 18 : 116) : gap - 10, names = wrapped(ruler, pictured(place.name), room, end || (leaf && place.tall > 34) ? 2 : 1).filter(Boolean);
  const top = beside ? place.y + place.tall / 2 + 8 - names.length * 7.5 : place.y - 6;
  names.forEach((line, at) => group.append(text(line, top + at * 15 - (beside ? 4 : 0), 12, ink())));
  if (beside) group.append(text(money(place.value), top + names.length * 15 - 4, 11, S.dark ? "#9aa7b4" : "#5a6673"));
  group.append(svg("title", {}, place.name + "\n" + exact(place.value)));
  if (go) {
    group.addEventListener("click", go);
    group.addEventListener("keydown", (event) => { if (event.key === "Enter") go(); });
  }
  return group;
}

function chartLegend() {
  if (D.chart.kind === "report") return reportLegend();
  if (OWN_CHARTS[D.chart.kind]) return OWN_CHARTS[D.chart.kind].legend();
  const out = D.chart.flows.length ? [el("h2", {}, word("relations"))] : [];
  for (const name of ["", ...D.palette.relation_order]) {
    if (!D.chart.flows.some((flow) => flow.relation === name)) continue;
    out.push(el("div", { class: "row" }, swatch((pen) => {
      pen.globalAlpha = 0.6;
      pen.fillStyle = flowColour(name);
      pen.fillRect(2, 3, 22, 10);
    }), el("span", { class: "name" }, name ? word("relation." + name) : word("origin_band"))));
  }
  return out;
}

function chartTable() {
  if (OWN_CHARTS[D.chart.kind]) return OWN_CHARTS[D.chart.kind].table();
  const name = (at) => D.chart.nodes[at].name;
  const columns = [{ word: "from_party" }, { word: "relation" }, { word: "to_party" }, { word: "amount", kind: "money" }];
  const lines = D.chart.flows.map((flow, at) => ({ id: "flow:" + at, cells: [name(flow.from), flow.relation ? word("relation." + flow.relation) : "", name(flow.to), flow.amount] }));
  return { columns, lines };
}

function saveChart() {
  saveDrawing([...document.querySelectorAll(D.chart.kind === "report" ? "#report svg.chart" : "#chart svg")]);
}

// Drawings as one image, one below the other: drawn again from their own markup, which is made of attributes only.
function saveDrawing(drawings, more) {
  const found = drawings.filter(Boolean).map((drawing) => ({ drawing, wide: drawing.viewBox.baseVal.width * 2, high: drawing.viewBox.baseVal.height * 2 }));
  if (!found.length) return;
  const wide = Math.max(...found.map((each) => each.wide)), gap = 60, top = 2 * paintSheetTop(null, ruler, wide / 2), key = legendLayout(ruler, wide / 2);
  const high = found.reduce((sum, each) => sum + each.high + (found.length > 1 ? gap : 0), top);
  const canvas = el("canvas", { width: wide, height: high + 2 * key.high }), pen = canvas.getContext("2d");
  let waiting = found.length, y = top;
  pen.fillStyle = paper();
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.save();
  pen.scale(2, 2);
  paintSheetTop(pen, ruler, wide / 2);
  paintKey(pen, key, high / 2);
  pen.restore();
  pen.fillStyle = ink();
  pen.font = "23px " + family;
  for (const each of found) {
    const copy = each.drawing.cloneNode(true), image = new Image(), at = y + (found.length > 1 ? gap : 0);
    if (found.length > 1) pen.fillText(each.drawing.getAttribute("aria-label"), 28, y + gap - 16, canvas.width - 56);
    copy.setAttribute("width", each.wide);
    copy.setAttribute("height", each.high);
    y = at + each.high;
    image.addEventListener("load", () => {
      pen.drawImage(image, 0, at);
      if (!--waiting) canvas.toBlob((blob) => save(blob, fileName(more || "", "png")), "image/png");
    });
    image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(new XMLSerializer().serializeToString(copy));
  }
}
