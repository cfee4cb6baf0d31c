// What is drawn now: open groups as their nodes, closed groups as hexagons, never more than DRAWN nodes.
const DRAWN = 1500, LINES = 160;
const drawn = { nodes: [], groups: [], more: [], hubs: new Set(), edges: [], capped: false };

function isOpen(g) {
  return S.open.includes(g) || S.auto.includes(g);
}

// Open a group and close those opened longest ago where too much would be drawn.
function openGroup(g) {
  if (!group.inside[g] || isOpen(g)) return;
  S.open.push(g);
  let total = S.open.reduce((sum, each) => sum + members[each].length, 0);
  while (total > DRAWN && S.open.length > 1) total -= members[S.open.shift()].length;
}

function isHiddenLink(k) {
  return (D.cascade && D.cascade.runs[0].flow_on_request[k] && !S.anyway) || S.hiddenRelations.has(link.relation[k]) || (S.least > 0 && link.amount[k] !== null && link.amount[k] < S.least);
}

// One party with its neighbours around it: of each kind with the same relations the largest, the rest behind "+n more".
const ALIKE = 8, FIRST = 5;
function focusScene() {
  const found = new Map();
  for (const k of adjacent[S.focus]) {
    const next = otherEnd(k, S.focus);
    if (next === S.focus || isHiddenLink(k) || S.hiddenKinds.has(node.kind[next])) continue;
    if (!found.has(next)) found.set(next, { relations: new Set(), amount: 0, links: [] });
    const each = found.get(next);
    each.relations.add(link.relation[k] + (link.from[k] === S.focus ? ">" : "<"));
    each.amount += link.amount[k] || 0;
    each.links.push(k);
  }
  const classes = new Map();
  for (const [i, each] of found) {
    const key = node.kind[i] + "|" + [...each.relations].sort().join("+");
    if (!classes.has(key)) classes.set(key, []);
    classes.get(key).push(i);
  }
  const around = [];
  for (const [key, all] of [...classes].sort((a, b) => (a[0] < b[0] ? -1 : 1))) {
    all.sort((a, b) => found.get(b).amount - found.get(a).amount || (valueOf("exposure", b) || 0) - (valueOf("exposure", a) || 0) || a - b);
    const open = all.length < ALIKE || S.more.includes(key), shown = open ? all.slice(0, 300) : all.slice(0, FIRST), rest = all.slice(shown.length);
    around.push(...shown.map((i) => ({ i })));
    if (rest.length) around.push({ key, rest, links: rest.flatMap((i) => found.get(i).links) });
  }
  const place = new Map([[S.focus, [0, 0]]]), radius = Math.max(220, (around.length * 92) / 6.28);
  drawn.more = [];
  around.forEach((each, n) => {
    const angle = -Math.PI / 2 + (2 * Math.PI * n) / around.length, at = [Math.round(radius * Math.cos(angle)), Math.round(radius * Math.sin(angle))];
    if (each.i !== undefined) place.set(each.i, at);
    else drawn.more.push({ ...each, x: at[0], y: at[1] });
  });
  return place;
}

// The bundle of the neighbours that are not drawn, and the line to it.
function lookOfMore(more, at) {
  const background = S.dark ? "#222b35" : "#eef1f4", border = tone(kindOf(node.kind[more.rest[0]]).line), one = { background, border };
  const names = more.rest.slice(0, 8).map((i) => node.label[i]);
  return {
    id: "m" + at, x: more.x, y: more.y, shape: "hexagon", size: 24, title: [word("more_of", { count: grouped(more.rest.length, 0) }), ...names, more.rest.length > 8 ? "…" : ""].filter(Boolean).join("\n"),
    borderWidth: 2.5, borderWidthSelected: 4, color: { ...one, highlight: one, hover: one },
  };
}

function lineToMore(more, at) {
  const out = more.links.every((k) => link.from[k] === S.focus), sum = { a: out ? "n" + S.focus : "m" + at, b: out ? "m" + at : "n" + S.focus, id: "sm" + at, parts: new Map(), count: 0, amount: 0 };
  for (const k of more.links) countIn(sum, link.relation[k], link.count[k] || 1, link.amount[k]);
  return sum;
}

