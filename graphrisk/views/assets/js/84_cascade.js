// The replay of a default: a slider over rounds, colours by what has happened so far, a sentence for each default.
let other = null, otherRows = null, otherLines = null, playTimer = 0;

function startCascade() {
  PANES.rounds = roundsPane;
  PANES.bearing = bearingPane;
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

function sayRound() {
  $("round").value = S.round;
  $("round-text").textContent = D.cascade.runs.map((run) => {
    const failed = run.by_round.slice(0, S.round + 1).reduce((sum, each) => sum + each.failed, 0);
    const fresh = run.by_round[S.round] ? run.by_round[S.round].failed : 0;
    return word("round_now", { round: S.round, rounds: run.by_round.length - 1, failed: grouped(failed, 0), fresh: grouped(fresh, 0) });
  }).join("   |   ");
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

// "new" in this round, "failed" before, "stands" so far.
function stateOf(run, i) {
  const round = D.cascade.runs[run].round[i];
  return round === null || round > S.round ? "stands" : round === S.round ? "new" : "failed";
}

function stateColour(state) {
  const ramp = D.palette.risk[S.dark ? 1 : 0];
  return state === "new" ? ramp[3] : state === "failed" ? ramp[4] : paper();
}

function stateFill(run, i) {
  return stateColour(stateOf(run, i));
}

function lookOfFlow(edge, run, k) {
  const data = D.cascade.runs[run], live = stateOf(run, data.from[k]) !== "stands";
  edge.width = (data.cause[k] ? 2.6 : 0.8) + Math.min(3, Math.max(0, Math.log10((data.amount[k] || 1) / 1e5)) * 0.7);
  edge.color = { ...edge.color, opacity: live ? (data.cause[k] ? 1 : 0.45) : 0.1 };
  if (!live || !data.cause[k]) edge.text = "";
}

function stateRows() {
  const rows = [el("h2", {}, word("state_fill"))];
  for (const state of ["new", "failed", "stands"]) {
    rows.push(el("div", { class: "row" }, swatch((pen) => {
      pen.beginPath();
      pen.arc(13, 8, 6, 0, 7);
      pen.fillStyle = stateColour(state);
      pen.strokeStyle = tone(kindOf("company").line);
      pen.lineWidth = 2;
      pen.fill();
      pen.stroke();
    }), el("span", { class: "name" }, word("state." + state))));
  }
  rows.push(el("p", { class: "note" }, word("cause_line")));
  return rows;
}

function columnHeads(pen, run, toScreen) {
  pen.textAlign = "center";
  pen.textBaseline = "bottom";
  const heads = D.cascade.runs[run].columns, narrow = heads.some((head, at) => at && toScreen(head.x, 0)[0] - toScreen(heads[at - 1].x, 0)[0] < 92);
  for (const head of heads) {
    const [x, y] = toScreen(head.x, head.y);
    pen.font = (head.from <= S.round && S.round <= head.to ? "700 " : "600 ") + "13px " + family;
    pen.fillStyle = head.from >= 0 && head.from <= S.round ? ink() : S.dark ? "#7c8894" : "#8a95a1";
    pen.fillText(narrow ? head.short : head.text, x, y);
  }
}

// The second run, beside the first, with the same round.
function buildOther() {
  if (D.cascade.runs.length < 2) return;
  $("other").hidden = false;
  $("caption-one").hidden = false;
  $("caption-one").textContent = D.cascade.runs[0].name;
  $("caption-two").textContent = D.cascade.runs[1].name;
  otherRows = new vis.DataSet();
  otherLines = new vis.DataSet();
  other = new vis.Network($("net-two"), { nodes: otherRows, edges: otherLines }, {
    physics: false, layout: { improvedLayout: false }, edges: { smooth: false, arrowStrikethrough: false }, interaction: { hover: true, tooltipDelay: 140 },
  });
  other.on("click", (event) => { if (event.nodes.length) choose({ node: Number(event.nodes[0].slice(1)) }); });
  other.on("afterDrawing", (pen) => {
    const box = $("net-two"), dpr = pen.canvas.width / box.clientWidth, scale = other.getScale(), at = other.getViewPosition();
    pen.save();
    pen.setTransform(dpr, 0, 0, dpr, 0, 0);
    columnHeads(pen, 1, (x, y) => [(x - at.x) * scale + box.clientWidth / 2, (y - at.y) * scale + box.clientHeight / 2]);
    pen.restore();
  });
  net.redraw();
}

function drawOther() {
  if (!other) return;
  const run = D.cascade.runs[1], first = otherRows.length === 0;
  const shown = [...Array(node.many).keys()].filter((i) => run.x[i] !== null && !S.hiddenKinds.has(node.kind[i]));
  const here = new Set(shown);
  otherLines.clear();
  otherRows.clear();
  otherRows.add(shown.map((i) => {
    const look = lookOfNode(i, [run.x[i], run.y[i]]), background = stateFill(1, i);
    return { ...look, label: shortened(node.label[i], 14), font: { size: 15, color: ink() }, color: { ...look.color, background, highlight: { background, border: ink() }, hover: { background, border: ink() } } };
  }));
  otherLines.add(run.from.map((a, k) => {
    const look = relationOf(run.relation[k]), colour = tone(look.line);
    const edge = { id: "l" + k, from: "n" + a, to: "n" + run.to[k], dashes: look.dash.length ? look.dash : false, color: { color: colour, highlight: colour, hover: colour }, arrows: { to: { enabled: true, scaleFactor: 0.55 } } };
    lookOfFlow(edge, 1, k);
    delete edge.text;
    return edge;
  }).filter((edge, k) => here.has(run.from[k]) && here.has(run.to[k]) && !S.hiddenRelations.has(run.relation[k])));
  if (first) other.fit({ animation: false });
}

function roundsPane() {
  const out = [];
  D.cascade.runs.forEach((run, at) => {
    const fresh = [...Array(node.many).keys()].filter((i) => run.round[i] === S.round);
    out.push(el("h2", {}, (D.cascade.runs.length > 1 ? run.name + "  ·  " : "") + word("column.round", { round: S.round })));
    if (!fresh.length) out.push(el("p", { class: "note" }, word("nobody_new")));
    for (const i of fresh.sort((a, b) => (valueOf("loss", b) || 0) - (valueOf("loss", a) || 0) || a - b).slice(0, 60)) {
      const line = el("p", { class: "sentence" }, ...sentenceParts(run.why[i], i, () => choose({ node: i }, { reveal: at === 0 && run.x[i] !== null })));
      line.dataset.id = node.id[i];
      out.push(line);
    }
  });
  out.push(...byRound(), ...differences());
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
  for (const run of D.cascade.runs) {
    if (D.cascade.runs.length > 1) out.push(el("p", { class: "note" }, run.name));
    const lines = run.by_round.map((each, round) => ({ cells: [String(round), each.failed, each.bank_loss, each.guarantor_paid], go: () => setRound(round), here: round === S.round }));
    out.push(table([{ word: "round_label" }, { word: "failed", kind: "count" }, { word: "bank_loss_round", kind: "money" }, { word: "guarantors_round", kind: "money" }], lines));
  }
  return out;
}

function differences() {
  if (D.cascade.runs.length < 2) return [];
  const [one, two] = D.cascade.runs;
  const apart = [...Array(node.many).keys()].filter((i) => one.round[i] !== two.round[i]);
  const out = [el("h2", {}, word("compare")), el("p", { class: "note" }, word("compare_note", { a: one.name, b: two.name }))];
  if (!apart.length) return [...out, el("p", { class: "note" }, word("no_difference"))];
  const lines = apart.slice(0, 80).map((i) => ({ cells: [node.label[i], one.round[i], two.round[i], valueOf("loss", i), valueOf("loss_b", i)], go: () => choose({ node: i }), id: node.id[i] }));
  return [...out, el("div", { class: "scroll" }, table([{ word: "party", clip: true }, { text: "A", kind: "count" }, { text: "B", kind: "count" }, { text: "A", kind: "money" }, { text: "B", kind: "money" }], lines)),
    apart.length > 80 ? el("p", { class: "note" }, word("first_of", { shown: 80, total: grouped(apart.length, 0) })) : null].filter(Boolean);
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
