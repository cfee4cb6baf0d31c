// The same picture as tables: every node and link drawn is a row, with the same ids.
const twin = { open: false, which: "parties", sort: null, drawnOnly: null };
const TABLE_ROWS = 1000; // more rows than a table can hold are in the CSV

// A table of the overview holds the page, that of any other picture what is drawn, until the switch is used.
function drawnOnly() {
  return twin.drawnOnly === null ? D.view !== "overview" : twin.drawnOnly;
}

function nodesInTable() {
  return drawnOnly() ? drawn.nodes : [...Array(node.many).keys()];
}

function showTwin() {
  $("twin").hidden = !twin.open;
  $("b-table").setAttribute("aria-expanded", String(twin.open));
  if (!twin.open || !twinNames().length) return;
  if (!twinNames().includes(twin.which)) twin.which = twinNames()[0];
  const data = twinData(twin.which), netTable = !D.chart && ["parties", "groups", "relations"].includes(twin.which);
  const only = el("input", { type: "checkbox", id: "b-drawn", onchange: () => { twin.drawnOnly = only.checked; showTwin(); $("b-drawn").focus(); } });
  only.checked = drawnOnly();
  const sorted = twin.sort === null ? data.lines : data.lines.slice().sort((a, b) => compare((a.sort || a.cells)[twin.sort.at], (b.sort || b.cells)[twin.sort.at]) * twin.sort.way);
  const switches = twinNames().map((name) => act(word("twin." + (name === "flows" && OWN_CHARTS[D.chart.kind] ? OWN_CHARTS[D.chart.kind].twin : name)) + "  " + manyOf(name), () => { twin.which = name; twin.sort = null; showTwin(); }, { "aria-pressed": String(twin.which === name) }));
  const sort = (at) => { twin.sort = { at, way: twin.sort && twin.sort.at === at ? -twin.sort.way : NUMERIC.has(data.columns[at].kind) ? -1 : 1 }; showTwin(); $("twin").querySelectorAll("thead tr > *")[at].focus(); };
  fill($("twin"), el("div", { class: "bar-top" }, ...switches, el("span", { class: "grow" }), netTable ? el("label", { class: "row" }, only, word("drawn_only")) : null, act("CSV", saveCsv), act(word("close"), toggleTwin)),
    el("div", { class: "body" }, table(data.columns, sorted.slice(0, TABLE_ROWS), { sort, by: twin.sort }), sorted.length > TABLE_ROWS ? el("p", { class: "note" }, word("first_rows", { shown: grouped(TABLE_ROWS, 0), total: grouped(sorted.length, 0) })) : null));
}

function twinNames() {
  return [...(D.chart ? (D.chart.kind === "report" ? [] : ["flows"]) : ["parties", "groups", "relations"]), ...D.panels.filter((panel) => panel.twin && (!panel.on_request || S.anyway)).map((panel) => panel.key)];
}

// How many rows a table has, and of how many where it holds the first only.
function manyOf(name) {
  const panel = D.panels.find((each) => each.twin && each.key === name), many = twinData(name).lines.length;
  return grouped(many, 0) + (panel && panel.total > many ? " / " + grouped(panel.total, 0) : "");
}

function toggleTwin() {
  twin.open = !twin.open;
  showTwin();
  if (!net) return redrawChart();
  for (const each of D.cascade ? [net, other] : []) if (each) each.setSize("100%", "100%");
  if (D.cascade) fitAll();
  net.redraw();
}

function compare(a, b) {
  const none = (value) => value === null || value === undefined || value === "";
  if (none(a) || none(b)) return none(a) ? (none(b) ? 0 : -1) : 1;
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), D.lang);
}

function twinData(which) {
  const panel = D.panels.find((each) => each.twin && each.key === which);
  if (panel) return panelTwin(panel);
  if (which === "flows") return chartTable();
  if (D.view === "network" && which !== "groups") return which === "parties" ? networkNodes() : networkLines();
  return which === "parties" ? partyTable() : which === "groups" ? groupTable() : linkTable();
}

