// Lines and arrowheads, painted by us: each along its own way, many of one look in one stroke.
const painters = new Map(); // by network: the lines that it draws, gathered by look

// Where the border of a node lies, seen from its middle.
function borderOf(look, angle) {
  const c = Math.abs(Math.cos(angle)), s = Math.abs(Math.sin(angle)), r = look.size;
  if (look.shape === "square") return r / Math.max(c, s);
  if (look.shape === "diamond") return r / (c + s);
  if (look.shape === "hexagon") return (r * Math.cos(Math.PI / 6)) / Math.cos((((angle % (Math.PI / 3)) + Math.PI / 3) % (Math.PI / 3)) - Math.PI / 6);
  if (look.shape.startsWith("triangle")) return r * 0.8;
  return r;
}

// The part of a way that can be seen: from border to border, with room for an arrowhead.
function visiblePart(path, from, to, head, tail) {
  const end = cutAt(path, to, head), start = cutAt(backwards(end.path), from, tail);
  return { path: backwards(start.path), tip: end.tip, heading: end.heading, tailTip: start.tip, tailHeading: start.heading };
}

function cutAt(path, look, room) {
  const last = path.length - 2, whole = { path, tip: [path[last], path[last + 1]], heading: Math.atan2(path[last + 1] - path[last - 1], path[last] - path[last - 2]) };
  const meet = (reach) => {
    for (let k = last - 2; k >= 0; k -= 2) {
      const far = (t) => [path[k] + (path[k + 2] - path[k]) * t, path[k + 1] + (path[k + 3] - path[k + 1]) * t];
      const outside = (point) => Math.hypot(point[0] - look.x, point[1] - look.y) > borderOf(look, Math.atan2(point[1] - look.y, point[0] - look.x)) + reach;
      if (!outside(far(0))) continue;
      let low = 0, high = 1;
      for (let n = 0; n < 12; n++) { const middle = (low + high) / 2; if (outside(far(middle))) low = middle; else high = middle; }
      return { k, point: far(low) };
    }
    return null;
  };
  const tip = meet(1.5), neck = room ? meet(1.5 + room * 0.8) : tip;
  if (!tip || !neck) return whole;
  const heading = neck === tip ? Math.atan2(tip.point[1] - path[tip.k + 1], tip.point[0] - path[tip.k]) : Math.atan2(tip.point[1] - neck.point[1], tip.point[0] - neck.point[0]);
  return { path: [...path.slice(0, neck.k + 2), ...neck.point], tip: tip.point, heading };
}

function headLength(width, few) {
  return (few ? 8.5 : 7) + 2.2 * width;
}

// Gather the lines of a network by look, once for each picture.
function preparePaint(network, looks, edges) {
  const byId = new Map(looks.map((each) => [each.id, each])), batches = new Map(), lines_ = new Map(), few = edges.length <= 400;
  for (const edge of edges) {
    const to = byId.get(edge.to), from = byId.get(edge.from), arrows = edge.arrows || {}, size = headLength(edge.width, few);
    const wants = (end) => Boolean(arrows[end] && arrows[end].enabled);
    const seen = visiblePart(edge.path, from, to, wants("to") ? size : 0, wants("from") ? size : 0), heads = [];
    if (wants("to")) heads.push({ at: seen.tip, heading: seen.heading, size });
    if (wants("from")) heads.push({ at: seen.tailTip, heading: seen.tailHeading, size });
    if (wants("middle")) { const middle = pointAlong(seen.path, 0.5); heads.push({ at: [middle.x, middle.y], heading: middle.heading, size }); }
    const line = { edge, path: seen.path, heads };
    lines_.set(edge.id, line);
    const key = [edge.color.color, edge.color.opacity, Math.round(edge.width * 2) / 2, edge.dashes || ""].join("|");
    if (!batches.has(key)) batches.set(key, { edge, width: Math.round(edge.width * 2) / 2, lines: [] });
    batches.get(key).lines.push(line);
  }
  for (const batch of batches.values()) {
    batch.way = new Path2D();
    batch.heads = new Path2D();
    for (const line of batch.lines) {
      trace(batch.way, line.path);
      for (const head of line.heads) traceHead(batch.heads, head);
    }
  }
  painters.set(network, { batches: [...batches.values()], lines: lines_, looks, dragged: new Set() });
  for (const line of lines_.values()) {
    const shape = network.body.edges[line.edge.id];
    if (shape) shape.isOverlappingWith = (point) => nearPath(line.edge.path, point.left, point.top, Math.max(5, 8 / network.getScale()));
  }
}

