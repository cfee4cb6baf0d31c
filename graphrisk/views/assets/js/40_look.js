// How data looks: type by shape and border, relation by dash and colour, risk by fill.
function tone(two) {
  return two[S.dark ? 1 : 0];
}

function kindOf(name) {
  return D.palette.kinds[name] || D.palette.kinds.unknown;
}

function relationOf(name) {
  return D.palette.relations[name] || { line: D.palette.unknown_line, dash: [], width: 1.4 };
}

function lensNow() {
  return D.lenses.find((lens) => lens.key === S.lens) || null;
}

// The step 0..4 of a value under the chosen lens; -1 where it is not known.
function stepOf(value) {
  const lens = lensNow();
  if (!lens || value === null || value === undefined) return -1;
  let step = 0;
  for (const edge of lens.edges) if (value >= edge) step++;
  return step;
}

function ink() {
  return S.dark ? "#e6ebf0" : "#17202a";
}

function paper() {
  return tone(D.palette.paper);
}

// Black or white, whichever reads better on `colour`.
function inkOn(colour) {
  const part = (at) => parseInt(colour.slice(at, at + 2), 16) / 255;
  return 0.299 * part(1) + 0.587 * part(3) + 0.114 * part(5) > 0.55 ? "#17202a" : "#ffffff";
}

// Whether the browser knows a colour that was given.
const colours = new Map();
function isColour(text) {
  if (!colours.has(text)) colours.set(text, CSS.supports("color", text));
  return colours.get(text);
}

function nodeFill(i) {
  if (node.fill[i] !== null && isColour(node.fill[i])) return node.fill[i];
  if (D.cascade && S.lens === "") return stateFill(0, i);
  const kind = node.kind[i], step = stepOf(valueOf(S.lens, i));
  if (step >= 0) return D.palette.risk[S.dark ? 1 : 0][step];
  return kind === "company" || kind === "unknown" ? tone(D.palette.unknown) : tone(kindOf(kind).line);
}

let largestExposure = 0;
function nodeSize(i, run) {
  if (node.radius[i] !== null) return node.radius[i];
  if (!largestExposure) for (let k = 0; k < node.many; k++) largestExposure = Math.max(largestExposure, valueOf("exposure", k) || 0);
  const part = largestExposure ? Math.sqrt((valueOf("exposure", i) || 0) / largestExposure) : 0;
  const base = D.cascade ? D.cascade.runs[run || 0].size || 15 : node.kind[i] === "company" ? 8 : 8.5;
  return i === D.focus || i === S.focus ? Math.max(16, base + 10 * part) : base + 10 * part;
}

function nodeTip(i, run) {
  const lines = [node.label[i], (node.kind[i] === "node" ? "" : word("kind." + node.kind[i]) + "  ") + node.id[i]];
  if (node.title[i]) lines.push(node.title[i]);
  if (node.industry[i]) lines.push(node.industry[i]);
  for (const key of ["exposure", "value", "pd", "over_guarantee_ratio", "loss_caused"]) {
    const measure = measureByKey.get(key), value = valueOf(key, i);
    if (measure && value !== null) lines.push(word("measure." + key) + "  " + written(measure.kind, value));
  }
  const why = D.cascade ? D.cascade.runs[run || 0].why[i] : "";
  if (why) lines.push(...brokenLines(why));
  if (node.status[i] === "defaulted" || node.status[i] === "watch") lines.push(word("status." + node.status[i]));
  return lines.join("\n");
}

function lookOfNode(i, place, run) {
  const kind = kindOf(node.kind[i]), failed = node.status[i] === "defaulted", fillColour = nodeFill(i);
  const border = failed ? tone(D.palette.defaulted) : node.border[i] !== null && isColour(node.border[i]) ? node.border[i] : node.fill[i] !== null ? fillColour : tone(kind.line);
  const one = { background: fillColour, border };
  const nominal = node.kind[i] === "nominee" || node.kind[i] === "unknown";
  return {
    id: "n" + i, x: place ? place[0] : node.x[i], y: place ? place[1] : node.y[i], shape: node.shape[i] || kind.shape, size: nodeSize(i, run),
    title: nodeTip(i, run), borderWidth: failed ? 3.5 : 2, borderWidthSelected: 5,
    color: { ...one, highlight: { background: fillColour, border: ink() }, hover: { background: fillColour, border: ink() } },
    shapeProperties: { borderDashes: nominal ? [3, 3] : false },
  };
}

