// The legend is the filter: each row counts what it stands for and switches it off.
function buildLegend() {
  const rail = $("rail"), parts = [];
  if (D.chart) return fill(rail, ...chartLegend());
  parts.push(...lensRows());
  if (node.many) parts.push(el("h2", {}, word("parties_and_assets")));
  const kinds = countBy(node.kind);
  for (const name of D.palette.kind_order) if (kinds.get(name)) parts.push(kindRow(name, kinds.get(name)));
  for (const name of kinds.keys()) if (!D.palette.kind_order.includes(name)) parts.push(kindRow(name, kinds.get(name)));
  if (group.many) parts.push(el("div", { class: "row" }, swatch(paintHexagon), el("span", { class: "name" }, word("groups")), el("span", { class: "many" }, grouped(group.many, 0))));
  if (node.many && !D.cascade) parts.push(el("p", { class: "note" }, sizeNote()));
  const relations = countBy(link.relation);
  if (relations.size || bundle.many) parts.push(el("h2", {}, word("relations")));
  for (let k = 0; k < bundle.many; k++) if (!relations.has(bundle.relation[k])) relations.set(bundle.relation[k], 0);
  for (const name of D.palette.relation_order) if (relations.has(name)) parts.push(relationRow(name, relations.get(name)));
  if (D.standing) parts.push(...standingRows());
  parts.push(...leastRows());
  fill(rail, ...parts);
}

// What the size of things says.
function sizeNote() {
  const hexagons = D.groups.fold && D.groups.fold.some((fold) => !fold), exposure = D.view !== "network" && measureByKey.has("exposure");
  return [exposure ? word("size_of_node") : "", hexagons ? word("size_of_group") : ""].filter(Boolean).join(" ");
}

function countBy(column) {
  const counts = new Map();
  for (const value of column) counts.set(value, (counts.get(value) || 0) + 1);
  return counts;
}

function toggleRow(hidden, name, text, count, paint) {
  const box = el("input", { type: "checkbox", onchange: () => change(() => { if (box.checked) hiddenNow().delete(name); else hiddenNow().add(name); row.classList.toggle("off", !box.checked); }) });
  const hiddenNow = () => S[hidden];
  box.checked = !S[hidden].has(name);
  const row = el("label", { class: "row" + (box.checked ? "" : " off") }, box, swatch(paint), el("span", { class: "name", title: text }, text), el("span", { class: "many" }, grouped(count, 0)));
  row.dataset.name = name;
  return row;
}

function kindRow(name, count) {
  return toggleRow("hiddenKinds", name, word("kind." + name), count, (pen) => paintKind(pen, name));
}

function relationRow(name, count) {
  return toggleRow("hiddenRelations", name, word("relation." + name), count, (pen) => paintRelation(pen, name));
}

function paintRelation(pen, name) {
  const look = relationOf(name);
  pen.strokeStyle = tone(look.line);
  pen.lineWidth = Math.max(1.4, look.width);
  pen.setLineDash(look.dash);
  pen.beginPath();
  pen.moveTo(0, 8);
  pen.lineTo(26, 8);
  pen.stroke();
}

