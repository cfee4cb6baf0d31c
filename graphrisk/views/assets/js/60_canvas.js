// The drawing surface: vis-network with our own level of detail, labels and selection.
let framesDrawn = 0, movedInFrame = false, unfolded = -1e9, net = null, rows = null, lines = null, zoomTimer = 0;
const nearChosen = new Set();

function buildCanvas() {
  rows = new vis.DataSet();
  lines = new vis.DataSet();
  net = new vis.Network($("net"), { nodes: rows, edges: lines }, {
    physics: false,
    layout: { improvedLayout: false },
    nodes: { font: { size: 0 }, chosen: true },
    edges: { smooth: false, font: { size: 0 } },
    interaction: { hover: true, tooltipDelay: 140, multiselect: false, keyboard: false, zoomSpeed: 0.7 },
  });
  takeOverLines(net);
  net.on("beforeDrawing", drawDiscs);
  net.on("afterDrawing", (pen) => { drawLabels(pen); framesDrawn++; movedInFrame = moving; });
  net.on("click", clicked);
  $("net").addEventListener("dblclick", doubleClicked);
  net.on("zoom", () => { setMoving(true); lookCloser(); });
  net.on("dragStart", (event) => { setMoving(true); liftLines(net, event.nodes); });
  net.on("dragging", () => setMoving(true));
  net.on("dragEnd", () => setMoving(false));
  net.on("dragEnd", (event) => {
    for (const id of event.nodes) if (id[0] === "n" && S.focus < 0) {
      const at = net.getPosition(id), i = Number(id.slice(1));
      node.x[i] = Math.round(at.x);
      node.y[i] = Math.round(at.y);
    }
    if (event.nodes.length) settleLines(net, drawn.looks, drawn.edges);
    else lookCloser();
  });
}

function redraw(more) {
  if (D.chart) return redrawChart();
  const scene = buildScene();
  lines.clear();
  rows.clear();
  rows.add(scene.nodes);
  lines.add(scene.edges);
  drawn.looks = scene.nodes;
  drawn.close = settleLines(net, scene.nodes, scene.edges);
  if (D.cascade) drawOther();
  if (more && more.fit) fitAll();
  markChosen();
  showStatus();
  showTwin();
  writeHash();
  $("b-undo").disabled = past.length === 0;
}

// In motion lines are drawn lighter, or not at all where there are very many.
let moving = false, restTimer = 0;
function setMoving(on) {
  clearTimeout(restTimer);
  if (on) restTimer = setTimeout(() => setMoving(false), 350);
  if (moving !== on) {
    moving = on;
    if (!on) net.redraw();
  }
}

// Layers stand in columns: they are drawn apart from top to bottom as far as the window has room.
const LAYERED = new Set(["group", "ownership", "collateral"]);
function shapeLayers() {
  const box = $("net"), ends = (values) => values.reduce(([low, high], each) => [Math.min(low, each), Math.max(high, each)], [Infinity, -Infinity]);
  if (!LAYERED.has(D.view) || node.many < 2 || !box.clientWidth) return;
  const seen = [...Array(node.many).keys()].filter((i) => node.group[i] < 0), [left, right] = ends([...seen.map((i) => node.x[i]), ...group.x]), [top, bottom] = ends([...seen.map((i) => node.y[i]), ...group.y]);
  const wanted = ((right - left + 200) * (box.clientHeight - 84)) / Math.max(box.clientWidth - 124, 1) / Math.max(bottom - top, 1);
  const tall = Math.min(2.4, Math.max(1, wanted));
  for (let i = 0; i < node.many; i++) node.y[i] = Math.round(node.y[i] * tall);
  for (let g = 0; g < group.many; g++) group.y[g] = Math.round(group.y[g] * tall);
}

// Show everything drawn, with room for the labels.
function fitAll() {
  if (D.chart || !rows.length) return;
  if (D.cascade && S.focus < 0) {
    fitRun(net, 0);
    if (other) fitRun(other, 1);
    return;
  }
  const all = [...drawn.nodes.map((i) => [net.body.nodes["n" + i], net.body.nodes["n" + i].options.size]), ...drawn.groups.map((g) => [group, group.fold[g] ? 24 : group.r[g], g]), ...drawn.more.map((more) => [more, 24])];
  if (S.focus < 0) all.push(...[...S.open, ...S.auto].filter((g) => !group.fold[g]).map((g) => [group, group.r[g], g]));
  const x = all.map(([each, r, g]) => [g === undefined ? each.x : group.x[g], r]), y = all.map(([each, r, g]) => [g === undefined ? each.y : group.y[g], r]);
  const ends = (values) => values.reduce(([low, high], [at, r]) => [Math.min(low, at - r), Math.max(high, at + r)], [Infinity, -Infinity]);
  const [left, right] = ends(x), [top, bottom] = ends(y), box = $("net"), beside = drawn.nodes.length ? Math.max(62, Math.min(110, box.clientWidth * 0.13)) : 16;
  const scale = Math.min(1.25, (box.clientWidth - 2 * beside) / Math.max(right - left, 1), (box.clientHeight - 84) / Math.max(bottom - top, 1));
  net.moveTo({ position: { x: (left + right) / 2, y: (top + bottom) / 2 - 10 / scale }, scale: Math.max(scale, 0.01), animation: false });
}

