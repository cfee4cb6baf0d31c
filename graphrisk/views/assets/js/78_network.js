// Tables of any network: every node and line by its id, with all that its maker said of it.
function networkNodes() {
  const facts = D.nodes.fact_names, titled = node.title.some((text) => text !== null);
  const columns = [{ word: "id" }, { word: "label" }, { word: "plain.group", key: "group" }, { word: "relations", kind: "count" }, ...(titled ? [{ word: "plain.title", key: "title", clip: true }] : []), ...facts.map((text) => ({ text, clip: true }))];
  const lines = nodesInTable().slice().sort((a, b) => adjacent[b].length - adjacent[a].length || a - b).map((i) => ({
    id: node.id[i], go: () => choose({ node: i }, { reveal: true }), here: S.chosen !== null && S.chosen.node === i,
    cells: [node.id[i], node.label[i], node.kind[i] === "node" ? "" : word("kind." + node.kind[i]), adjacent[i].length, ...(titled ? [node.title[i] || ""] : []), ...(node.facts[i] || []).map((value) => (value === null ? "" : value))],
  }));
  return { columns, lines };
}

function networkLines() {
  const facts = D.links.fact_names, titled = link.title.some((text) => text !== null);
  const columns = [{ word: "from_party", key: "from_id" }, { text: "", key: "from" }, { word: "relation" }, { word: "to_party", key: "to_id" }, { text: "", key: "to" }, { word: "label" }, { word: "amount", key: D.words.amount === D.words.weight ? "weight" : "amount", kind: "number" }, ...(titled ? [{ word: "plain.title", key: "title", clip: true }] : []), ...facts.map((text) => ({ text, clip: true }))];
  const lines = (drawnOnly() ? drawn.single : [...Array(link.many).keys()]).map((k) => {
    const a = link.from[k], b = link.to[k];
    const more = [...(titled ? [link.title[k] || ""] : []), ...(link.facts[k] || []).map((value) => (value === null ? "" : value))];
    return { id: "link:" + k, go: () => choose({ link: k }), cells: [node.id[a], node.label[a], word("relation." + link.relation[k]), node.id[b], node.label[b], link.label[k] || "", link.amount[k], ...more] };
  });
  for (const sum of drawnOnly() ? drawn.sums : []) {
    const kinds = [...sum.parts.keys()].map((each) => word("relation." + each)).join(", ");
    lines.push({ id: "sum:" + sum.a + ">" + sum.b, cells: ["", nameOfStand(sum.a), kinds, "", nameOfStand(sum.b), word("sum_of", { count: grouped(sum.count, 0) }), sum.amount || null, ...(titled ? [""] : []), ...facts.map(() => "")] });
  }
  return { columns, lines };
}
