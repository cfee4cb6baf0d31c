// The side panel: what is known of the party, group or contract that was chosen.
function showChosen() {
  if (S.chosen === null && S.tab === "chosen") showTab(tabNames()[0]);
  if (S.chosen !== null) showTab("chosen");
  document.querySelector("main").classList.toggle("asked", S.chosen !== null);
}

function chosenPane() {
  if (!S.chosen) return [el("p", { class: "note" }, word(D.chart ? "choose_hint_chart" : "choose_hint"))];
  if (S.chosen.node !== undefined) return partyPane(S.chosen.node);
  if (S.chosen.group !== undefined) return groupPane(S.chosen.group);
  return linkPane(S.chosen.link);
}

function statusChip(status) {
  return status ? chip(word("status." + status), status) : null;
}

function partyPane(i) {
  const kind = node.kind[i], chips = el("div", { class: "chips" }, kind === "node" ? null : chip(word("kind." + kind)));
  if (node.client[i]) chips.append(chip(word("client")));
  if (node.status[i]) chips.append(statusChip(node.status[i]));
  const out = [
    el("p", { class: "title" }, node.label[i]), chips,
    pairs([
      [word("id"), node.id[i]], [word("industry"), node.industry[i]], [word("asset_kind"), node.asset[i] ? word("asset." + node.asset[i]) : null],
      [word("region"), [node.country[i], node.region[i]].filter(Boolean).join(" ")],
      [word("size"), node.size_class[i] ? word("size." + node.size_class[i]) : null], [word("client_since"), node.client_since_on[i]],
      [word("incorporated"), node.incorporated_on[i]], [word("national_id"), node.national_id[i]], [word("lei"), node.lei[i]], [word("source"), node.source[i]],
    ]),
    el("div", { class: "acts" }, D.chart ? null : S.focus === i ? act(word("leave_focus"), leaveFocus) : act(word("focus"), () => focusOn(i))),
  ];
  if (node.title[i]) out.splice(2, 0, el("p", { class: "given" }, node.title[i]));
  if (node.facts[i]) out.splice(out.length - 1, 0, factRows(D.nodes.fact_names, node.facts[i]));
  if (node.group[i] >= 0 && S.focus < 0) out[out.length - 1].append(act(word("close_group"), () => closeGroup(node.group[i])));
  if (D.cascade) for (const [at, run] of D.cascade.runs.entries()) if (run.why[i]) out.push(el("p", { class: "sentence" }, (D.cascade.runs.length > 1 ? runName(at) + "  ·  " : "") + run.why[i]));
  const way = D.cascade || node.status[i] === "defaulted" ? null : wayToDefault(i);
  if (way) {
    out.push(el("p", { class: "note" }, word("steps_to_default", { steps: way.length - 1 }) + " "));
    const line = out[out.length - 1];
    way.forEach((at, n) => {
      if (n) line.append(" → ");
      line.append(el("button", { type: "button", class: "link", onclick: () => choose({ node: at }, { reveal: true }) }, node.label[at]));
    });
  }
  out.push(...scoreRows(i), ...relationRows(i), ...facilityRows(i));
  return out;
}

function leaveFocus() {
  change(() => { S.focus = -1; }, { fit: true });
  showChosen();
}

// What the maker of a network said of a node or line besides.
function factRows(names, facts) {
  return pairs(names.map((name, at) => [name, typeof facts[at] === "number" ? number(facts[at]) : facts[at]]));
}

function closeGroup(g) {
  change(() => {
    S.open = S.open.filter((each) => each !== g);
    S.auto = S.auto.filter((each) => each !== g);
  });
}

function scoreRows(i) {
  const network = (measure) => measure.source.startsWith("centrality");
  const first = scoreTable(i, D.measures.filter((measure) => !network(measure))), second = scoreTable(i, D.measures.filter(network));
  return [...(first ? [el("h2", {}, word("scores")), first] : []), second ? el("details", {}, el("summary", {}, word("network_position")), second) : null];
}

function scoreTable(i, measures) {
  const lines = [];
  for (const measure of measures) {
    const value = measure.values[i];
    if (value === null) continue;
    const share = measure.share[i];
    let bar = "";
    if (share !== null) {
      const inner = el("i", {});
      inner.style.width = share + "%";
      bar = el("span", { class: "bar", title: word("percentile_title", { share, known: grouped(measure.known, 0) }) }, inner);
    }
    const name = el("span", { title: measure.source }, word("measure." + measure.key));
    const rank = share === null ? "" : "P" + Math.floor(share);
    lines.push({ cells: [name, value, bar instanceof Node ? bar : "", rank], kind: measure.kind });
  }
  if (!lines.length) return null;
  return table([{ word: "measure" }, { text: "", kind: "number" }, { word: "place_in_book" }, { text: "", kind: "number" }], lines.map((line) => ({
    cells: [line.cells[0], el("span", { title: line.kind === "money" ? exact(line.cells[1]) : String(line.cells[1]) }, written(line.kind, line.cells[1])), line.cells[2] === "" ? "" : line.cells[2], line.cells[3]],
  })));
}