function groupValue(g) {
  const values = D.groups["lens." + S.lens];
  return values ? values[g] : null;
}

function groupFill(g) {
  const step = stepOf(groupValue(g));
  return step < 0 ? (S.dark ? "#222b35" : "#eef1f4") : D.palette.risk[S.dark ? 1 : 0][step];
}

function lookOfGroup(g) {
  const fillColour = groupFill(g), gathered = group.note[g] !== "";
  const border = gathered ? (S.dark ? "#4a5561" : "#c9d1d9") : S.dark ? "#a9b4bf" : "#3d4854"; // no dashes: dear without a GPU
  const lines = [group.name[g], word("nodes_count", { count: grouped(group.members[g], 0) })];
  if (group.exposure[g]) lines.push(word("measure.exposure") + "  " + money(group.exposure[g]));
  const lens = lensNow();
  if (lens && groupValue(g) !== null) lines.push(word("measure." + lens.key) + "  " + written(lens.kind, groupValue(g)));
  if (group.note[g]) lines.push(group.note[g]);
  lines.push(word(group.inside[g] ? "double_click_opens" : "not_in_page"));
  const one = { background: fillColour, border };
  const line = group.fold[g] ? tone(kindOf(group.kind[g]).line) : border;
  return {
    id: "g" + g, x: group.x[g], y: group.y[g], shape: "hexagon", size: group.fold[g] ? 24 : (group.size[g] || group.r[g]) * 0.97, title: lines.join("\n"),
    borderWidth: group.fold[g] ? 2.5 : gathered ? 1 : 2, borderWidthSelected: 4,
    color: { ...one, border: line, highlight: { background: fillColour, border: ink() }, hover: { background: fillColour, border: ink() } },
  };
}

function shareOf(k) {
  const low = link.share[k], high = link.share_max[k];
  if (low === null && high === null) return null;
  const whole = (value) => Math.abs(100 * value - Math.round(100 * value)) < 1e-9, digits = whole(low) && whole(high) ? 0 : 1;
  if (high === null || low === high) return percent(low, digits);
  return (low === null ? "0" : (100 * low).toFixed(digits)) + "–" + percent(high, digits);
}

function linkText(k) {
  if (link.label[k]) return link.label[k].replace(/\s+/g, " ");
  if (link.amount[k] !== null) return amountText(link.amount[k]);
  return shareOf(k) || "";
}

function whatOf(k) {
  if (link.label[k]) return link.label[k];
  return link.what[k] ? (D.words["what." + link.what[k]] || link.what[k]) : "";
}

function linkTip(k) {
  const lines = [node.label[link.from[k]], word((D.cascade ? "loss." : "verb.") + link.relation[k]) + (whatOf(k) ? "  (" + whatOf(k) + ")" : ""), node.label[link.to[k]]];
  if (link.title[k]) lines.push(link.title[k]);
  if (link.amount[k] !== null) lines.push((D.view === "network" ? word("amount") + "  " + number(link.amount[k]) : exact(link.amount[k])) + (link.count[k] ? "  " + word("payments", { count: link.count[k] }) : ""));
  if (shareOf(k)) lines.push(shareOf(k));
  if (link.contract[k]) lines.push(word("contract") + "  " + link.contract[k]);
  if (link.facility[k]) lines.push(word("facility") + "  " + link.facility[k]);
  if (link.to_on[k]) lines.push(word("until") + "  " + link.to_on[k]);
  return lines.join("\n");
}

function linkWidth(relation, amount) {
  const base = relationOf(relation).width;
  return base + (amount ? Math.min(3.5, Math.max(0, Math.log10(amount / 1e5)) * 0.8) : 0);
}
