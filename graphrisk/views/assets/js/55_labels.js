// Names are drawn in one layer above the network: constant size, most important first, none over another.
const CELL = 12, NAMED = 100; // a disc smaller than this on the screen shows its own name, not those of its nodes
let labelsDrawn = 0, textsMeasured = 0;
let named = []; // names of nodes that stand on the picture: node, middle, top, half width, text, font, place of its node

const MOST_LABELS = 180, OBSTACLES = 400; // beyond so many nodes, a name may cover a neighbour
const widths = new Map(), fits = new Map();
let family = "";

// Measuring text is the dearest part of a frame: each text is measured once for each font.
function measureText(pen, text) {
  textsMeasured++;
  const key = pen.font + "|" + text;
  let found = widths.get(key);
  if (found === undefined) {
    if (widths.size > 20000) widths.clear();
    widths.set(key, (found = pen.measureText(text).width));
  }
  return found;
}

function shortened(text, most) {
  const letters = [...text];
  return letters.length > most ? letters.slice(0, most - 1).join("") + "…" : text;
}

function labelItems(scale, toScreen, wide, high) {
  const items = [], body = net.body.nodes, wanted = (x, y, r) => x > -r - 80 && y > -r - 30 && x < wide + r + 80 && y < high + r + 30;
  for (const g of drawn.groups) {
    const shape = body["g" + g];
    if (!shape) continue;
    const [x, y] = toScreen(shape.x, shape.y), r = shape.options.size * scale;
    if (wanted(x, y, r)) items.push({ rank: 2e15 + (group.exposure[g] || 0), x, y, r, g });
  }
  for (const i of drawn.nodes) {
    const shape = body["n" + i];
    if (!shape) continue;
    const [x, y] = toScreen(shape.x, shape.y), r = shape.options.size * scale, g = node.group[i];
    if (!wanted(x, y, r)) continue;
    if (S.focus < 0 && g >= 0 && !group.fold[g] && group.r[g] * scale < NAMED && !(S.chosen && S.chosen.node === i) && !nearChosen.has(i) && !drawn.hubs.has(i)) continue;
    const chosen = S.chosen && S.chosen.node === i, near = nearChosen.has(i);
    const rank = (chosen ? 1e18 : near ? 5e17 : i === D.focus || i === S.focus ? 9e17 : node.status[i] === "defaulted" || drawn.hubs.has(i) ? 1e15 : 0)
      + (valueOf("exposure", i) || 0) + adjacent[i].length;
    items.push({ rank, x, y, r, i, chosen });
  }
  return items.sort((a, b) => b.rank - a.rank);
}

// Where arrowheads and lines are, to a few pixels: no text covers a head, and names keep off lines where there is room.
const FINE = 4, HEAD = 2, LINE = 1, FEW_LINES = 600;
function linesOnScreen(network, wide, high, toScreen, scale) {
  const painter = painters.get(network), across = Math.ceil(wide / FINE) + 1, down = Math.ceil(high / FINE) + 1;
  if (!painter || moving) return () => false;
  const marked = new Uint8Array(across * down), most = (value, end) => Math.max(0, Math.min(end - 1, Math.floor(value / FINE)));
  for (const line of painter.lines.values()) {
    if (painter.lines.size <= FEW_LINES) markWay(line.path, toScreen, (x, y) => { if (x >= 0 && y >= 0 && x < wide && y < high) marked[most(y, down) * across + most(x, across)] |= LINE; });
    for (const head of line.heads) {
      const back = head.size * scale, [x, y] = toScreen(...head.at), tailX = x - back * Math.cos(head.heading), tailY = y - back * Math.sin(head.heading), side = back * 0.32;
      if (x < -20 || y < -20 || x > wide + 20 || y > high + 20) continue;
      for (let row = most(Math.min(y, tailY) - side, down); row <= most(Math.max(y, tailY) + side, down); row++) {
        for (let col = most(Math.min(x, tailX) - side, across); col <= most(Math.max(x, tailX) + side, across); col++) marked[row * across + col] |= HEAD;
      }
    }
  }
  return (left, top, right, bottom, what) => {
    for (let row = most(top, down); row <= most(bottom, down); row++) for (let col = most(left, across); col <= most(right, across); col++) if (marked[row * across + col] & what) return true;
    return false;
  };
}