function trace(way, path) {
  way.moveTo(path[0], path[1]);
  for (let k = 2; k < path.length; k += 2) way.lineTo(path[k], path[k + 1]);
}

function traceHead(way, head) {
  const [x, y] = head.at, back = (side) => [x - head.size * Math.cos(head.heading + side), y - head.size * Math.sin(head.heading + side)];
  way.moveTo(x, y);
  way.lineTo(...back(0.36));
  way.lineTo(x - head.size * 0.8 * Math.cos(head.heading), y - head.size * 0.8 * Math.sin(head.heading));
  way.lineTo(...back(-0.36));
  way.closePath();
}

function nearPath(path, x, y, most) {
  for (let k = 2; k < path.length; k += 2) {
    const [ax, ay, bx, by] = [path[k - 2], path[k - 1], path[k], path[k + 1]];
    if (x < Math.min(ax, bx) - most || x > Math.max(ax, bx) + most || y < Math.min(ay, by) - most || y > Math.max(ay, by) + most) continue;
    const length = (bx - ax) ** 2 + (by - ay) ** 2, t = length ? Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length)) : 0;
    if ((ax + t * (bx - ax) - x) ** 2 + (ay + t * (by - ay) - y) ** 2 < most * most) return true;
  }
  return false;
}

// The point at a part of the length of a way, and which way it runs there.
function pointAlong(path, part) {
  let whole = 0;
  for (let k = 2; k < path.length; k += 2) whole += Math.hypot(path[k] - path[k - 2], path[k + 1] - path[k - 1]);
  let left = whole * part;
  for (let k = 2; k < path.length; k += 2) {
    const far = Math.hypot(path[k] - path[k - 2], path[k + 1] - path[k - 1]);
    if (left <= far || k === path.length - 2) {
      const t = far ? Math.min(1, left / far) : 0;
      return { x: path[k - 2] + (path[k] - path[k - 2]) * t, y: path[k - 1] + (path[k + 1] - path[k - 1]) * t, heading: Math.atan2(path[k + 1] - path[k - 1], path[k] - path[k - 2]), length: whole };
    }
    left -= far;
  }
  return { x: path[0], y: path[1], heading: 0, length: 0 };
}

// In motion, dashes, arrowheads and, where very much is drawn, lines themselves rest.
const LIGHT = 900, BARE = 2500;
let linesPainted = 0;
function paintLines(network, pen) {
  const painter = painters.get(network);
  linesPainted = 0;
  if (!painter) return;
  const many = painter.lines.size, scale = network.getScale(), moved = painter.dragged, plain = many > 300 && scale < 0.45;
  if (moving && many > BARE) return;
  for (const batch of painter.batches) {
    pen.strokeStyle = batch.edge.color.color;
    pen.globalAlpha = batch.edge.color.opacity === undefined ? 1 : batch.edge.color.opacity;
    pen.lineWidth = moving && many > LIGHT ? 1 / scale : batch.width;
    pen.setLineDash(batch.edge.dashes && !plain && !(moving && many > 60) ? batch.edge.dashes : []);
    linesPainted += batch.lines.length;
    if (!moved.size && !(pen instanceof SvgPen)) pen.stroke(batch.way);
    else for (const line of batch.lines) {
      pen.beginPath();
      trace(pen, livePath(network, line));
      pen.stroke();
    }
  }
  pen.setLineDash([]);
  pen.globalAlpha = 1;
}

// The way of a line while one of its ends is dragged: straight.
function livePath(network, line) {
  const painter = painters.get(network);
  if (!painter.dragged.has(line.edge.from) && !painter.dragged.has(line.edge.to)) return line.path;
  const a = network.body.nodes[line.edge.from], b = network.body.nodes[line.edge.to];
  return [a.x, a.y, b.x, b.y];
}

