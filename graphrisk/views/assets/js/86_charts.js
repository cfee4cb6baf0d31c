// Small charts as inline SVG, each with its table below.
function svg(tag, given, ...content) {
  const made = document.createElementNS($("blank").namespaceURI, tag);
  for (const name of Object.keys(given)) made.setAttribute(name, String(given[name]));
  for (const item of content) if (item !== null) made.append(item);
  return made;
}

function bearingPane() {
  const out = [];
  for (const [at, run] of D.cascade.runs.entries()) {
    const total = run.bearers.reduce((sum, flow) => sum + flow.amount, 0), title = D.cascade.runs.length > 1 ? runName(at) + "  ·  " : "";
    if (total > 0) {
      out.push(el("h2", {}, title + word("bearing")), el("p", { class: "note" }, word("bearing_note", { total: money(total) })), sankey(run.bearers));
      const lines = run.bearers.map((flow) => ({ cells: [flow.from, flow.to, flow.amount] }));
      out.push(el("details", {}, el("summary", {}, word("table")), table([{ word: "borrower", clip: true }, { word: "bearer", clip: true }, { word: "amount", kind: "money" }], lines)));
    }
    if (run.fractions.some((many) => many > 0)) {
      out.push(el("h2", {}, title + word("distribution")), el("p", { class: "note" }, word("distribution_note")), histogram(run.fractions));
      const lines = run.fractions.map((many, at) => ({ cells: [at * 10 + "–" + (at + 1) * 10 + " %", many] }));
      out.push(el("details", {}, el("summary", {}, word("table")), table([{ word: "measure.loss_fraction" }, { word: "parties", kind: "count" }], lines)));
    }
  }
  return out.length ? out : [el("p", { class: "note" }, word("nobody_new"))];
}

// Bands from the left names to the right names, as wide as their amounts.
function sankey(flows) {
  const wide = 360, pad = 9, left = new Map(), right = new Map();
  for (const flow of flows) {
    left.set(flow.from, (left.get(flow.from) || 0) + flow.amount);
    right.set(flow.to, (right.get(flow.to) || 0) + flow.amount);
  }
  const total = [...left.values()].reduce((sum, value) => sum + value, 0), room = 190, slot = (value) => Math.max((room * value) / total, 26);
  const tallest = (sums) => [...sums.values()].reduce((sum, value) => sum + slot(value) + pad, -pad), high = Math.ceil(Math.max(tallest(left), tallest(right)));
  const chart = svg("svg", { viewBox: "0 0 " + wide + " " + high, class: "chart", role: "img", "aria-label": word("bearing") });
  const stack = (sums) => {
    const places = new Map(), last = (name) => (name === word("bearer.others") ? 1 : 0);
    let y = (high - tallest(sums)) / 2;
    for (const [name, value] of [...sums].sort((a, b) => last(a[0]) - last(b[0]) || b[1] - a[1])) {
      const tall = (room * value) / total;
      places.set(name, { y: y + (slot(value) - tall) / 2, used: 0, tall });
      y += slot(value) + pad;
    }
    return places;
  };
  const from = stack(left), to = stack(right), x1 = 128, x2 = wide - 118;
  for (const flow of flows) {
    const a = from.get(flow.from), b = to.get(flow.to), tall = Math.max((room * flow.amount) / total, 0.6);
    const y1 = a.y + a.used, y2 = b.y + b.used, half = (x1 + x2) / 2;
    a.used += tall;
    b.used += tall;
    const path = "M" + x1 + " " + y1 + "C" + half + " " + y1 + " " + half + " " + y2 + " " + x2 + " " + y2 + "L" + x2 + " " + (y2 + tall)
      + "C" + half + " " + (y2 + tall) + " " + half + " " + (y1 + tall) + " " + x1 + " " + (y1 + tall) + "Z";
    const bearer = flow.to === word("bearer.bank") ? "to-bank" : flow.to === word("bearer.lenders") ? "to-lender" : "to-guarantor";
    chart.append(svg("path", { d: path, class: "band " + bearer }, svg("title", {}, flow.from + "  →  " + flow.to + "\n" + exact(flow.amount))));
  }
  ruler.font = "11px " + getComputedStyle(document.body).fontFamily;
  const name = (text, x, y, anchor, sum) => {
    chart.append(svg("text", { x, y: y + 1, "text-anchor": anchor, class: "ink" }, wrapped(ruler, pictured(text), 112, 1)[0], svg("title", {}, text)));
    chart.append(svg("text", { x, y: y + 13, "text-anchor": anchor }, money(sum)));
  };
  for (const [text, place] of from) name(text, x1 - 6, place.y + place.tall / 2, "end", left.get(text));
  for (const [text, place] of to) name(text, x2 + 6, place.y + place.tall / 2, "start", right.get(text));
  return chart;
}

function histogram(counts) {
  const wide = 360, high = 150, base = 122, most = Math.max(...counts, 1), step = (wide - 30) / counts.length;
  const chart = svg("svg", { viewBox: "0 0 " + wide + " " + high, class: "chart", role: "img", "aria-label": word("distribution") });
  chart.append(svg("line", { x1: 26, x2: wide, y1: base, y2: base, class: "axis" }));
  counts.forEach((many, at) => {
    const tall = many ? Math.max(1.5, (Math.log10(1 + many) / Math.log10(1 + most)) * 96) : 0, x = 28 + at * step;
    chart.append(svg("rect", { x, y: base - tall, width: step - 3, height: tall, class: "bar-fill" }, svg("title", {}, at * 10 + "–" + (at + 1) * 10 + " %: " + grouped(many, 0))));
    if (many) chart.append(svg("text", { x: x + (step - 3) / 2, y: base - tall - 4, "text-anchor": "middle", class: "ink" }, grouped(many, 0)));
    if (at % 2 === 0) chart.append(svg("text", { x, y: base + 14 }, at * 10 + " %"));
  });
  chart.append(svg("text", { x: wide - 2, y: high - 2, "text-anchor": "end" }, word("measure.loss_fraction") + ", " + word("parties_axis") + " (log)"));
  return chart;
}
