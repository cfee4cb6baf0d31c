// The way of each line: straight where it can be, bent where a node that it does not end at lies in between.
const CLEAR = 1.3, CLEARANCE = 3, TILE = 48; // a line keeps 1.3 radii from every other node, and a little more
const ROUTED = { nodes: 700, lines: 2500, searches: 400 }; // beyond these, lines are only bent apart

// Which nodes lie near a point: circles in tiles. `own` are those that a line may touch.
function obstacleMap(bodies) {
  const tiles = new Map(), key = (x, y) => Math.floor(x / TILE) * 100003 + Math.floor(y / TILE);
  bodies.forEach((body, at) => {
    const reach = body.size * CLEAR + CLEARANCE;
    for (let x = Math.floor((body.x - reach) / TILE); x <= Math.floor((body.x + reach) / TILE); x++) {
      for (let y = Math.floor((body.y - reach) / TILE); y <= Math.floor((body.y + reach) / TILE); y++) {
        const tile = x * 100003 + y;
        if (!tiles.has(tile)) tiles.set(tile, []);
        tiles.get(tile).push(at);
      }
    }
  });
  return (x, y, a, b) => {
    for (const at of tiles.get(key(x, y)) || []) {
      if (at === a || at === b) continue;
      const reach = bodies[at].size * CLEAR + CLEARANCE;
      if ((bodies[at].x - x) ** 2 + (bodies[at].y - y) ** 2 < reach * reach) return true;
    }
    return false;
  };
}

function segmentFree(blocked, x0, y0, x1, y1, a, b) {
  const steps = Math.max(1, Math.ceil(Math.hypot(x1 - x0, y1 - y0) / 7));
  for (let k = 0; k <= steps; k++) if (blocked(x0 + ((x1 - x0) * k) / steps, y0 + ((y1 - y0) * k) / steps, a, b)) return false;
  return true;
}

function pathFree(blocked, path, bodies, a, b) {
  const inside = (x, y, body) => (x - body.x) ** 2 + (y - body.y) ** 2 < body.size * body.size;
  for (let k = 2; k < path.length; k += 2) {
    if (inside(path[k], path[k + 1], bodies[a]) || inside(path[k - 2], path[k - 1], bodies[b])) continue;
    if (!segmentFree(blocked, path[k - 2], path[k - 1], path[k], path[k + 1], a, b)) return false;
  }
  return true;
}

// A curve from p to q that leaves the straight line by `bends` (at a quarter and at three quarters where there are two).
function curve(p, q, ...bends) {
  const dx = q.x - p.x, dy = q.y - p.y, length = Math.hypot(dx, dy) || 1, nx = -dy / length, ny = dx / length;
  if (bends.every((each) => Math.abs(each) < 0.5)) return [p.x, p.y, q.x, q.y];
  const place = (t, bend) => [p.x + dx * t + nx * bend, p.y + dy * t + ny * bend];
  const marks = bends.length === 1 ? [place(0.5, bends[0])] : [place(0.22, bends[0]), place(0.78, bends[1])];
  const many = Math.max(10, Math.min(48, Math.ceil((length + Math.abs(bends[0])) / 18))), out = [];
  for (let k = 0; k <= many; k++) {
    const t = k / many, s = 1 - t;
    if (marks.length === 1) out.push(s * s * p.x + 2 * s * t * marks[0][0] + t * t * q.x, s * s * p.y + 2 * s * t * marks[0][1] + t * t * q.y);
    else {
      const w = [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t];
      out.push(w[0] * p.x + w[1] * marks[0][0] + w[2] * marks[1][0] + w[3] * q.x, w[0] * p.y + w[1] * marks[0][1] + w[2] * marks[1][1] + w[3] * q.y);
    }
  }
  return out;
}

// How far a curve between two nodes may bend, the nearest to `wanted` first: gently, or beyond.
function bendsFrom(wanted, least, most) {
  const out = least ? [] : [wanted];
  for (let more = least || 14; more <= most; more += more < 140 ? 14 : more < 400 ? 30 : 80) out.push(wanted + (wanted < 0 ? -more : more), wanted + (wanted < 0 ? more : -more));
  return out;
}

