// What is drawn now: open groups as their nodes, closed groups as hexagons, never more than DRAWN nodes.
const DRAWN = 1500, LINES = 160;
const drawn = { nodes: [], groups: [], edges: [], capped: false };

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

// The nodes to draw, and where, when one party and its neighbours within two steps are looked at.
function focusScene() {
  const place = new Map([[S.focus, [0, 0]]]), layers = [[S.focus]], parent = new Map();
  const met = new Set([S.focus]);
  for (let step = 1; step <= 2; step++) {
    const layer = [];
    for (const at of layers[step - 1]) {
      const ends = adjacent[at].filter((k) => !isHiddenLink(k)).sort((a, b) => (link.amount[b] || 0) - (link.amount[a] || 0));
      for (const k of ends) {
        const next = otherEnd(k, at);
        if (met.has(next) || met.size >= 300 || S.hiddenKinds.has(node.kind[next])) continue;
        met.add(next);
        parent.set(next, at);
        layer.push(next);
      }
    }
    layers.push(layer);
  }
  const weight = new Map();
  for (const at of layers[2]) weight.set(parent.get(at), (weight.get(parent.get(at)) || 0) + 1);
  const total = layers[1].reduce((sum, at) => sum + Math.max(weight.get(at) || 0, 1), 0) || 1;
  const r1 = Math.max(230, (layers[1].length * 90) / 6.28), r2 = Math.max(r1 + 210, (total * 74) / 6.28);
  let angle = -Math.PI / 2;
  for (const at of layers[1]) {
    const mine = (2 * Math.PI * Math.max(weight.get(at) || 0, 1)) / total, middle = angle + mine / 2;
    place.set(at, [r1 * Math.cos(middle), r1 * Math.sin(middle)]);
    const below = layers[2].filter((each) => parent.get(each) === at);
    below.forEach((each, n) => {
      const a = angle + (mine * (n + 0.5)) / below.length;
      place.set(each, [r2 * Math.cos(a), r2 * Math.sin(a)]);
    });
    angle += mine;
  }
  return place;
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
  drawn.sums = strongest([...sums.values()]);
  drawn.edges = [...looksOfLinks(single), ...drawn.sums.map(lookOfSum)];
  return {
    nodes: [...drawn.groups.map(lookOfGroup), ...drawn.nodes.map((i) => lookOfNode(i, places.get(i)))],
    edges: drawn.edges,
  };
}

// Between groups only the strongest lines are drawn, and all of the group that was chosen.
function strongest(sums) {
  const between = sums.filter((sum) => sum.a[0] === "g" && sum.b[0] === "g"), chosen = S.chosen && S.chosen.group !== undefined ? "g" + S.chosen.group : "";
  drawn.weak = between.length > LINES;
  if (!drawn.weak) return sums;
  const kept = new Set(between.sort((a, b) => b.amount - a.amount || b.count - a.count || (a.id < b.id ? -1 : 1)).slice(0, LINES));
  return sums.filter((sum) => sum.a[0] === "n" || sum.b[0] === "n" || kept.has(sum) || sum.a === chosen || sum.b === chosen);
}

function add(sums, a, b, relation, count, amount) {
  const key = a + ">" + b;
  if (!sums.has(key)) sums.set(key, { id: "s" + key, a, b, parts: new Map(), count: 0, amount: 0 });
  const sum = sums.get(key);
  const part = sum.parts.get(relation) || { count: 0, amount: 0 };
  part.count += count;
  part.amount += amount || 0;
  sum.parts.set(relation, part);
  sum.count += count;
  sum.amount += amount || 0;
}

function nameOfStand(stand) {
  const at = Number(stand.slice(1));
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
    return edge;
  });
}