function relationRows(i) {
  const all = adjacent[i].slice().sort((a, b) => (link.amount[b] === null ? -1 : link.amount[b]) - (link.amount[a] === null ? -1 : link.amount[a]) || a - b);
  if (!all.length) return [el("h2", {}, word("relations")), el("p", { class: "note" }, word("no_relations"))];
  const holder = el("div", {});
  const show = (most) => {
    const lines = all.slice(0, most).map((k) => {
      const other = otherEnd(k, i), out = link.from[k] === i;
      const what = el("span", { title: linkTip(k) }, word(D.cascade ? (out ? "loss." : "lossin.") + link.relation[k] : (out ? "out." : "in.") + link.relation[k]));
      return { cells: [what, node.label[other], link.amount[k] === null ? shareOf(k) || "–" : link.amount[k]], go: () => choose({ node: other }, { reveal: true }), id: node.id[other] };
    });
    fill(holder, scrolling(table([{ word: "relation" }, { word: "other_party", clip: true }, { word: "amount", kind: "money" }], lines.map(moneyOrText))),
      all.length > most ? act(word("show_all", { count: grouped(all.length, 0) }), () => show(all.length)) : null);
  };
  show(40);
  return [el("h2", {}, word("relations") + "  (" + grouped(all.length, 0) + ")"), holder];
}

// A share in a money column is already text.
function moneyOrText(line) {
  const last = line.cells.length - 1, value = line.cells[last];
  if (typeof value === "number") line.cells[last] = el("span", { title: D.view === "network" ? String(value) : exact(value) }, amountText(value));
  return line;
}

function facilityRows(i) {
  const mine = facilitiesOf.get(i) || [];
  if (!mine.length) return [];
  const lines = mine.map((k) => ({
    cells: [
      el("span", { title: [facility.product[k], facility.limit[k] === null ? null : word("limit") + " " + exact(facility.limit[k])].filter(Boolean).join("\n") }, facility.id[k]),
      facility.lender[k] === -1 ? facility.maturity_on[k] || "–" : word("other_lender"),
      facility.days_past_due[k], facility.outstanding[k],
    ],
  }));
  const columns = [{ word: "facility" }, { word: "maturity" }, { word: "days_past_due", kind: "count" }, { word: "outstanding", kind: "money" }];
  return [el("h2", {}, word("facilities") + "  (" + grouped(mine.length, 0) + ")"), scrolling(table(columns, lines))];
}

function groupPane(g) {
  const lens = lensNow(), list = members[g].slice().sort((a, b) => (valueOf("exposure", b) || 0) - (valueOf("exposure", a) || 0) || (D.view === "network" ? adjacent[b].length - adjacent[a].length : 0) || a - b);
  const out = [
    el("p", { class: "title" }, group.name[g]), el("div", { class: "chips" }, chip(word("group"))),
    pairs([
      [word("nodes"), grouped(group.members[g], 0)], [word("measure.exposure"), group.exposure[g] === null ? null : el("span", { title: exact(group.exposure[g]) }, money(group.exposure[g]))],
      [lens ? word("measure." + lens.key) : "", lens && groupValue(g) !== null ? written(lens.kind, groupValue(g)) : null], ["", group.note[g]],
    ]),
    el("div", { class: "acts" }, !group.inside[g] ? null : isOpen(g) ? act(word("close_group"), () => { closeGroup(g); showChosen(); }) : act(word("open_group"), () => enterGroup(g))),
  ];
  if (!group.inside[g]) out.push(el("p", { class: "note" }, word("not_in_page")));
  if (list.length) {
    const lines = list.slice(0, 60).map((i) => ({ cells: D.view === "network" ? [node.label[i], adjacent[i].length] : [node.label[i], valueOf("exposure", i)], go: () => choose({ node: i }, { reveal: true }), id: node.id[i] }));
    out.push(el("h2", {}, word("members")), table([{ word: "party", clip: true }, D.view === "network" ? { word: "relations", kind: "count" } : { word: "exposure", kind: "money" }], lines));
    if (list.length > 60) out.push(el("p", { class: "note" }, word("first_of", { shown: 60, total: grouped(list.length, 0) })));
  }
  return out;
}

function linkPane(k) {
  const to = (i) => el("button", { type: "button", class: "link", onclick: () => choose({ node: i }, { reveal: true }) }, node.label[i]);
  return [
    el("p", { class: "title" }, word("relation." + link.relation[k])), link.label[k] ? el("p", { class: "given" }, link.label[k]) : null, link.title[k] ? el("p", { class: "given" }, link.title[k]) : null,
    el("p", { class: "sentence" }, to(link.from[k]), " " + word((D.cascade ? "loss." : "verb.") + link.relation[k]) + " ", to(link.to[k])),
    pairs([
      [word("amount"), link.amount[k] === null ? null : D.view === "network" ? number(link.amount[k]) : exact(link.amount[k])], [word("share"), shareOf(k)], [word("what"), link.label[k] ? null : whatOf(k)],
      [word("contract"), link.contract[k]], [word("facility"), link.facility[k]], [word("rank"), link.rank[k]],
      [word("ratio"), link.ratio[k] === null ? null : percent(link.ratio[k], 1)], [word("from"), link.from_on[k]], [word("until"), link.to_on[k]],
      [word("payments_word"), link.count[k]], [word("source"), link.source[k]],
    ]),
    link.facts[k] ? factRows(D.links.fact_names, link.facts[k]) : null,
  ];
}