// Call `mark` with points of a way that lie close to one another on the screen.
function markWay(path, toScreen, mark) {
  for (let k = 2; k < path.length; k += 2) {
    const [x, y] = toScreen(path[k - 2], path[k - 1]), [nextX, nextY] = toScreen(path[k], path[k + 1]);
    const steps = Math.min(2000, Math.ceil(Math.hypot(nextX - x, nextY - y) / 3));
    for (let n = 0; n <= steps; n++) mark(x + ((nextX - x) * n) / (steps || 1), y + ((nextY - y) * n) / (steps || 1));
  }
}

// Where things of a network are on the screen, and which parts of it are taken: no text over another, nor over a node.
function labelFrame(pen, box, network) {
  const dpr = pen.canvas.width / box.clientWidth, wide = box.clientWidth, high = box.clientHeight;
  const scale = network.getScale(), centre = network.getViewPosition();
  const across = Math.ceil(wide / CELL) + 2, down = Math.ceil(high / CELL) + 2, taken = new Uint8Array(across * down);
  if (!family) family = getComputedStyle(document.body).fontFamily;
  const obstacles = [], covers = linesOnScreen(network, wide, high, (x, y) => [(x - centre.x) * scale + wide / 2, (y - centre.y) * scale + high / 2], scale);
  const meets = (each, x, y, halfWidth, height) => {
    const dx = Math.max(Math.abs(each.x - x) - halfWidth, 0), dy = Math.max(y - each.y, each.y - (y + height), 0);
    return dx * dx + dy * dy < each.r * each.r;
  };
  const claim = (x, y, halfWidth, height, own, what = HEAD) => {
    const a = Math.max(0, Math.floor((x - halfWidth) / CELL)), b = Math.min(across - 1, Math.floor((x + halfWidth) / CELL));
    const c = Math.max(0, Math.floor(y / CELL)), d = Math.min(down - 1, Math.floor((y + height) / CELL));
    if (a > b || c > d || covers(x - halfWidth, y, x + halfWidth, y + height, what)) return false;
    for (let row = c; row <= d; row++) for (let col = a; col <= b; col++) if (taken[row * across + col]) return false;
    if (own !== undefined && (x - halfWidth < 0 || x + halfWidth > wide)) return false;
    if (own !== undefined && obstacles.some((each) => each.i !== own && meets(each, x, y, halfWidth, height))) return false;
    for (let row = c; row <= d; row++) for (let col = a; col <= b; col++) taken[row * across + col] = 1;
    return true;
  };
  pen.setTransform(dpr, 0, 0, dpr, 0, 0);
  pen.textAlign = "center";
  pen.textBaseline = "top";
  pen.lineJoin = "round";
  return { wide, high, scale, claim, obstacles, toScreen: (x, y) => [(x - centre.x) * scale + wide / 2, (y - centre.y) * scale + high / 2] };
}

function drawLabels(pen) {
  pen.save();
  const frame = labelFrame(pen, $("net"), net), { wide, high, scale, claim, obstacles, toScreen } = frame;
  labelsDrawn = textsMeasured = 0;
  if (D.cascade && S.focus < 0) columnHeads(pen, 0, frame);
  if (moving && isCrowded()) {
    paintNamesLightly(pen, toScreen, scale, wide, high);
    return pen.restore();
  }
  named = [];
  const tooMany = scale < 0.3 && drawn.nodes.length > 300, items = labelItems(scale, toScreen, wide, high);
  if (items.length <= OBSTACLES) obstacles.push(...items.filter((item) => item.i !== undefined));
  for (const item of items) {
    if (labelsDrawn >= MOST_LABELS) break;
    if (item.g !== undefined) groupLabel(pen, item, claim, wide);
    else if (!tooMany || item.chosen || labelsDrawn < 40) named.push(nodeLabel(pen, item, claim, scale, items.length > OBSTACLES, wide));
  }
  named = named.filter(Boolean);
  drawn.more.forEach((more) => moreLabel(pen, more, toScreen, claim, scale));
  if (D.cascade) shockRings(pen, 0, items);
  if (D.standing) ownerRings(pen, items);
  openGroupLabels(pen, toScreen, scale, claim);
  edgeLabels(pen, toScreen, scale, claim, wide, high);
  pen.restore();
}