function showStatus() {
  const text = [word(drawn.groups.length ? "drawn" : "drawn_nodes", { groups: grouped(drawn.groups.length, 0), nodes: grouped(drawn.nodes.length, 0), all: grouped(node.many, 0), links: grouped(drawn.edges.length, 0) })];
  if (drawn.capped) text.push(word("capped", { limit: grouped(DRAWN, 0) }));
  if (drawn.weak) text.push(word("strongest", { limit: LINES }));
  if (drawn.behind) text.push(word("between_bundles", { count: grouped(drawn.behind, 0) }));
  if (drawn.close) text.push(word("lines_close", { count: grouped(drawn.close, 0) }));
  if (S.hiddenKinds.size || S.least > 0 || [...S.hiddenRelations].sort().join() !== [...D.hidden].sort().join()) text.push(word("filtered"));
  if (S.focus >= 0) text.push(word("focus_on", { name: node.label[S.focus] }));
  $("status").textContent = text.join("  ·  ");
  $("said").textContent = filterText();
}

function markChosen() {
  nearChosen.clear();
  if (D.chart) return;
  const id = S.chosen ? (S.chosen.node !== undefined ? "n" + S.chosen.node : S.chosen.group !== undefined ? "g" + S.chosen.group : null) : null;
  if (id && rows.get(id)) {
    net.selectNodes([id], true);
    if (S.chosen.node !== undefined) for (const k of adjacent[S.chosen.node].slice(0, 30)) nearChosen.add(otherEnd(k, S.chosen.node));
  } else net.unselectAll();
}

function choose(what, more) {
  S.chosen = what;
  if (more && more.reveal && what && what.node !== undefined) reveal(what.node);
  else if (drawn.weak && !D.chart) redraw();
  else markChosen();
  showChosen();
  writeHash();
  if (net) net.redraw();
}

// Bring a node into sight: open its group, leave a focus that does not hold it, move there.
function reveal(i) {
  if (D.chart) return;
  const g = node.group[i], absent = S.focus >= 0 && !rows.get("n" + i), closed = S.focus < 0 && g >= 0 && !isOpen(g);
  if (absent || closed || S.hiddenKinds.has(node.kind[i])) {
    change(() => {
      S.hiddenKinds.delete(node.kind[i]);
      if (absent) S.focus = -1;
      if (g >= 0) openGroup(g);
    });
    buildLegend();
  } else markChosen();
  const place = net.getPosition("n" + i), at = net.canvasToDOM(place), within = (value, most) => value > 40 && value < most - 40;
  if (D.cascade && within(at.x, $("net").clientWidth) && within(at.y, $("net").clientHeight)) return; // the columns stay where they are
  net.moveTo({ position: place, scale: Math.max(net.getScale(), D.view === "overview" ? 0.8 : net.getScale()), animation: false });
}

function clicked(event) {
  const id = event.nodes[0], edge = event.edges[0];
  if (id === undefined && edge !== undefined && edge[0] === "l") return choose({ link: Number(edge.slice(1)) });
  if (id === undefined) return choose(null);
  const at = Number(id.slice(1));
  if (id[0] === "n") return choose({ node: at });
  if (id[0] === "m" || group.fold[at]) unfolded = performance.now();
  if (id[0] === "m") return change(() => { S.more = [...S.more, drawn.more[at].key]; }, { fit: true });
  if (group.fold[at]) return change(() => openGroup(at));
  return choose({ group: at });
}

// The second click of two means what stood there at the first: a bundle that has just opened stays as it is.
function doubleClicked(event) {
  const frame = $("net").getBoundingClientRect(), id = net.getNodeAt({ x: event.clientX - frame.left, y: event.clientY - frame.top });
  if (id === undefined || id[0] === "m" || performance.now() - unfolded < 600) return;
  const at = Number(id.slice(1));
  if (id[0] === "g") enterGroup(at);
  else focusOn(at);
}

function enterGroup(g) {
  if (!group.inside[g]) return;
  change(() => openGroup(g));
  const scale = Math.min(1.1, (0.42 * Math.min($("net").clientWidth, $("net").clientHeight)) / group.r[g]);
  net.moveTo({ position: { x: group.x[g], y: group.y[g] }, scale: Math.max(scale, net.getScale()), animation: false });
  choose({ group: g });
}

function focusOn(i) {
  change(() => { S.focus = i; S.more = []; }, { fit: true });
  choose({ node: i });
}

function goHome() {
  change(() => {
    S.focus = -1;
    S.auto = [];
    S.open = [...Array(group.many).keys()].filter((g) => group.opened[g]);
  }, { fit: true });
}

// Zooming in opens the groups in sight that are large enough on the screen, zooming out closes them again.
function lookCloser() {
  clearTimeout(zoomTimer);
  zoomTimer = setTimeout(() => {
    if (S.focus >= 0 || !group.many || D.view === "ego") return;
    const scale = net.getScale(), at = net.getViewPosition(), wanted = [];
    const w = $("net").clientWidth / 2 / scale, h = $("net").clientHeight / 2 / scale;
    let total = S.open.reduce((sum, g) => sum + members[g].length, 0);
    const inSight = (g) => Math.abs(group.x[g] - at.x) < w + group.r[g] * 0.5 && Math.abs(group.y[g] - at.y) < h + group.r[g] * 0.5;
    const far = (g) => (group.x[g] - at.x) ** 2 + (group.y[g] - at.y) ** 2;
    const near = [...Array(group.many).keys()].filter((g) => group.inside[g] && !group.fold[g] && inSight(g) && group.r[g] * scale > 130 && scale > 0.3);
    for (const g of near.sort((a, b) => far(a) - far(b))) {
      if (S.open.includes(g) || total + members[g].length > DRAWN) continue;
      wanted.push(g);
      total += members[g].length;
    }
    if (wanted.length !== S.auto.length || wanted.some((g) => !S.auto.includes(g))) {
      S.auto = wanted;
      redraw();
    }
  }, 120);
}
