// The tabs beside the picture: the lists of the biggest risks, what was chosen, and how the page was made.
function tabNames() {
  return [...extraTabs(), ...(D.panels.some((panel) => !panel.tab) ? ["risks"] : []), "chosen", "about"];
}

// Tabs that one view adds (the cascade's rounds); each has a function of the same name in PANES.
const PANES = { risks: risksPane, chosen: chosenPane, about: aboutPane };
function extraTabs() {
  return Object.keys(PANES).filter((name) => !["risks", "chosen", "about"].includes(name));
}

function buildTabs() {
  const bar = $("tabs");
  fill(bar, ...tabNames().map((name) => {
    const button = el("button", { type: "button", role: "tab", id: "tab-" + name, "aria-controls": "pane", onclick: () => showTab(name) }, name === "risks" ? D.words["tab.risks." + D.view] || word("tab.risks") : word("tab." + name));
    return button;
  }));
  addEventListener("resize", fitTables);
  bar.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!step) return;
    const names = tabNames(), next = names[(names.indexOf(S.tab) + step + names.length) % names.length];
    showTab(next);
    $("tab-" + next).focus();
  });
}

function showTab(name) {
  const same = S.tab === name, pane = $("pane"), at = pane.scrollTop;
  S.tab = name;
  for (const each of tabNames()) {
    const button = $("tab-" + each);
    button.setAttribute("aria-selected", String(each === name));
    button.tabIndex = each === name ? 0 : -1;
  }
  fill(pane, ...PANES[name]());
  fitTables();
  pane.scrollTop = same && name !== "chosen" ? at : 0;
  pane.setAttribute("aria-labelledby", "tab-" + name);
}

// A list that is wider than its place shows each row as a heading and named values, so that no column is out of sight.
function fitTables() {
  for (const box of $("pane").querySelectorAll(".scroll")) {
    const list = box.querySelector("table.named");
    if (!list) continue;
    list.classList.remove("stacked");
    list.classList.toggle("stacked", box.scrollWidth > box.clientWidth + 1);
  }
}

function risksPane() {
  if (D.standing) return standingPane();
  return panelRows(D.panels.filter((panel) => !panel.tab && (!panel.on_request || S.anyway)));
}

function panelRows(panels) {
  const out = [];
  for (const panel of panels) {
    out.push(el("h2", {}, word("panel." + panel.key)));
    if (panel.note) out.push(el("p", { class: "note" }, word(panel.note)));
    out.push(panel.rows.length ? scrolling(panelTable(panel)) : el("p", { class: "note" }, word("none")));
    if (panel.total > panel.rows.length) out.push(el("p", { class: "note" }, word("first_of", { shown: panel.rows.length, total: grouped(panel.total, 0) })));
  }
  return out;
}

function panelTable(panel) {
  const columns = panel.columns.map((column) => ({ ...column, clip: column.kind === "party" || column.kind === "nodes" }));
  const lines = panel.rows.map((row) => {
    const first = row.find((cell) => cell && typeof cell === "object" && (cell.at !== undefined || cell.many));
    const targets = first ? (first.many || [first.at]).filter((at) => at >= 0) : [];
    return { cells: row.map((cell, at) => panelCell(columns[at], cell)), go: targets.length ? () => goTo(targets) : null, id: targets.length === 1 ? node.id[targets[0]] : undefined };
  });
  return table(columns, lines, { named: true });
}

function panelCell(column, cell) {
  if (cell === null) return "–";
  if (cell.kind) return el("span", { title: cell.kind === "money" ? exact(cell.value) : null }, ((column.kind === "change" || cell.sign) && cell.value > 0 ? "+" : "") + written(cell.kind, cell.value));
  if (column.kind === "verdict" && cell.word) return chip(word(cell.word), { breached: "high", unknown: "medium" }[cell.word.split(".")[1]]);
  if (column.kind === "severity" || column.kind === "status") return chip(word(cell.word), cell.word.split(".")[1]);
  if (typeof cell === "object" && cell.word) return word(cell.word);
  if (typeof cell === "object") return cell.text;
  return cell;
}