// Whether so much is drawn that in motion only what was found at rest is painted.
function isCrowded() {
  return drawn.nodes.length > CROWD || drawn.edges.length > LIGHT;
}

// In motion a crowd keeps the names that it had at rest, where they stood beside their nodes; groups keep theirs.
const KEPT_NAMES = 40;
function paintNamesLightly(pen, toScreen, scale, wide, high) {
  for (const [i, x, y, half, text, font, restX, restY] of named.slice(0, KEPT_NAMES)) {
    const shape = net.body.nodes["n" + i];
    if (!shape) continue;
    const [nowX, nowY] = toScreen(shape.x, shape.y), left = nowX + x - restX, top = nowY + y - restY;
    if (left < -half || left > wide + half || top < -20 || top > high) continue;
    pen.font = font;
    halo(pen, text, left, top);
    labelsDrawn++;
  }
  for (const g of drawn.groups) {
    const [x, y] = toScreen(group.x[g], group.y[g]), r = (group.fold[g] ? 24 : (group.size[g] || group.r[g]) * 0.97) * scale;
    if (r > 24 && x > -r && y > -r && x < wide + r && y < high + r) groupLabel(pen, { g, x, y, r }, () => true, wide);
  }
}

function groupLabel(pen, item, claim, wide) {
  const g = item.g, lens = lensNow();
  if (item.r < 11 && !group.fold[g]) return;
  const size = group.fold[g] ? 11.5 : Math.round(Math.max(10, Math.min(15, item.r * 0.22)));
  pen.font = (group.fold[g] ? "" : "600 ") + size + "px " + family;
  if (group.fold[g]) {
    const text = group.name[g];
    const half = measureText(pen, text) / 2, inside = Math.max(half + 2, Math.min(wide - half - 2, item.x)), x = Math.abs(inside - item.x) <= half ? inside : item.x;
    const top = [item.y + item.r + 3, item.y - item.r - 17, item.y + item.r + 18].find((each) => claim(x, each, half, size));
    if (top !== undefined) halo(pen, text, x, top);
    const number_ = Math.round(Math.max(8, Math.min(12, item.r * 0.7)));
    pen.font = "600 " + number_ + "px " + family;
    pen.fillStyle = inkOn(groupFill(g));
    pen.fillText("+" + group.members[g], item.x, item.y - number_ / 2);
    labelsDrawn++;
    return;
  }
  const room = Math.floor((item.r * (item.r > 52 ? 1.3 : 1.5)) / 4) * 4, lines = wrapped(pen, pictured(group.name[g]), room, item.r > 24 ? 2 : 1, true).slice(), names = lines.length;
  const whole = (text) => { if (measureText(pen, text) <= room) lines.push(text); }; // a number is never cut short
  if (item.r > 27 && group.exposure[g] !== null) whole(money(group.exposure[g]));
  if (item.r > (group.exposure[g] === null ? 27 : 52)) whole(word("nodes_count", { count: grouped(group.members[g], 0) }));
  if (item.r > 66 && lens && groupValue(g) !== null && lens.key !== "exposure") whole(word("measure_short." + lens.key) + " " + written(lens.kind, groupValue(g)));
  if (!lines[0]) return;
  const tall = size * 1.28 * lines.length, top = item.y - tall / 2;
  claim(item.x, top, room / 2, tall);
  pen.fillStyle = inkOn(groupFill(g));
  lines.forEach((text, at) => {
    pen.font = (at >= names ? "" : "600 ") + (at >= names ? size * 0.92 : size) + "px " + family;
    pen.fillText(text, item.x, top + at * size * 1.28);
  });
  labelsDrawn++;
}

// How many neighbours a bundle holds, and what they are.
function moreLabel(pen, more, toScreen, claim, scale) {
  const [x, y] = toScreen(more.x, more.y), [kind, relations] = more.key.split("|"), r = 24 * scale;
  pen.font = "600 12px " + family;
  pen.fillStyle = ink();
  pen.fillText("+" + more.rest.length, x, y - 6);
  const text = word("kind." + kind) + ": " + [...new Set(relations.split("+").map((each) => word("relation." + each.slice(0, -1))))].join(" + ");
  pen.font = "11.5px " + family;
  const half = measureText(pen, text) / 2 + 2, place = [[x, y + r + 3], [x, y - r - 16], [x + r + half + 4, y - 6], [x - r - half - 4, y - 6]].find(([left, top]) => claim(left, top, half, 12));
  if (place) halo(pen, text, place[0], place[1]);
}

