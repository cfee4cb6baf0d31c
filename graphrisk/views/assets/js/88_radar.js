// The profile of one client as a radar: 0 in the middle, 100 at the rim; a dimension without a score is a gap.
function radarChart(wide, high) {
  const axes = D.chart.axes, many = axes.length, radius = Math.min(wide * 0.32, high * 0.36), cx = wide / 2, cy = high / 2 + 8;
  const soft = S.dark ? "#9aa7b4" : "#5a6673", line = S.dark ? "#2c353f" : "#dde2e8", tone = S.dark ? "#7CB8FF" : "#0072B2";
  const at = (k, part) => [cx + radius * part * Math.sin((2 * Math.PI * k) / many), cy - radius * part * Math.cos((2 * Math.PI * k) / many)];
  const way = (part) => "M" + axes.map((_, k) => at(k, part).map((v) => v.toFixed(1)).join(" ")).join("L") + "Z";
  const chart = svg("svg", { viewBox: "0 0 " + wide + " " + high, role: "img", "aria-label": word("radar_label"), "font-family": family || getComputedStyle(document.body).fontFamily });
  const text = (content, middle, y, anchor, colour, size) => {
    ruler.font = size + "px " + getComputedStyle(document.body).fontFamily;
    const room = ruler.measureText(content).width + 4, x = anchor === "start" ? Math.min(middle, wide - room) : anchor === "end" ? Math.max(middle, room) : middle; // moved in from the edge
    chart.append(svg("text", { x, y, "text-anchor": anchor, "font-size": size, fill: colour, "paint-order": "stroke", stroke: paper(), "stroke-width": 3 }, content));
  };
  for (const ring of [0.25, 0.5, 0.75, 1]) chart.append(svg("path", { d: way(ring), fill: "none", stroke: line, "stroke-width": ring === 1 ? 1.6 : 1 }));
  axes.forEach((axis, k) => {
    const [x, y] = at(k, 1);
    chart.append(svg("line", { x1: cx, y1: cy, x2: x, y2: y, stroke: line, "stroke-dasharray": axis.score === null ? "3 4" : "none" }));
  });
  text("50", cx + 4, cy - radius / 2 - 3, "start", soft, 11);
  const known = axes.map((axis, k) => (axis.score === null ? null : at(k, axis.score / 100)));
  if (known.every(Boolean)) chart.append(svg("path", { d: "M" + known.map((p) => p.map((v) => v.toFixed(1)).join(" ")).join("L") + "Z", fill: tone, "fill-opacity": 0.18, stroke: "none" }));
  known.forEach((from, k) => {
    const to = known[(k + 1) % many];
    if (from && to) chart.append(svg("line", { x1: from[0], y1: from[1], x2: to[0], y2: to[1], stroke: tone, "stroke-width": 2.4, class: "edge" }));
  });
  axes.forEach((axis, k) => {
    const [x, y] = at(k, 1.12), side = Math.sin((2 * Math.PI * k) / many), anchor = side > 0.2 ? "start" : side < -0.2 ? "end" : "middle";
    const lift = Math.cos((2 * Math.PI * k) / many) < -0.5 ? 12 : 0;
    text(axis.name, x, y + lift, anchor, ink(), 13.5);
    text(axis.score === null ? word("radar_gap") : number(axis.score) + "  ·  " + percent(axis.coverage, 0), x, y + lift + 16, anchor, soft, 12);
    if (known[k]) chart.append(svg("circle", { cx: known[k][0], cy: known[k][1], r: 5, fill: paper(), stroke: tone, "stroke-width": 2.4 }, svg("title", {}, axis.name + "\n" + number(axis.score))));
  });
  return chart;
}

function radarTable() {
  const columns = [{ word: "card_dimension" }, { word: "card_points", kind: "number" }, { word: "card_known", kind: "percent" }, { word: "card_weight", kind: "percent" }, { word: "card_trend", kind: "number" }];
  return { columns, lines: D.chart.axes.map((axis, at) => ({ id: "axis:" + at, cells: [axis.name, axis.score, axis.coverage, axis.weight, axis.trend] })) };
}