function chooseNodes() {
  const chosen = [];
  drawn.capped = false;
  if (S.focus >= 0) return focusScene();
  if (D.cascade) return new Map([...Array(node.many).keys()].filter((i) => inRun(0, i) && !S.hiddenKinds.has(node.kind[i])).map((i) => [i, null]));
  const openFirst = [...S.open, ...S.auto.filter((g) => !S.open.includes(g))];
  for (let i = 0; i < node.many; i++) if (node.group[i] < 0 && !S.hiddenKinds.has(node.kind[i])) chosen.push(i);
  for (const g of openFirst) for (const i of members[g]) if (!S.hiddenKinds.has(node.kind[i])) chosen.push(i);
  drawn.capped = chosen.length > DRAWN;
  if (drawn.capped) chosen.splice(0, chosen.length, ...chosen.sort((a, b) => adjacent[b].length - adjacent[a].length || a - b).slice(0, DRAWN));
  return new Map(chosen.map((i) => [i, null]));
}

function buildScene() {
  const places = chooseNodes();
  drawn.nodes = [...places.keys()];
  drawn.groups = [];
  drawn.hubs = hubsOf(drawn.nodes);
  if (S.focus < 0) drawn.more = [];
  if (S.focus < 0) {
    for (let g = 0; g < group.many; g++) if (!isOpen(g) && !(group.fold[g] && S.hiddenKinds.has(group.kind[g]))) drawn.groups.push(g);
  }
  const shownGroup = new Set(drawn.groups);
  const stand = (i) => (places.has(i) ? "n" + i : node.group[i] >= 0 && shownGroup.has(node.group[i]) ? "g" + node.group[i] : null);
  const single = [], sums = new Map();
  for (let k = 0; k < link.many; k++) {
    if (isHiddenLink(k)) continue;
    const a = stand(link.from[k]), b = stand(link.to[k]);
    if (!a || !b) continue;
    if (a[0] === "n" && b[0] === "n") single.push(k);
    else if (a === b || (a[0] === "g" && b[0] === "g" && bundle.many)) continue; // inside a group, or summed beforehand
    else add(sums, a, b, link.relation[k], link.count[k] || 1, link.amount[k]);
  }
  for (let k = 0; k < bundle.many; k++) {
    if (S.hiddenRelations.has(bundle.relation[k]) || !shownGroup.has(bundle.from[k]) || !shownGroup.has(bundle.to[k])) continue;
    if (S.least > 0 && bundle.amount[k] !== null && bundle.amount[k] < S.least) continue;
    add(sums, "g" + bundle.from[k], "g" + bundle.to[k], bundle.relation[k], bundle.count[k], bundle.amount[k]);
  }
  drawn.single = single;
  drawn.sums = [...strongest([...sums.values()]), ...drawn.more.map(lineToMore)];
  drawn.edges = [...looksOfLinks(single), ...drawn.sums.map(lookOfSum)];
  return {
    nodes: [...drawn.groups.map(lookOfGroup), ...drawn.more.map(lookOfMore), ...drawn.nodes.map((i) => lookOfNode(i, places.get(i)))],
    edges: drawn.edges,
  };
}

// Between groups only the strongest lines are drawn, and all of the group that was chosen; between bundles none.
function strongest(sums) {
  const between = sums.filter((sum) => sum.a[0] === "g" && sum.b[0] === "g"), folded = (id) => id[0] === "g" && group.fold[Number(id.slice(1))], chosen = S.chosen && S.chosen.group !== undefined ? "g" + S.chosen.group : "";
  drawn.behind = between.filter((sum) => folded(sum.a) && folded(sum.b)).length; // seen once one of the two is opened
  drawn.weak = !drawn.behind && between.length > LINES;
  if (drawn.behind) return sums.filter((sum) => !folded(sum.a) || !folded(sum.b));
  if (!drawn.weak) return sums;
  const kept = new Set(between.sort((a, b) => b.amount - a.amount || b.count - a.count || (a.id < b.id ? -1 : 1)).slice(0, LINES));
  return sums.filter((sum) => sum.a[0] === "n" || sum.b[0] === "n" || kept.has(sum) || sum.a === chosen || sum.b === chosen);
}