// Show one party, or all parties of a list row at once.
function goTo(targets) {
  if (targets.length === 1) return choose({ node: targets[0] }, { reveal: true });
  const closed = targets.filter((i) => node.group[i] >= 0 && !isOpen(node.group[i]));
  if (closed.length || S.focus >= 0) {
    change(() => {
      S.focus = -1;
      for (const i of closed) openGroup(node.group[i]);
    });
  }
  choose({ node: targets[0] });
  const here = targets.map((i) => "n" + i).filter((id) => rows.get(id));
  if (here.length) net.fit({ nodes: here, animation: false, maxZoomLevel: 1.2 });
  lookCloser();
}

function aboutPane() {
  const about = D.about, out = [el("h2", {}, word("how_made")), pairs(about.facts.map((fact) => [word(fact.word), fact.text]))];
  if (about.left_out.length) out.push(el("h2", {}, word("left_out")), bullets(about.left_out));
  if (about.notes.length) out.push(el("h2", {}, word("data_notes")), bullets(about.notes));
  if (about.runs.length) out.push(el("h2", {}, word("analyses")));
  for (const run of about.runs) {
    out.push(el("details", {},
      el("summary", {}, run.analyzer + "  ", el("span", { class: "soft" }, word("version_number", { version: run.version }))),
      el("h2", {}, word("certificate")), pairs(run.certificate), el("h2", {}, word("parameters")), pairs(run.params)));
    if (run.other_data) out.push(el("p", { class: "chip high" }, word("other_data")));
    if (run.notes.length) out.push(bullets(run.notes));
  }
  return out;
}

function bullets(texts) {
  return el("ul", { class: "plain" }, ...texts.map((text) => el("li", {}, text)));
}

function buildFigures() {
  fill($("figures"), ...D.figures.map((figure) => el("div", { class: "figure" + (figure.warn ? " warn" : "") },
    el("div", { class: "word" }, word(figure.said || (figure.word.includes(".") ? figure.word : "figure." + figure.word)) + (figure.at ? " " + figure.at : "")),
    el("div", { class: "value", title: figure.kind === "money" ? exact(figure.value) : null }, (figure.sign && figure.value > 0 ? "+" : "") + written(figure.kind, figure.value)),
    el("div", {},
      figure.bar ? el("meter", { class: "bar", min: 0, max: Math.max(figure.bar.limit, figure.bar.value), low: figure.bar.own, high: figure.bar.limit, optimum: 0, value: figure.bar.value }) : null,
      figure.mark ? el("div", { class: "sub mark" }, word(figure.mark.word, { limit: written(figure.mark.kind, figure.mark.value) })) : null,
      el("div", { class: "sub" }, figure.sub ? word("sub." + figure.sub.word, { value: written(figure.sub.kind || "count", figure.sub.value) }) : "")))));
}

function buildHead() {
  const about = D.about;
  const parts = [about.as_of ? word("as_of_line", { day: about.as_of }) : "", D.currency ? word("amounts_in", { currency: D.currency }) : "",
    about.fingerprint ? word("fingerprint_line", { print: about.fingerprint.slice(0, 12) }) : ""].filter(Boolean);
  document.querySelector("h1").title = D.title;
  $("origin").textContent = parts.join("  ·  ");
  const said = [D.empty, about.masked ? word("masked_banner") : "", ...D.banner].filter(Boolean);
  $("banner").hidden = !said.length;
  $("banner").textContent = said.join("   ");
  $("banner").classList.toggle("calm", !about.masked && (D.calm || said.every((each) => each === D.empty)));
  $("none").hidden = !D.empty || (D.chart ? D.chart.kind === "report" || D.chart.nodes.length > 0 || Boolean(D.chart.curves) : node.many > 0);
  $("none").textContent = D.empty;
}