function partyTable() {
  const nodes = nodesInTable(), shown = D.measures.filter((measure) => nodes.some((i) => measure.values[i] !== null));
  const columns = [{ word: "id" }, { word: "name" }, { word: "kind" }, { word: "status" }, { word: "industry" }, { word: "region" },
    ...shown.map((measure) => ({ text: word("measure." + measure.key), key: measure.key, kind: measure.kind }))];
  const largest = nodes.slice().sort((a, b) => (valueOf("exposure", b) || 0) - (valueOf("exposure", a) || 0) || a - b);
  const lines = largest.map((i) => ({
    id: node.id[i], go: () => choose({ node: i }, { reveal: true }), here: S.chosen !== null && S.chosen.node === i,
    cells: [node.id[i], node.label[i], word("kind." + node.kind[i]), node.status[i] ? word("status." + node.status[i]) : "", node.industry[i] || "", node.region[i] || "", ...shown.map((measure) => measure.values[i])],
  }));
  return { columns, lines };
}

function groupTable() {
  const lens = lensNow();
  const columns = [{ word: "group" }, { word: "nodes", kind: "count" }, ...(D.view === "network" ? [] : [{ word: "exposure", kind: "money" }]), ...(lens && lens.key !== "exposure" ? [{ text: word("measure." + lens.key), kind: lens.kind }] : [])];
  const lines = (drawnOnly() ? drawn.groups : [...Array(group.many).keys()]).map((g) => ({
    id: "group:" + g, go: () => choose({ group: g }),
    cells: [group.name[g], group.members[g], ...(D.view === "network" ? [] : [group.exposure[g]]), ...(lens && lens.key !== "exposure" ? [groupValue(g)] : [])],
  }));
  return { columns, lines };
}

function linkTable() {
  const columns = [{ word: "from_party" }, { word: "relation" }, { word: "to_party" }, { word: "amount", kind: "money" }, { word: "share" }, { word: "what" }, { word: "contract" }, { word: "facility" }, { word: "until" }];
  const lines = (drawnOnly() ? drawn.single : [...Array(link.many).keys()]).map((k) => ({
    id: "link:" + k, go: () => choose({ link: k }),
    cells: [node.label[link.from[k]], word("relation." + link.relation[k]), node.label[link.to[k]], link.amount[k], shareOf(k) || "", whatOf(k), link.contract[k] || "", link.facility[k] || "", link.to_on[k] || ""],
    plain: [node.id[link.from[k]], node.label[link.from[k]], link.relation[k], node.id[link.to[k]], node.label[link.to[k]], link.amount[k], link.share[k], link.share_max[k], link.what[k], link.contract[k], link.facility[k], link.from_on[k], link.to_on[k], link.source[k]],
  }));
  for (const sum of drawnOnly() ? drawn.sums : []) {
    lines.push({
      id: "sum:" + sum.a + ">" + sum.b,
      cells: [nameOfStand(sum.a), [...sum.parts.keys()].map((r) => word("relation." + r)).join(", "), nameOfStand(sum.b), sum.amount || null, "", word("sum_of", { count: grouped(sum.count, 0) }), "", "", ""],
      plain: ["", nameOfStand(sum.a), [...sum.parts.keys()].join("+"), "", nameOfStand(sum.b), sum.amount || null, null, null, "sum of " + sum.count, null, null, null, null, null],
    });
  }
  return { columns, lines };
}

// A list beside the picture as the twin and the CSV hold it: a party by id and name, in the CSV plain values.
function panelTwin(panel) {
  const columns = panel.columns.flatMap((column) => (column.kind === "party" ? [{ word: "id", key: column.word + "_id" }, { ...column, clip: true }] : [column]));
  const lines = panel.rows.map((row, at) => {
    const party = row.find((cell) => cell && cell.at !== undefined), i = party ? party.at : -1;
    const who = (cell) => [i >= 0 ? node.id[i] : (cell || {}).id || "", cell ? cell.text : ""];
    const spread = (one) => row.flatMap((cell, k) => (panel.columns[k].kind === "party" ? who(cell) : [one(panel.columns[k], cell)])), values = spread((column, cell) => plainCell(cell));
    return { id: panel.key + ":" + at, go: i >= 0 ? () => choose({ node: i }, { reveal: true }) : undefined, here: i >= 0 && S.chosen !== null && S.chosen.node === i, cells: spread(panelCell), sort: values, plain: values };
  });
  return { columns, lines };
}

function plainCell(cell) {
  if (cell === null || typeof cell !== "object") return cell;
  return cell.kind ? cell.value : cell.word ? word(cell.word) : cell.text;
}