// A name in at most `most` lines, cut where it does not fit; with `whole`, never within a word.
function wrapped(pen, text, room, most, whole) {
  const key = [pen.font, room, most, whole, text].join("|");
  let found = fits.get(key);
  if (found === undefined) {
    if (fits.size > 5000) fits.clear();
    fits.set(key, (found = broken(pen, text, room, most, whole)));
  }
  return found;
}

function broken(pen, text, room, most, whole) {
  if (most < 2 || measureText(pen, text) <= room) return [fitted(pen, text, room, whole)];
  const letters = [...text];
  let first = letters.length;
  while (first > 1 && measureText(pen, letters.slice(0, first).join("")) > room) first--;
  const space = letters.slice(0, first + 1).lastIndexOf(" ");
  if (space <= 1 && inWord(letters, first)) return [fitted(pen, text, room, whole)];
  const cut = space > 1 ? space : first;
  const rest = fitted(pen, letters.slice(cut).join("").trim(), room, true);
  return rest === "" ? [fitted(pen, text, room, whole)] : [letters.slice(0, cut).join(""), rest];
}

// Whether a text cut at a place would break a word of Latin letters in two.
function inWord(letters, at) {
  return at > 0 && at < letters.length && /\p{Script=Latin}/u.test(letters[at - 1]) && /\p{Script=Latin}/u.test(letters[at]);
}

// A text cut where the room ends, between two words where it has several; with `whole`, a single word is not cut either.
function fitted(pen, text, room, whole) {
  if (measureText(pen, text) <= room) return text;
  const letters = [...text];
  let end = letters.length;
  while (end > 2 && measureText(pen, letters.slice(0, end).join("") + "…") > room) end--;
  if (inWord(letters, end)) {
    const space = letters.slice(0, end).lastIndexOf(" ");
    if (space > 0) end = space;
    else if (whole) return "";
  }
  const kept = letters.slice(0, end).join("").replace(/[\s,;–-]+$/, "");
  return end > 2 && kept ? kept + "…" : "";
}

function halo(pen, text, x, y) {
  pen.lineWidth = 3.5;
  pen.strokeStyle = paper();
  pen.strokeText(text, x, y);
  pen.fillStyle = ink();
  pen.fillText(text, x, y);
}

// A name below its node, else above, else beside it, on no line where there is such a place; where it stands is returned.
function nodeLabel(pen, item, claim, scale, crowded, wide) {
  const main = item.chosen || item.i === D.focus || item.i === S.focus || (D.view === "precheck" && drawn.hubs.has(item.i));
  pen.font = (main ? "600 13px " : "12px ") + family;
  const room = main ? 420 : D.cascade && scale < 0.75 ? 104 : scale < 0.5 ? 140 : 230;
  const share = D.standing ? shareText(item.i) : "", room2 = share ? room - measureText(pen, "  " + share) : room;
  const text = [wrapped(pen, pictured(node.label[item.i]), room2, 1)[0], share].filter(Boolean).join("  "), half = measureText(pen, text) / 2 + 2;
  const ring = (D.cascade && S.focus < 0 && D.cascade.runs[0].shocked[item.i]) || (D.standing && (D.standing.owners[regimeShown()] || {})[item.i] !== undefined) ? 7 : 0;
  const right = item.x + item.r + ring + half + 4, left = item.x - item.r - ring - half - 4, low = item.y + item.r + ring + 4, high = item.y - item.r - ring - 17;
  const inside = Math.max(half + 2, Math.min(wide - half - 2, item.x)), middle = Math.abs(inside - item.x) <= half ? inside : item.x; // moved in from the edge
  const places = crowded ? [[item.x, low]] : [[middle, low], [middle, high], [right, item.y - 7], [left, item.y - 7], [right, low - 6], [left, low - 6], [right, high + 6], [left, high + 6], [middle, low + 12], [middle, high - 12]];
  if (main) for (let more = 24; more <= 120; more += 12) places.push([middle, low + more], [middle, high - more]);
  const free = (what) => places.find(([x, y]) => claim(x, y, half, 13, crowded ? undefined : item.i, what));
  let found = (crowded ? null : free(HEAD | LINE)) || free(HEAD);
  if (found) halo(pen, text, found[0], found[1]);
  else if ((found = main || drawn.hubs.has(item.i) ? places.find(([x, y]) => claim(x, y, half, 13)) : null)) plate(pen, text, found[0], found[1] + 5, half); // in a crowd, over nodes
  if (!found) return null;
  labelsDrawn++;
  return [item.i, found[0], found[1], half, text, pen.font, item.x, item.y];
}

