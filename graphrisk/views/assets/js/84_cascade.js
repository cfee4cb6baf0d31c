// The replay of a default: a slider over rounds, colours by what has happened so far, a sentence for each default.
let other = null, otherRows = null, otherLines = null, playTimer = 0;

function startCascade() {
  PANES.rounds = roundsPane;
  PANES.bearing = bearingPane;
  if (D.cascade.runs.length > 1) PANES.compare = comparePane;
  buildPlayer();
}

function buildPlayer() {
  const slider = el("input", { type: "range", id: "round", min: 0, max: D.cascade.rounds, step: 1, "aria-label": word("round_label"), oninput: () => setRound(Number(slider.value)) });
  slider.value = S.round;
  fill($("play"),
    act("◀", () => setRound(S.round - 1), { title: word("previous"), "aria-label": word("previous") }),
    act(word("play"), togglePlay, { id: "b-play" }),
    act("▶", () => setRound(S.round + 1), { title: word("next"), "aria-label": word("next") }),
    slider, el("output", { id: "round-text", for: "round" }));
  $("play").hidden = false;
  sayRound();
}

// What a run is called where there are two.
function runName(at) {
  return word(at ? "run_b" : "run_a", { name: D.cascade.runs[at].name });
}

function sayRound() {
  $("round").value = S.round;
  $("round-text").textContent = D.cascade.runs.map((run, at) => {
    const failed = run.by_round.slice(0, S.round + 1).reduce((sum, each) => sum + each.failed, 0);
    const fresh = run.by_round[S.round] ? run.by_round[S.round].failed : 0;
    const round = Math.min(S.round, run.by_round.length - 1);
    return (D.cascade.runs.length > 1 ? "AB"[at] + "  " : "") + word("round_now", { round, rounds: run.by_round.length - 1, failed: grouped(failed, 0), fresh: grouped(fresh, 0) });
  }).join("   |   ");
  $("round").setAttribute("aria-valuetext", $("round-text").textContent);
}

function setRound(to) {
  S.round = Math.max(0, Math.min(D.cascade.rounds, to));
  sayRound();
  redraw();
  if (S.tab === "rounds") showTab("rounds");
}

function togglePlay() {
  if (playTimer) return stopPlay();
  if (S.round >= D.cascade.rounds) setRound(0);
  $("b-play").textContent = word("pause");
  playTimer = setInterval(() => {
    if (S.round >= D.cascade.rounds) stopPlay();
    else setRound(S.round + 1);
  }, 1100);
}

function stopPlay() {
  clearInterval(playTimer);
  playTimer = 0;
  $("b-play").textContent = word("play");
}

// Whether a node is drawn in a run: those that fail without the shock too only where they are asked for.
function inRun(at, i) {
  const run = D.cascade.runs[at];
  return run.x[i] !== null && (S.anyway || !run.on_request[i]);
}

// "anyway" without the shock too, "new" in this round, "failed" before, "stands" so far.
function stateOf(run, i) {
  const round = D.cascade.runs[run].round[i];
  if (D.cascade.runs[run].anyway[i]) return "anyway";
  return round === null || round > S.round ? "stands" : round === S.round ? "new" : "failed";
}

function stateColour(state) {
  const ramp = D.palette.risk[S.dark ? 1 : 0];
  if (state === "anyway") return S.dark ? "#56616d" : "#c3cad2";
  return state === "new" ? ramp[3] : state === "failed" ? ramp[4] : paper();
}

function stateFill(run, i) {
  return stateColour(stateOf(run, i));
}

function lookOfFlow(edge, run, k) {
  const data = D.cascade.runs[run], live = stateOf(run, data.from[k]) !== "stands" || (data.cause[k] && data.round[data.to[k]] !== null && data.round[data.to[k]] <= S.round);
  edge.width = (data.cause[k] ? 2.6 : 0.8) + Math.min(3, Math.max(0, Math.log10((data.amount[k] || 1) / 1e5)) * 0.7);
  edge.color = { ...edge.color, opacity: live ? (data.cause[k] ? 1 : 0.45) : 0.1 };
  if (!live || !data.cause[k]) edge.text = "";
}

