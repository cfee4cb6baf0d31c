// The page's data: columns as they arrive, and what is derived from them once.
let D = null;
const node = {}, link = {}, group = {}, facility = {}, bundle = {};
let adjacent = [], members = [], placeOfId = new Map(), measureByKey = new Map(), facilitiesOf = new Map();

function take(into, given, names, many) {
  for (const name of names) into[name] = given[name] || new Array(many).fill(null);
  into.many = many;
}

function readData(payload) {
  D = payload;
  const many = (D.nodes.id || []).length, links = (D.links.from || []).length, groups = (D.groups.name || []).length;
  take(node, D.nodes, ["id", "label", "kind", "x", "y", "group", "client", "status", "country", "region", "industry", "size_class",
    "incorporated_on", "client_since_on", "lei", "national_id", "sound", "source", "asset", "title", "fill", "border", "shape", "radius", "facts"], many);
  take(link, D.links, ["from", "to", "relation", "amount", "count", "contract", "what", "facility", "share", "share_max", "ratio",
    "rank", "essential", "from_on", "to_on", "source", "label", "title", "colour", "width", "dashes", "arrows", "facts"], links);
  take(group, D.groups, ["name", "x", "y", "r", "size", "members", "inside", "opened", "fold", "note", "exposure", "kind"], groups);
  const bundles = ((D.bundles || {}).from || []).length;
  take(bundle, D.bundles || {}, ["from", "to", "relation", "count", "amount"], bundles);
  const loans = ((D.facilities || {}).id || []).length;
  take(facility, D.facilities || {}, ["node", "id", "product", "maturity_on", "classification", "lender", "outstanding", "limit",
    "days_past_due"], loans);
  adjacent = Array.from({ length: many }, () => []);
  for (let k = 0; k < links; k++) {
    adjacent[link.from[k]].push(k);
    if (link.to[k] !== link.from[k]) adjacent[link.to[k]].push(k);
  }
  members = Array.from({ length: groups }, () => []);
  for (let i = 0; i < many; i++) {
    placeOfId.set(node.id[i], i);
    if (node.group[i] === null) node.group[i] = -1;
    if (node.group[i] >= 0) members[node.group[i]].push(i);
  }
  for (let k = 0; k < loans; k++) {
    if (!facilitiesOf.has(facility.node[k])) facilitiesOf.set(facility.node[k], []);
    facilitiesOf.get(facility.node[k]).push(k);
  }
  for (const measure of D.measures) measureByKey.set(measure.key, measure);
}

// The value of a measure for a node: null where it is not known.
function valueOf(key, i) {
  const measure = measureByKey.get(key);
  return measure ? measure.values[i] : null;
}

function otherEnd(k, i) {
  return link.from[k] === i ? link.to[k] : link.from[k];
}

// Steps from a node to the nearest other party in default, and the way there; null where none is within six steps.
function wayToDefault(start) {
  const before = new Map([[start, -1]]);
  let level = [start];
  for (let step = 0; step < 6 && level.length; step++) {
    const following = [];
    for (const at of level) {
      for (const k of adjacent[at]) {
        const next = otherEnd(k, at);
        if (before.has(next)) continue;
        before.set(next, at);
        if (node.status[next] === "defaulted") {
          const way = [next];
          while (before.get(way[0]) >= 0) way.unshift(before.get(way[0]));
          return way;
        }
        following.push(next);
      }
    }
    level = following;
  }
  return null;
}