const TWICE = [];
for (const first of [50, -50, 110, -110, 190, -190, 300, -300]) for (const second of [50, -50, 110, -110, 190, -190, 300, -300]) TWICE.push([first, second]);
TWICE.sort((a, b) => Math.abs(a[0]) + Math.abs(a[1]) - Math.abs(b[0]) - Math.abs(b[1]));

function wayOf(p, q, wanted, used, blocked, bodies, a, b, field) {
  const length = Math.hypot(q.x - p.x, q.y - p.y), gentle = Math.max(120, length * 0.4);
  const single = (bends) => {
    for (const bend of bends) {
      if (bend !== wanted && used.some((other) => Math.abs(other - bend) < 16)) continue;
      const path = curve(p, q, bend);
      if (!pathFree(blocked, path, bodies, a, b)) continue;
      used.push(bend);
      return path;
    }
    return null;
  };
  const twice = () => TWICE.map((bends) => curve(p, q, ...bends)).find((path) => pathFree(blocked, path, bodies, a, b));
  return single(bendsFrom(wanted, 0, gentle)) || twice() || field().way(a, b) || single(bendsFrom(wanted, gentle, length * 1.4 + 300));
}

// A search over a grid, for lines that no simple curve can lead around what lies between.
function searchField(bodies, blocked) {
  const STEP = 12, ROOM = 160, x = bodies.map((each) => each.x), y = bodies.map((each) => each.y);
  const low = (values) => values.reduce((least, each) => Math.min(least, each), Infinity) - ROOM, high = (values) => values.reduce((most, each) => Math.max(most, each), -Infinity) + ROOM;
  const left = low(x), top = low(y), step = Math.max(STEP, Math.sqrt(((high(x) - left) * (high(y) - top)) / 60000));
  const across = Math.ceil((high(x) - left) / step) + 1, down = Math.ceil((high(y) - top) / step) + 1;
  let searches = 0;
  const cellOf = (body) => Math.round((body.y - top) / step) * across + Math.round((body.x - left) / step);
  const placeOf = (cell) => [left + (cell % across) * step, top + Math.floor(cell / across) * step];
  const way = (a, b) => {
    if (++searches > ROUTED.searches) return null;
    const start = cellOf(bodies[a]), goal = cellOf(bodies[b]), [gx, gy] = [goal % across, Math.floor(goal / across)];
    const cost = new Float64Array(across * down).fill(Infinity), from = new Int32Array(across * down).fill(-1), heap = [[0, start]];
    cost[start] = 0;
    while (heap.length) {
      const cell = popLeast(heap), cx = cell % across, cy = Math.floor(cell / across);
      if (cell === goal) break;
      for (let dx = -1; dx <= 1; dx++) for (let dy = -1; dy <= 1; dy++) {
        const nx = cx + dx, ny = cy + dy, next = ny * across + nx;
        if ((!dx && !dy) || nx < 0 || ny < 0 || nx >= across || ny >= down) continue;
        const far = cost[cell] + (dx && dy ? 1.4142 : 1);
        if (far >= cost[next] - 1e-9) continue;
        const [px, py] = placeOf(next);
        if (blocked(px, py, a, b)) continue;
        cost[next] = far;
        from[next] = cell;
        pushLeast(heap, [far + Math.hypot(nx - gx, ny - gy), next]);
      }
    }
    if (from[goal] < 0) return null;
    const points = [[bodies[b].x, bodies[b].y]];
    for (let cell = from[goal]; cell !== start && cell >= 0; cell = from[cell]) points.unshift(placeOf(cell));
    points.unshift([bodies[a].x, bodies[a].y]);
    return rounded(pulled(points, blocked, a, b), blocked, a, b);
  };
  return { way };
}

function pushLeast(heap, item) {
  let at = heap.push(item) - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (heap[above][0] <= heap[at][0]) break;
    [heap[above], heap[at]] = [heap[at], heap[above]];
    at = above;
  }
}

function popLeast(heap) {
  const least = heap[0][1], last = heap.pop();
  if (heap.length) {
    heap[0] = last;
    for (let at = 0; ;) {
      const left = 2 * at + 1, right = left + 1;
      let small = at;
      if (left < heap.length && heap[left][0] < heap[small][0]) small = left;
      if (right < heap.length && heap[right][0] < heap[small][0]) small = right;
      if (small === at) break;
      [heap[small], heap[at]] = [heap[at], heap[small]];
      at = small;
    }
  }
  return least;
}