function stateRows() {
  const rows = [el("h2", {}, word("state_fill"))];
  for (const state of ["new", "failed", "stands"]) {
    rows.push(el("div", { class: "row" }, swatch((pen) => paintState(pen, state)), el("span", { class: "name" }, word("state." + state))));
  }
  if (D.cascade.runs.some((run) => run.shocked.includes(1))) rows.push(el("div", { class: "row" }, swatch((pen) => shockRing(pen, 13, 8, 3.2)), el("span", { class: "name" }, word("shocked_mark"))));
  rows.push(...anywayRows());
  if (node.status.includes("defaulted")) rows.push(el("div", { class: "row" }, swatch(paintRing), el("span", { class: "name" }, word("ring_status"))));
  rows.push(el("p", { class: "note" }, word("cause_line")));
  return rows;
}

function paintState(pen, state) {
  pen.beginPath();
  pen.arc(13, 8, 6, 0, 2 * Math.PI);
  pen.fillStyle = stateColour(state);
  pen.strokeStyle = tone(kindOf("company").line);
  pen.lineWidth = 2;
  pen.fill();
  pen.stroke();
}

// Who fails without the shock too: a row that says how many, off until it is asked for.
function anywayRows() {
  const count = Math.max(...D.cascade.runs.map((run) => run.baseline_defaults)), shown = D.cascade.runs[0].anyway.filter(Boolean).length;
  if (!count) return [];
  const box = el("input", { type: "checkbox", id: "b-anyway", onchange: () => { change(() => { S.anyway = box.checked; }, { fit: true }); if (S.tab === "risks") showTab("risks"); } });
  box.checked = S.anyway;
  const text = shown < count && D.cascade.runs.length === 1 ? word("show_anyway_some", { shown: grouped(shown, 0), count: grouped(count, 0) }) : word("show_anyway", { count: grouped(count, 0) });
  return [el("label", { class: "row quiet" }, box, swatch((pen) => paintState(pen, "anyway")), el("span", { class: "name long" }, text))];
}

// A second ring around whom the shock itself hits.
function shockRing(pen, x, y, r) {
  pen.strokeStyle = ink();
  pen.lineWidth = 1.8;
  for (const more of [0, 3.6]) {
    pen.beginPath();
    pen.arc(x, y, r + more, 0, 2 * Math.PI);
    pen.stroke();
  }
}

function shockRings(pen, run, items) {
  for (const item of items) if (item.i !== undefined && D.cascade.runs[run].shocked[item.i]) shockRing(pen, item.x, item.y, item.r + 3);
}

function columnHeads(pen, run, { toScreen, claim, wide }) {
  pen.textAlign = "center";
  pen.textBaseline = "bottom";
  const heads = headsOf(run), narrow = heads.some((head, at) => at && toScreen(head.x, 0)[0] - toScreen(heads[at - 1].x, 0)[0] < 92);
  const now = (head) => head.from <= S.round && S.round <= head.to;
  for (const head of heads.slice().sort((a, b) => Number(now(b)) - Number(now(a)))) {
    const [middle, y] = toScreen(head.x, head.y), text = narrow ? head.short : head.text;
    pen.font = (now(head) ? "700 " : "600 ") + "13px " + family;
    const half = measureText(pen, text) / 2 + 3, inside = Math.max(half, Math.min(wide - half, middle)), x = Math.abs(inside - middle) < half ? inside : middle; // moved in from the edge
    pen.fillStyle = head.from >= 0 && head.from <= S.round ? ink() : S.dark ? "#93a0ad" : "#66727e";
    if (claim(x, y - 15, half, 14)) pen.fillText(text, x, y);
  }
  pen.textBaseline = "top";
}

// The heads of the columns in which anybody is drawn.
function headsOf(at) {
  const run = D.cascade.runs[at], beside = [...run.x.keys()].some((i) => run.anyway[i] && inRun(at, i));
  const top = Math.min(...[...run.x.keys()].filter((i) => inRun(at, i)).map((i) => run.y[i])) - 80 * (run.tall || 1);
  return run.columns.filter((head) => head.from !== -2 || beside).map((head) => ({ ...head, y: top }));
}