// What a picture calls a party: of a pseudonym the part that tells it from others, where room is scarce.
function pictured(text) {
  const found = D.about.masked ? /[A-Z2-7]{5}-[A-Z2-7]{5}$/.exec(text) : null;
  return found ? found[0] : text;
}

function openGroupLabels(pen, toScreen, scale, claim) {
  if (S.focus >= 0) return;
  for (const g of [...S.open, ...S.auto]) {
    if (group.fold[g]) continue;
    const [x, y] = toScreen(group.x[g], group.y[g] - group.r[g]);
    pen.font = "600 13px " + family;
    const small = group.r[g] * scale < NAMED, room = group.r[g] * scale * 2;
    pen.font = (small ? "11.5px " : "600 13px ") + family;
    const text = fitted(pen, group.name[g], Math.max(room, 60));
    const top = [small ? y + 3 : y - 19, y + 5].find((each) => text && room > 36 && claim(x, each, measureText(pen, text) / 2, 13));
    if (top !== undefined) halo(pen, text, x, top);
  }
}

function edgeLabels(pen, toScreen, scale, claim, wide, high) {
  if (scale < 0.45 || !painters.has(net)) return;
  pen.font = "11px " + family;
  const lines_ = painters.get(net).lines, plates = lines_.size <= 1200;
  for (const edge of drawn.edges) {
    const line = edge.text ? lines_.get(edge.id) : null;
    if (!line) continue;
    const [startX, startY] = toScreen(line.path[0], line.path[1]), [endX, endY] = toScreen(line.path[line.path.length - 2], line.path[line.path.length - 1]);
    if (Math.max(startX, endX) < -wide || Math.min(startX, endX) > 2 * wide || Math.max(startY, endY) < -high || Math.min(startY, endY) > 2 * high) continue;
    const half = measureText(pen, edge.text) / 2 + 3;
    for (const part of [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8]) {
      const at = pointAlong(line.path, part), [x, y] = toScreen(at.x, at.y);
      if (at.length * scale < 2 * half || x < half || y < 8 || x > wide - half || y > high - 8) continue;
      if (!claim(x, y - 7, half, 14, plates ? -1 : undefined)) continue;
      plate(pen, edge.text, x, y, half);
      break;
    }
  }
}

// An amount stands on a plate, so that no line runs through its digits.
function plate(pen, text, x, y, half) {
  pen.fillStyle = paper();
  pen.globalAlpha = 0.94;
  pen.beginPath();
  pen.roundRect(x - half, y - 7, 2 * half, 14, 3);
  pen.fill();
  pen.globalAlpha = 1;
  pen.fillStyle = ink();
  pen.fillText(text, x, y - 5);
}

// A soft disc behind each open group, so that it stays in sight where it is.
function drawDiscs(pen) {
  if (S.focus >= 0) return;
  pen.save();
  for (const g of [...S.open, ...S.auto]) {
    if (group.fold[g]) continue;
    pen.beginPath();
    pen.arc(group.x[g], group.y[g], group.r[g], 0, 2 * Math.PI);
    pen.fillStyle = S.dark ? "rgba(255,255,255,.035)" : "rgba(20,60,110,.035)";
    pen.strokeStyle = S.dark ? "rgba(255,255,255,.16)" : "rgba(20,60,110,.16)";
    pen.lineWidth = 1 / net.getScale();
    pen.fill();
    pen.stroke();
  }
  pen.restore();
}