// The way without the corners that are not needed.
function pulled(points, blocked, a, b) {
  const out = [points[0]];
  for (let at = 0; at < points.length - 1;) {
    let next = points.length - 1;
    while (next > at + 1 && !segmentFree(blocked, ...points[at], ...points[next], a, b)) next--;
    out.push(points[next]);
    at = next;
  }
  return out;
}

function rounded(points, blocked, a, b) {
  const out = [...points[0]];
  for (let k = 1; k < points.length - 1; k++) {
    const [before, here, after] = [points[k - 1], points[k], points[k + 1]];
    const toward = (other) => { const far = Math.hypot(other[0] - here[0], other[1] - here[1]), part = Math.min(40, far / 2) / (far || 1); return [here[0] + (other[0] - here[0]) * part, here[1] + (other[1] - here[1]) * part]; };
    const p = toward(before), q = toward(after), bent = [];
    for (let n = 0; n <= 6; n++) { const t = n / 6, s = 1 - t; bent.push(s * s * p[0] + 2 * s * t * here[0] + t * t * q[0], s * s * p[1] + 2 * s * t * here[1] + t * t * q[1]); }
    let free = true;
    for (let n = 2; n < bent.length && free; n += 2) free = segmentFree(blocked, bent[n - 2], bent[n - 1], bent[n], bent[n + 1], a, b);
    out.push(...(free ? bent : here));
  }
  out.push(...points[points.length - 1]);
  return out;
}

// A line from a node to itself: a circle beside it, where there is room.
function loopOf(body, number, blocked, at) {
  const radius = 14 + 9 * number;
  let first = null;
  for (const angle of [-Math.PI / 4, -(3 * Math.PI) / 4, Math.PI / 4, (3 * Math.PI) / 4, -Math.PI / 2, 0, Math.PI, Math.PI / 2]) {
    const x = body.x + (body.size + radius * 0.75) * Math.cos(angle), y = body.y + (body.size + radius * 0.75) * Math.sin(angle), path = [];
    for (let k = 0; k <= 24; k++) path.push(x - radius * Math.cos(angle + (k * Math.PI) / 12), y - radius * Math.sin(angle + (k * Math.PI) / 12));
    if (!first) first = path;
    let free = true;
    for (let k = 0; k < path.length && free; k += 2) free = !blocked(path[k], path[k + 1], at, at);
    if (free) return path;
  }
  return first;
}

// Give each line its `path`, a list of x and y; how many had to pass close to a node is returned.
function routeLines(looks, edges) {
  const bodies = looks.filter((each) => each.id[0] !== "g" || group.fold[Number(each.id.slice(1))]), where = new Map(bodies.map((each, at) => [each.id, at])), all = new Map(looks.map((each) => [each.id, each]));
  const full = bodies.length <= ROUTED.nodes && edges.length <= ROUTED.lines, blocked = full ? obstacleMap(bodies) : () => false;
  let made = null, close = 0;
  const field = () => (made = made || searchField(bodies, blocked)), together = new Map();
  for (const edge of edges) {
    const key = edge.from < edge.to ? edge.from + "|" + edge.to : edge.to + "|" + edge.from;
    if (!together.has(key)) together.set(key, []);
    together.get(key).push(edge);
  }
  for (const same of together.values()) {
    const used = [], first = same[0], low = first.from < first.to ? first.from : first.to, p = all.get(low), q = all.get(low === first.from ? first.to : first.from);
    const gap = Math.min(46, Math.max(18, 0.3 * Math.hypot(q.x - p.x, q.y - p.y)), 420 / same.length), a = where.get(p.id), b = where.get(q.id);
    same.forEach((edge, at) => {
      if (p === q) edge.path = loopOf(p, at, blocked, a);
      else {
        const wanted = (at - (same.length - 1) / 2) * gap, free = !full || a === undefined || b === undefined;
        let path = free ? curve(p, q, wanted) : wayOf(p, q, wanted, used, blocked, bodies, a, b, field);
        if (!path) {
          close++;
          path = curve(p, q, wanted);
        }
        edge.path = edge.from === low ? path : backwards(path);
      }
    });
  }
  return close;
}

function backwards(path) {
  const out = [];
  for (let k = path.length - 2; k >= 0; k -= 2) out.push(path[k], path[k + 1]);
  return out;
}