// Rows are drawn apart, or columns, as far as the window has room: the picture takes the shape of its frame.
function shapeRuns() {
  D.cascade.runs.forEach((run, at) => {
    const shown = [...run.x.keys()].filter((i) => inRun(at, i)), box = at ? $("net-two") : $("net");
    if (!shown.length || !box.clientHeight) return;
    const span = (values) => Math.max(...values) - Math.min(...values);
    const wide = span(shown.map((i) => run.x[i])) + 260, high = span([...shown.map((i) => run.y[i]), ...headsOf(at).map((head) => head.y)]) + 120;
    const wanted = (wide * box.clientHeight) / box.clientWidth / high, tall = Math.min(2.6, Math.max(1, wanted)), broad = Math.min(2, Math.max(1, 1 / wanted));
    for (const i of run.x.keys()) {
      if (run.x[i] === null) continue;
      run.x[i] *= broad;
      run.y[i] *= tall;
      if (at === 0) [node.x[i], node.y[i]] = [run.x[i], run.y[i]];
    }
    for (const head of run.columns) head.x *= broad;
    run.tall = tall;
    run.size = Math.min(70, Math.max(15, 5.5 / extentOf(at).scale)); // so that a state can be seen with the whole run in sight
  });
}

// The middle of a whole run and the scale that shows it: nodes, heads, and names beside the outermost nodes.
function extentOf(at) {
  const run = D.cascade.runs[at], box = at ? $("net-two") : $("net"), shown = [...run.x.keys()].filter((i) => inRun(at, i));
  if (!shown.length) return null;
  const x = shown.map((i) => run.x[i]), y = [...shown.map((i) => run.y[i]), ...headsOf(at).map((head) => head.y)];
  const [left, right, top, bottom] = [Math.min(...x), Math.max(...x), Math.min(...y), Math.max(...y)];
  const scale = Math.max(0.02, Math.min(1.25, (box.clientWidth - 124) / Math.max(right - left, 1), (box.clientHeight - 118) / Math.max(bottom - top, 1)));
  return { scale, position: { x: (left + right) / 2, y: (top + bottom) / 2 - 8 / scale } };
}

function fitRun(network, at) {
  const extent = extentOf(at);
  if (extent) network.moveTo({ ...extent, animation: false });
}

// The second run, beside the first, with the same round.
function buildOther() {
  if (D.cascade.runs.length < 2) return;
  $("other").hidden = false;
  $("caption-one").hidden = false;
  ["caption-one", "caption-two"].forEach((id, at) => { $(id).textContent = runName(at); });
  otherRows = new vis.DataSet();
  otherLines = new vis.DataSet();
  other = new vis.Network($("net-two"), { nodes: otherRows, edges: otherLines }, {
    physics: false, layout: { improvedLayout: false }, nodes: { font: { size: 0 } }, edges: { smooth: false }, interaction: { hover: true, tooltipDelay: 140 },
  });
  takeOverLines(other);
  for (const name of ["dragStart", "zoom", "dragging"]) other.on(name, () => setMoving(true));
  other.on("click", (event) => { if (event.nodes.length) choose({ node: Number(event.nodes[0].slice(1)) }); });
  other.on("afterDrawing", otherLabels);
  net.redraw();
}

function otherLabels(pen) {
  const body = other.body.nodes;
  pen.save();
  const frame = labelFrame(pen, $("net-two"), other), items = [];
  for (const i of D.cascade.runs[1].x.keys()) {
    const shape = body["n" + i];
    if (!shape) continue;
    const [x, y] = frame.toScreen(shape.x, shape.y), chosen = S.chosen !== null && S.chosen.node === i;
    items.push({ i, x, y, r: shape.options.size * frame.scale, chosen, rank: (chosen ? 1e18 : 0) + (valueOf("exposure", i) || 0) });
  }
  frame.obstacles.push(...items);
  columnHeads(pen, 1, frame);
  for (const item of items.sort((a, b) => b.rank - a.rank).slice(0, MOST_LABELS)) nodeLabel(pen, item, frame.claim, frame.scale, false, frame.wide);
  shockRings(pen, 1, items);
  pen.restore();
}

