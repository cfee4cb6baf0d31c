// Defaulted against expected, by grade, both in powers of ten, 0 at the edge: a bar is the interval of the rate.
function calibrationTone(point) {
  return point.verdict === "agrees" ? (S.dark ? "#7CB8FF" : "#0072B2") : S.dark ? "#FF8A3D" : "#D55E00";
}

function calibrationMark(point, x, y) {
  const colour = calibrationTone(point), pen = { fill: point.defaults ? colour : paper(), stroke: colour, "stroke-width": 2.2, class: "point" };
  return point.verdict === "agrees" ? svg("circle", { cx: x, cy: y, r: 5.5, ...pen }) : svg("path", { d: "M" + x + " " + (y - 8) + "L" + (x + 8) + " " + y + "L" + x + " " + (y + 8) + "L" + (x - 8) + " " + y + "Z", ...pen });
}

function calibrationSaid(point) {
  return [point.grade, word("calibration_mean") + ": " + percent(point.mean_pd), word("calibration_rate") + ": " + percent(point.default_rate) + "  (" + percent(point.low) + " – " + percent(point.high) + ")",
    word("calibration_defaults") + ": " + grouped(point.defaults, 0) + " / " + grouped(point.clients, 0), word("calibration." + point.verdict)].join("\n");
}

function calibrationChart(wide, room) {
  const high = Math.min(room, wide * 1.05);
  const points = D.chart.points, left = 66, right = 24, top = 34, bottom = 60, plotted = points.flatMap((p) => [p.mean_pd, p.default_rate, p.low]).filter((v) => v > 0);
  const floor = Math.max(-6, Math.floor(Math.log10(Math.min(...plotted, 0.01)))), part = (v) => 1 - Math.max(floor, Math.log10(Math.max(v, 1e-12))) / floor;
  const zero = high - bottom, x = (v) => (v > 0 ? left + 26 + (wide - left - 26 - right) * part(v) : left), y = (v) => (v > 0 ? zero - 26 - (zero - 26 - top) * part(v) : zero);
  const soft = S.dark ? "#9aa7b4" : "#5a6673", line = S.dark ? "#2c353f" : "#dde2e8", taken = [];
  const chart = svg("svg", { viewBox: "0 0 " + wide + " " + high, role: "img", "aria-label": D.title, "font-family": family || getComputedStyle(document.body).fontFamily });
  const text = (content, at, anchor, colour, size) => chart.append(svg("text", { ...at, "text-anchor": anchor, "font-size": size || 12, fill: colour, "paint-order": "stroke", stroke: paper(), "stroke-width": 3 }, content));
  for (let step = 0; step >= floor; step--) {
    const at = 10 ** step, said = percent(at, Math.max(0, -step - 2));
    chart.append(svg("line", { x1: left, x2: wide - right, y1: y(at), y2: y(at), stroke: line }), svg("line", { x1: x(at), x2: x(at), y1: top, y2: zero, stroke: line }));
    text(said, { x: left - 8, y: y(at) + 4 }, "end", soft);
    text(said, { x: x(at), y: zero + 18 }, step === 0 ? "end" : "middle", soft);
  }
  chart.append(svg("line", { x1: left, x2: wide - right, y1: zero, y2: zero, stroke: soft }));
  text("0", { x: left - 8, y: zero + 4 }, "end", soft);
  chart.append(svg("line", { x1: left, x2: left, y1: top, y2: zero, stroke: soft }));
  if (points.some((point) => point.mean_pd === 0)) text("0", { x: left, y: zero + 18 }, "middle", soft);
  text(word("calibration_axis_rate"), { x: 8, y: 16 }, "start", soft);
  text(word("calibration_axis_mean"), { x: wide - right, y: high - 14 }, "end", soft);
  chart.append(svg("line", { x1: x(10 ** floor), y1: y(10 ** floor), x2: x(1), y2: y(1), stroke: soft, "stroke-width": 1.6, "stroke-dasharray": "7 5", class: "diagonal" }));
  for (const point of points) {
    const at = x(point.mean_pd), colour = calibrationTone(point), from = y(point.low), to = y(point.high);
    chart.append(svg("path", { d: "M" + at + " " + from + "V" + to + "M" + (at - 6) + " " + from + "h12M" + (at - 6) + " " + to + "h12", stroke: colour, "stroke-width": 2, fill: "none", class: "interval" }));
    taken.push([at - 8, to, at + 8, from]);
  }
  for (const point of points) {
    const at = x(point.mean_pd), mark = calibrationMark(point, at, y(point.default_rate));
    mark.append(svg("title", {}, calibrationSaid(point)));
    chart.append(mark);
    calibrationLabel(point, at, { y, zero, top, left, right: wide - right, taken, text, soft });
  }
  return chart;
}

// A grade stands over its interval, else under it, where nothing else stands; its counts too, where they find room.
function calibrationLabel(point, at, room) {
  const counts = grouped(point.defaults, 0) + " / " + grouped(point.clients, 0);
  for (const lines of [[point.grade, counts], [point.grade]]) {
    const half = Math.max(...lines.map((said) => said.length)) * 3.6 + 3, tall = 15 * lines.length, x = Math.min(Math.max(at, room.left + half), room.right - half);
    for (const upper of [room.y(point.high) - 7 - tall, room.y(point.low) + 7]) {
      const box = [x - half, upper, x + half, upper + tall];
      if (upper < room.top - 18 || upper + tall > room.zero - 2 || room.taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) continue;
      room.taken.push(box);
      lines.forEach((said, k) => room.text(said, { x, y: upper + 12 + 15 * k }, "middle", k ? room.soft : ink(), k ? 11 : 13));
      return;
    }
  }
  room.text(point.grade, { x: at + 10, y: room.y(point.default_rate) - 8 }, "start", ink(), 13);
}

function calibrationLegend() {
  const row = (said, draw) => el("div", { class: "row" }, swatch(draw), el("span", { class: "name" }, said));
  const round = (pen) => { pen.fillStyle = calibrationTone({ verdict: "agrees" }); pen.beginPath(); pen.arc(13, 8, 5, 0, 2 * Math.PI); pen.fill(); };
  const corners = (pen) => { pen.fillStyle = calibrationTone({ verdict: "too_low" }); pen.beginPath(); pen.moveTo(13, 1); pen.lineTo(20, 8); pen.lineTo(13, 15); pen.lineTo(6, 8); pen.fill(); };
  const dashes = (pen) => { pen.strokeStyle = S.dark ? "#9aa7b4" : "#5a6673"; pen.setLineDash([6, 4]); pen.beginPath(); pen.moveTo(0, 8); pen.lineTo(26, 8); pen.stroke(); };
  return D.chart.points.length ? [row(word("calibration_inside"), round), row(word("calibration_outside"), corners), row(word("calibration_diagonal"), dashes), el("p", { class: "note" }, word("calibration_counts"))] : [];
}

function calibrationTable() {
  const columns = [{ word: "grade" }, { word: "client_years", kind: "count" }, { word: "calibration_defaults", kind: "count" }, { word: "calibration_mean", kind: "percent" }, { word: "calibration_rate", kind: "percent" },
    { word: "chance_low", kind: "percent" }, { word: "chance_high", kind: "percent" }, { word: "calibration_jeffreys", kind: "number" }, { word: "calibration_verdict" }];
  return { columns, lines: D.chart.points.map((p, at) => ({ id: "grade:" + at, cells: [p.grade, p.clients, p.defaults, p.mean_pd, p.default_rate, p.low, p.high, p.jeffreys_p, word("calibration." + p.verdict)] })) };
}
