// Read the data, build the page, say when it is ready.
async function unpack() {
  const block = $("data"), text = block.textContent;
  if (block.type === "application/json") return JSON.parse(text);
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return JSON.parse(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text());
}

function start(payload) {
  readData(payload);
  readHash();
  applyTheme();
  buildHead();
  buildFigures();
  buildLegend();
  if (D.cascade) startCascade();
  buildTabs();
  buildSearch();
  buildKeys();
  buildPrint();
  if (D.chart) startChart();
  else buildCanvas();
  if (D.cascade) buildOther();
  if (D.cascade) shapeRuns();
  if (!D.chart) shapeLayers();
  redraw();
  showTab(S.chosen && !D.cascade && !D.chart && !D.standing ? "chosen" : tabNames()[0]);
  fitAll();
  if (S.chosen && S.chosen.node !== undefined && D.view === "overview") reveal(S.chosen.node);
  past.length = 0;
  $("b-undo").disabled = true;
  // For tests and for a reader's own scripts: what is drawn, counted, and the actions a mouse would do.
  window.graphrisk = Object.freeze({
    ready: performance.now(),
    counts: () => ({ nodes: drawn.nodes.length, groups: drawn.groups.length, edges: drawn.edges.length, labels: labelsDrawn, page: node.many, links: link.many }),
    all: () => node.id.slice(),
    ids: () => drawn.nodes.map((i) => node.id[i]),
    find: (text) => findParties(text).map((i) => node.id[i]),
    choose: (id) => choose({ node: placeOfId.get(id) }, { reveal: true }),
    focus: (id) => focusOn(placeOfId.get(id)),
    enter: enterGroup,
    csv: csvText,
    // what is drawn where: for each line its ends and its way, for each node its middle and radius
    geometry: () => ({ bodies: drawn.looks.map((each) => [each.id, each.x, each.y, each.size]), lines: drawn.edges.map((each) => [each.from, each.to, each.path]), close: drawn.close }),
    names: () => named.map(([i, ...at]) => [node.id[i], ...at.slice(0, 3)]),
    // what the last frame cost, counted
    work: () => ({ moving: movedInFrame, lines: linesPainted, names: labelsDrawn, measured: textsMeasured }),
    frames: () => framesDrawn,
    money,
    round: (to) => { if (to !== undefined) setRound(to); return S.round; },
    network: net,
  });
}

unpack().then(start);