function drawOther() {
  if (!other) return;
  const run = D.cascade.runs[1], first = otherRows.length === 0;
  const shown = [...Array(node.many).keys()].filter((i) => inRun(1, i) && !S.hiddenKinds.has(node.kind[i]));
  const here = new Set(shown);
  otherLines.clear();
  otherRows.clear();
  const looks = shown.map((i) => {
    const look = lookOfNode(i, [run.x[i], run.y[i]], 1), background = stateFill(1, i);
    return { ...look, color: { ...look.color, background, highlight: { background, border: ink() }, hover: { background, border: ink() } } };
  });
  otherRows.add(looks);
  const edges = run.from.map((a, k) => {
    const look = relationOf(run.relation[k]), colour = tone(look.line);
    const edge = { id: "l" + k, from: "n" + a, to: "n" + run.to[k], dashes: look.dash.length ? look.dash : false, color: { color: colour, highlight: colour, hover: colour }, arrows: { to: { enabled: true, scaleFactor: 0.55 } } };
    lookOfFlow(edge, 1, k);
    delete edge.text;
    return edge;
  }).filter((edge, k) => (S.anyway || !run.flow_on_request[k]) && here.has(run.from[k]) && here.has(run.to[k]) && !S.hiddenRelations.has(run.relation[k]));
  otherLines.add(edges);
  settleLines(other, looks, edges);
  if (first) fitRun(other, 1);
  other.unselectAll();
  if (S.chosen && S.chosen.node !== undefined && otherRows.get("n" + S.chosen.node)) other.selectNodes(["n" + S.chosen.node], true);
}

function roundsPane() {
  const out = [];
  D.cascade.runs.forEach((run, at) => {
    const fresh = [...Array(node.many).keys()].filter((i) => run.round[i] === S.round);
    out.push(el("h2", {}, (D.cascade.runs.length > 1 ? runName(at) + "  ·  " : "") + word("column.round", { round: S.round })));
    if (!fresh.length) out.push(el("p", { class: "note" }, word("nobody_new")));
    for (const i of fresh.sort((a, b) => (valueOf("loss", b) || 0) - (valueOf("loss", a) || 0) || a - b).slice(0, 60)) {
      const line = el("p", { class: "sentence" }, ...sentenceParts(run.why[i], i, () => choose({ node: i }, { reveal: at === 0 && run.x[i] !== null })));
      line.dataset.id = node.id[i];
      out.push(line);
    }
  });
  out.push(...byRound());
  return out;
}

// The sentence with its first name as a link.
function sentenceParts(text, i, go) {
  const name = node.label[i], at = text.indexOf(name);
  const linked = el("button", { type: "button", class: "link", onclick: go }, at < 0 ? text : name);
  return at < 0 ? [linked] : [text.slice(0, at), linked, text.slice(at + name.length)];
}

function byRound() {
  const out = [el("h2", {}, word("by_round")), el("p", { class: "note" }, word("by_round_note"))];
  for (const [at, run] of D.cascade.runs.entries()) {
    if (D.cascade.runs.length > 1) out.push(el("p", { class: "note" }, runName(at)));
    const lines = run.by_round.map((each, round) => ({ cells: [String(round), each.failed, each.bank_loss, each.guarantor_paid], go: () => setRound(round), here: round === S.round }));
    out.push(table([{ word: "round_label" }, { word: "failed", kind: "count" }, { word: "bank_loss_round", kind: "money" }, { word: "guarantors_round", kind: "money" }], lines));
  }
  return out;
}

// What the two runs do to the book and to each party, A beside B.
function comparePane() {
  const out = [el("p", { class: "note" }, runName(0)), el("p", { class: "note" }, runName(1)), ...panelRows(D.panels.filter((panel) => panel.tab === "compare" && panel.rows.length))];
  return D.panels.some((panel) => panel.key === "compare" && panel.rows.length) ? out : [...out, el("p", { class: "note" }, word("no_difference"))];
}

// A sentence in lines of a tooltip.
function brokenLines(text) {
  const out = [""];
  for (const part of text.split(" ")) {
    if ([...out[out.length - 1]].length + part.length > 58) out.push("");
    out[out.length - 1] += (out[out.length - 1] ? " " : "") + part;
  }
  return out;
}