function paintKind(pen, name) {
  const look = kindOf(name), line = tone(look.line), hollow = name === "company" || name === "unknown";
  pen.lineWidth = 2;
  pen.strokeStyle = line;
  pen.fillStyle = hollow ? paper() : line;
  const points = {
    triangle: [[13, 2], [20, 14], [6, 14]], triangleDown: [[6, 2], [20, 2], [13, 14]], square: [[7, 2], [19, 2], [19, 14], [7, 14]],
    diamond: [[13, 1], [20, 8], [13, 15], [6, 8]],
    star: [...Array(10).keys()].map((k) => [13 + (k % 2 ? 3.2 : 7) * Math.sin((k * Math.PI) / 5), 8.5 - (k % 2 ? 3.2 : 7) * Math.cos((k * Math.PI) / 5)]),
  }[look.shape];
  pen.beginPath();
  if (points) points.forEach(([x, y], at) => (at ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  else pen.arc(13, 8, 6, 0, 2 * Math.PI);
  pen.closePath();
  if (name === "nominee" || name === "unknown") pen.setLineDash([2, 2]);
  pen.fill();
  pen.stroke();
}

function paintHexagon(pen) {
  pen.beginPath();
  for (let k = 0; k < 6; k++) pen.lineTo(13 + 7.5 * Math.cos((k * Math.PI) / 3), 8 + 7.5 * Math.sin((k * Math.PI) / 3));
  pen.closePath();
  pen.fillStyle = S.dark ? "#222b35" : "#eef1f4";
  pen.strokeStyle = S.dark ? "#8b98a6" : "#5a6673";
  pen.lineWidth = 1.5;
  pen.fill();
  pen.stroke();
}

function lensRows() {
  if (D.cascade) return stateRows();
  if (!D.lenses.length) return [];
  const select = el("select", { "aria-label": word("fill"), onchange: () => { change(() => { S.lens = select.value; }); buildLegend(); } });
  for (const lens of [...D.lenses, { key: "" }]) {
    const option = el("option", { value: lens.key }, lens.key ? word("measure." + lens.key) : word("no_fill"));
    option.selected = lens.key === S.lens;
    select.append(option);
  }
  const out = [el("h2", {}, word("fill")), select], lens = lensNow();
  if (lens) {
    const ramp = el("div", { class: "ramp", "aria-hidden": "true" }), edges = el("div", { class: "ramp-edges" });
    for (let step = 0; step < 5; step++) {
      ramp.append(el("span", { class: "r" + step }));
      const edge = lens.edges[step];
      edges.append(el("span", {}, edge === undefined ? "" : lens.kind === "percent" ? percent(edge, 0) : lens.kind === "money" ? money(edge) : number(edge)));
    }
    const key = el("div", { class: "row" }, swatch(paintRing), el("span", { class: "name" }, word("ring_default")));
    out.push(ramp, edges, el("p", { class: "note" }, word("lens_note." + lens.key)), key);
  }
  return out;
}

// The ring around a party in default.
function paintRing(pen) {
  pen.lineWidth = 4;
  pen.strokeStyle = tone(D.palette.defaulted);
  pen.fillStyle = paper();
  pen.beginPath();
  pen.arc(13, 8, 5, 0, 2 * Math.PI);
  pen.fill();
  pen.stroke();
}

function leastRows() {
  const largest = link.amount.reduce((most, value) => Math.max(most, value || 0), 0);
  if (largest <= 1) return [];
  const top = Math.ceil(Math.log10(largest)), bottom = Math.max(0, top - 6);
  const shown = el("output", { class: "many" }, S.least > 0 ? money(S.least) : "0");
  const slide = el("input", { type: "range", min: bottom, max: top, step: 0.25, "aria-label": word("least_amount") });
  slide.value = S.least > 0 ? Math.log10(S.least) : bottom;
  const read = () => (Number(slide.value) <= bottom ? 0 : Math.round(10 ** Number(slide.value)));
  slide.addEventListener("input", () => { shown.textContent = read() ? money(read()) : "0"; });
  slide.addEventListener("change", () => change(() => { S.least = read(); }));
  return [el("h2", {}, word("least_amount")), el("div", { class: "row" }, slide, shown)];
}

function applyTheme() {
  document.documentElement.classList.toggle("dark", S.dark);
  const ramp = D.palette.risk[S.dark ? 1 : 0];
  ramp.forEach((colour, step) => document.documentElement.style.setProperty("--r" + step, colour));
  $("b-dark").setAttribute("aria-pressed", String(S.dark));
}

function toggleDark() {
  S.dark = !S.dark;
  applyTheme();
  buildLegend();
  redraw();
}
