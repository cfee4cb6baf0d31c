// The curve of losses: how probable it is that a loss is exceeded, on a logarithmic scale.
function curveColour(key) {
  return { before_guarantors: S.dark ? "#93A0AD" : "#6b7682", without_contagion: S.dark ? "#7CB8FF" : "#0072B2", with_contagion: S.dark ? "#FF8A3D" : "#D55E00" }[key] || ink();
}

function curveDash(key) {
  return { before_guarantors: "2 4", without_contagion: "9 4" }[key] || "";
}

function curveChart(wide, high) {
  const left = 64, right = 26, top = 30, bottom = 52, rare = Math.min(...D.chart.beyond.filter((b) => b > 0));
  const most = Math.max(...D.chart.curves.flatMap((curve) => curve.loss), ...D.chart.marks.map((mark) => mark.loss)) * 1.04;
  const floor = Math.floor(Math.log10(rare)), x = (loss) => left + ((wide - left - right) * loss) / most;
  const y = (beyond) => top + (high - top - bottom) * (Math.log10(Math.max(beyond, 10 ** floor)) / floor);
  const soft = S.dark ? "#9aa7b4" : "#5a6673", line = S.dark ? "#2c353f" : "#dde2e8";
  const chart = svg("svg", { viewBox: "0 0 " + wide + " " + high, role: "img", "aria-label": D.title, "font-family": family || getComputedStyle(document.body).fontFamily });
  const text = (content, at, anchor, colour, size) => chart.append(svg("text", { ...at, "text-anchor": anchor, "font-size": size || 12, fill: colour, "paint-order": "stroke", stroke: paper(), "stroke-width": 3 }, content));
  for (let step = 0; step >= floor; step--) {
    chart.append(svg("line", { x1: left, x2: wide - right, y1: y(10 ** step), y2: y(10 ** step), stroke: line }));
    text(step === 0 ? "100 %" : (100 * 10 ** step).toFixed(Math.max(0, -step - 2)) + " %", { x: left - 8, y: y(10 ** step) + 4 }, "end", soft);
  }
  for (const loss of ticks(most)) {
    chart.append(svg("line", { x1: x(loss), x2: x(loss), y1: top, y2: high - bottom, stroke: line }));
    text(money(loss), { x: x(loss), y: high - bottom + 17 }, "middle", soft);
  }
  text(word("curve_axis_loss"), { x: wide - right, y: high - 10 }, "end", soft);
  text(word("curve_axis_beyond"), { x: 8, y: 14 }, "start", soft);
  for (const curve of D.chart.curves) {
    const points = curve.loss.map((loss, at) => (D.chart.beyond[at] > 0 && loss !== null ? x(loss).toFixed(1) + " " + y(D.chart.beyond[at]).toFixed(1) : null)).filter(Boolean);
    const path = svg("path", { d: "M" + points.join("L"), fill: "none", stroke: curveColour(curve.key), "stroke-width": curve.key === "with_contagion" ? 2.6 : 1.8, "stroke-dasharray": curveDash(curve.key) || "none" }, svg("title", {}, word("curve." + curve.key)));
    chart.append(path);
  }
  for (const mark of D.chart.marks) {
    chart.append(svg("circle", { cx: x(mark.loss), cy: y(mark.beyond), r: 5, fill: paper(), stroke: curveColour("with_contagion"), "stroke-width": 2.4 }, svg("title", {}, mark.text + "\n" + exact(mark.loss))));
    const late = x(mark.loss) > wide * 0.75;
    text(mark.text + "  " + money(mark.loss), { x: x(mark.loss) + (late ? -10 : 10), y: y(mark.beyond) - 7 }, late ? "end" : "start", ink(), 12.5);
  }
  return chart;
}

function ticks(most) {
  const raw = most / 6, size = 10 ** Math.floor(Math.log10(raw)), step = [1, 2, 5, 10].map((part) => part * size).find((each) => each >= raw), out = [];
  for (let value = 0; value <= most; value += step) out.push(value);
  return out;
}

function curveLegend() {
  return [el("h2", {}, word("curves")), ...(D.chart.curves || []).map((curve) => el("div", { class: "row" }, swatch((pen) => {
    pen.strokeStyle = curveColour(curve.key);
    pen.lineWidth = 2.2;
    pen.setLineDash(curveDash(curve.key).split(" ").filter(Boolean).map(Number));
    pen.beginPath();
    pen.moveTo(0, 8);
    pen.lineTo(26, 8);
    pen.stroke();
  }), el("span", { class: "name", title: word("curve." + curve.key) }, word("curve." + curve.key))))];
}

function curveTable() {
  const columns = [{ word: "curve_axis_beyond", kind: "percent" }, ...(D.chart.curves || []).map((curve) => ({ text: word("curve." + curve.key), key: curve.key, kind: "money" }))];
  const lines = (D.chart.beyond || []).map((beyond, at) => ({ id: "point:" + at, cells: [beyond, ...D.chart.curves.map((curve) => curve.loss[at])] }));
  return { columns, lines };
}