function add(sums, a, b, relation, count, amount) {
  const key = a + ">" + b;
  if (!sums.has(key)) sums.set(key, { id: "s" + key, a, b, parts: new Map(), count: 0, amount: 0 });
  countIn(sums.get(key), relation, count, amount);
}

function countIn(sum, relation, count, amount) {
  const part = sum.parts.get(relation) || { count: 0, amount: 0 };
  part.count += count;
  part.amount += amount || 0;
  sum.parts.set(relation, part);
  sum.count += count;
  sum.amount += amount || 0;
}

// The nodes with the most lines: they have a name on the picture, however little they owe.
const HUBS = 12, HUB = 6;
function hubsOf(nodes) {
  if (D.view === "precheck") return new Set(nodes.filter((i) => adjacent[i].some((k) => link.dashes[k])));
  return new Set(nodes.filter((i) => adjacent[i].length >= HUB).sort((a, b) => adjacent[b].length - adjacent[a].length || a - b).slice(0, HUBS));
}

function nameOfStand(stand) {
  const at = Number(stand.slice(1));
  if (stand[0] === "m") return word("more_of", { count: grouped(drawn.more[at].rest.length, 0) });
  return stand[0] === "n" ? node.label[at] : group.name[at];
}

function lookOfSum(sum) {
  const kinds = [...sum.parts.keys()], lines = [nameOfStand(sum.a) + "  →  " + nameOfStand(sum.b)];
  for (const [relation, part] of sum.parts) {
    lines.push(word("relation." + relation) + "  " + grouped(part.count, 0) + (part.amount ? "  " + amountText(part.amount) : ""));
  }
  const between = sum.a[0] === "g" && sum.b[0] === "g" && S.focus < 0 && !group.fold[Number(sum.a.slice(1))];
  const quiet = S.focus < 0 && D.view === "overview" && S.open.length + S.auto.length > 0;
  const colour = kinds.length === 1 ? tone(relationOf(kinds[0]).line) : S.dark ? "#77838f" : "#8a95a1";
  return {
    id: sum.id, from: sum.a, to: sum.b, title: lines.join("\n"), width: quiet ? 1.2 : 1 + Math.min(6, Math.log2(1 + sum.count)),
    color: { color: colour, highlight: colour, hover: colour, opacity: between ? (S.chosen && ("g" + S.chosen.group === sum.a || "g" + S.chosen.group === sum.b) ? 0.95 : quiet ? 0.14 : 0.38) : quiet ? 0.26 : 0.6 }, arrows: { to: { enabled: true, scaleFactor: 0.55 } },
    text: D.amounts && sum.amount ? amountText(sum.amount) : "",
  };
}

function arrowsOf(k) {
  const ends = link.arrows[k] === null ? (link.relation[k] === "TIED_TO" ? [] : ["to"]) : link.arrows[k].split(" ");
  return Object.fromEntries(["from", "middle", "to"].map((end) => [end, { enabled: ends.includes(end), scaleFactor: 0.55 }]));
}

function looksOfLinks(links) {
  return links.map((k) => {
    const look = relationOf(link.relation[k]), colour = link.colour[k] !== null && isColour(link.colour[k]) ? link.colour[k] : tone(look.line);
    const edge = {
      id: "l" + k, from: "n" + link.from[k], to: "n" + link.to[k], title: linkTip(k), width: link.width[k] !== null ? link.width[k] : linkWidth(link.relation[k], link.amount[k]),
      color: { color: colour, highlight: colour, hover: colour, opacity: D.amounts ? 0.9 : 0.75 },
      dashes: link.dashes[k] === null ? (look.dash.length ? look.dash : false) : link.dashes[k] ? [6, 4] : false, text: D.amounts || S.focus >= 0 ? linkText(k) : "",
      arrows: arrowsOf(k),
    };
    if (D.cascade) lookOfFlow(edge, 0, k);
    if (D.view === "precheck") { // what is proposed stands out from what is there
      edge.color.opacity = link.dashes[k] ? 1 : 0.3;
      if (link.dashes[k]) Object.assign(edge, { width: edge.width + 2, dashes: [12, 7] });
    }
    return edge;
  });
}