function paintHeads(network, pen) {
  const painter = painters.get(network);
  if (!painter || (moving && painter.lines.size > LIGHT)) return;
  for (const batch of painter.batches) {
    if (painter.dragged.size) continue;
    pen.fillStyle = batch.edge.color.color;
    pen.globalAlpha = batch.edge.color.opacity === undefined ? 1 : Math.max(batch.edge.color.opacity, 0.35 * Number(batch.edge.color.opacity > 0.2));
    if (!(pen instanceof SvgPen)) pen.fill(batch.heads);
    else for (const head of batch.lines.flatMap((line) => line.heads)) {
      pen.beginPath();
      traceHead(pen, head);
      pen.fill();
    }
  }
  if (!moving) for (const line of painter.lines.values()) {
    const shape = network.body.edges[line.edge.id];
    if (!shape || !(shape.selected || shape.hover) || painter.dragged.size) continue;
    pen.globalAlpha = 1;
    pen.strokeStyle = pen.fillStyle = line.edge.color.color;
    pen.lineWidth = line.edge.width + (shape.selected ? 1.6 : 0.8);
    pen.setLineDash(line.edge.dashes || []);
    pen.beginPath();
    trace(pen, line.path);
    pen.stroke();
    pen.setLineDash([]);
    for (const head of line.heads) {
      pen.beginPath();
      traceHead(pen, head);
      pen.fill();
    }
  }
  pen.globalAlpha = 1;
}

// vis-network keeps the nodes, the pointer and the view; lines are ours, and many nodes in motion.
function takeOverLines(network) {
  const renderer = network.renderer, drawNodes = renderer._drawNodes.bind(renderer);
  renderer._drawEdges = (pen) => paintLines(network, pen);
  renderer._drawArrows = (pen) => paintHeads(network, pen);
  renderer._drawNodes = (pen, all) => (moving && paintNodesLightly(network, pen) ? { drawExternalLabels: null } : drawNodes(pen, all));
}

// Very many nodes in motion are plain squares, all of one look in one go: their border, and within it their fill;
// where they are small on the screen, their fill alone.
const CROWD = 400, SMALL_SQUARE = 7;
function paintNodesLightly(network, pen) {
  const painter = painters.get(network);
  if (!painter || painter.looks.length < CROWD || painter.dragged.size) return false;
  if (!painter.squares) {
    painter.squares = new Map();
    const square = (colour, look, half) => {
      if (!painter.squares.has(colour)) painter.squares.set(colour, new Path2D());
      painter.squares.get(colour).rect(look.x - half, look.y - half, 2 * half, 2 * half);
    };
    for (const look of painter.looks) square("1" + look.color.border, look, look.size * 0.86 + 1);
    for (const look of painter.looks) square("2" + look.color.background, look, look.size * 0.86 - 1);
  }
  const small = painter.looks[0].size * network.getScale() < SMALL_SQUARE;
  for (const [colour, way] of [...painter.squares].sort((a, b) => (a[0] < b[0] ? -1 : 1))) {
    if (small && colour[0] === "1") continue;
    pen.fillStyle = colour.slice(1);
    pen.fill(way);
  }
  return true;
}

// Lines of a picture: their ways are sought anew only where something stands elsewhere.
const settled = new Map();
function settleLines(network, looks, edges) {
  for (const look of looks) {
    const shape = network.body.nodes[look.id];
    if (shape) [look.x, look.y] = [shape.x, shape.y];
  }
  const mark = looks.map((each) => [each.id, each.x, each.y, each.size].join(":")).join("|") + "#" + edges.map((each) => each.id).join("|");
  const before = settled.get(network);
  if (before && before.mark === mark) for (const edge of edges) edge.path = before.ways.get(edge.id);
  else settled.set(network, { mark, close: routeLines(looks, edges), ways: new Map(edges.map((each) => [each.id, each.path])) });
  preparePaint(network, looks, edges);
  return settled.get(network).close;
}

// While nodes are dragged, their lines follow them straight.
function liftLines(network, ids) {
  if (painters.has(network)) painters.get(network).dragged = new Set(ids);
}
