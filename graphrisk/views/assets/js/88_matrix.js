// A matrix of moves as a map: the darker a field, the more of its row moved there.
function matrixChart(wide, high) {
  const grades = D.chart.grades, many = grades.length, left = 118, top = 54, side = Math.min((wide - left - 20) / many, (high - top - 20) / many, 96);
  const soft = S.dark ? "#9aa7b4" : "#5a6673", line = S.dark ? "#2c353f" : "#dde2e8", place = new Map(grades.map((grade, at) => [grade.name, at]));
  const chart = svg("svg", { viewBox: "0 0 " + wide + " " + high, role: "img", "aria-label": D.title, "font-family": family || getComputedStyle(document.body).fontFamily });
  const text = (content, x, y, anchor, colour, size) => chart.append(svg("text", { x, y, "text-anchor": anchor, "font-size": size, fill: colour }, content));
  text(word("matrix_from"), left - 10, top - 30, "end", soft, 12);
  text(word("matrix_to"), left, top - 30, "start", soft, 12);
  grades.forEach((grade, at) => {
    text(grade.name, left + (at + 0.5) * side, top - 10, "middle", ink(), 13);
    text(grade.name, left - 46, top + (at + 0.5) * side + 1, "end", ink(), 13);
    if (at < many - 1 && grade.count !== null) text(grouped(grade.count, 0) + (grade.small ? " \u25b2" : ""), left - 8, top + (at + 0.5) * side + 1, "end", soft, 11);
  });
  for (const [from, to, chance, low, high_, count] of D.chart.cells) {
    const x = left + place.get(to) * side, y = top + place.get(from) * side, deep = chance === null ? 0 : Math.sqrt(chance);
    const said = from + "  \u2192  " + to + "\n" + (chance === null ? word("radar_gap") : percent(chance)) + (low === null ? "" : "\n" + percent(low) + " – " + percent(high_)) + (count === null ? "" : "\n" + word("moves_seen") + ": " + grouped(count, 0));
    chart.append(svg("rect", { x, y, width: side - 2, height: side - 2, class: "cell", fill: to === grades[many - 1].name ? "#D55E00" : "#0072B2", "fill-opacity": 0.06 + 0.84 * deep, stroke: line }, svg("title", {}, said)));
    if (chance !== null && chance > 0 && side > 30) text(percent(chance, chance < 0.0995 ? 1 : 0), x + side / 2 - 1, y + side / 2 + 4, "middle", deep > 0.55 ? "#ffffff" : ink(), Math.min(13, side / 4));
  }
  return chart;
}

function matrixLegend() {
  return [el("p", { class: "note" }, "\u25b2 " + word("matrix_few"))];
}

function matrixTable() {
  const columns = [{ word: "grade" }, { word: "grade_to" }, { word: "chance", kind: "percent" }, { word: "chance_low", kind: "percent" }, { word: "chance_high", kind: "percent" }, { word: "moves_seen", kind: "count" }];
  return { columns, lines: D.chart.cells.map((cells, at) => ({ id: "move:" + at, cells })) };
}
