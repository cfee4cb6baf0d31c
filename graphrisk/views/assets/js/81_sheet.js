// What a picture carries when it leaves the page: title, day, filters and legend.
function filterText() {
  const out = [], list = (names, family) => names.map((name) => word(family + "." + name)).join(", ");
  const lens = D.cascade ? null : lensNow();
  if (lens) out.push(word("fill") + ": " + word("measure." + lens.key));
  if (S.hiddenKinds.size) out.push(word("not_shown") + ": " + list([...S.hiddenKinds], "kind"));
  const there = new Set([...link.relation, ...bundle.relation]), hidden = [...S.hiddenRelations].filter((name) => there.has(name));
  if (hidden.length) out.push(word("not_shown") + ": " + list(hidden, "relation"));
  if (S.least > 0) out.push(word("least_amount") + ": " + money(S.least));
  if (D.cascade) out.push($("round-text").textContent);
  if (S.focus >= 0) out.push(word("focus_on", { name: node.label[S.focus] }));
  return out.join("  ·  ");
}

// Paint title, origin, filters and what a reader must know with `pen` (none: only measure); return how high they are.
function paintSheetTop(pen, measuring, wide) {
  if (!family) family = getComputedStyle(document.body).fontFamily;
  const lines_ = [], room = wide - 28;
  const put = (text, font, high) => {
    measuring.font = font + "px " + family;
    let rest = text;
    for (let n = 0; rest && n < 3; n++) {
      const [first, more] = measuring.measureText(rest).width > room ? splitAt(measuring, rest, room) : [rest, ""];
      lines_.push([first, font, high]);
      rest = more;
    }
  };
  put(D.title, "600 15", 20);
  put($("origin").textContent, "11.5", 16);
  if (!D.chart && filterText()) put(filterText(), "11.5", 16);
  for (const said of D.banner) put(said, "11.5", 16);
  let y = 8;
  for (const [text, font, high] of lines_) {
    if (pen) {
      pen.font = font + "px " + family;
      pen.fillStyle = ink();
      pen.textAlign = "start";
      pen.textBaseline = "top";
      pen.fillText(text, 14, y);
    }
    y += high;
  }
  return y + 6;
}

function splitAt(pen, text, room) {
  const letters = [...text];
  let many = letters.length;
  while (many > 1 && pen.measureText(letters.slice(0, many).join("")).width > room) many--;
  const space = letters.slice(0, many).lastIndexOf(" "), cut = space > many / 2 ? space + 1 : many;
  return [letters.slice(0, cut).join(""), letters.slice(cut).join("")];
}

// The rows of the legend that stand for something drawn: how each is painted, and what it is called.
function legendItems() {
  if (D.chart) return chartItems();
  const out = [], lens = D.cascade ? null : lensNow();
  if (D.cascade) for (const state of ["new", "failed", "stands"]) out.push({ paint: (pen) => paintState(pen, state), text: word("state." + state) });
  if (lens) {
    const ramp = D.palette.risk[S.dark ? 1 : 0], said = (value) => (lens.kind === "percent" ? percent(value, 0) : lens.kind === "money" ? money(value) : number(value));
    ramp.forEach((colour, step) => out.push({
      paint: (pen) => { pen.fillStyle = colour; pen.fillRect(3, 3, 20, 10); },
      text: step === 0 ? "< " + said(lens.edges[0]) : "≥ " + said(lens.edges[step - 1]),
    }));
  }
  const kinds = countBy(drawn.nodes.map((i) => node.kind[i])), relations = countBy(drawn.single.map((k) => link.relation[k]));
  for (const sum of drawn.sums) for (const name of sum.parts.keys()) relations.set(name, 1);
  for (const name of [...D.palette.kind_order, ...kinds.keys()].filter((each, at, all) => kinds.has(each) && all.indexOf(each) === at)) out.push({ paint: (pen) => paintKind(pen, name), text: word("kind." + name) });
  if (drawn.groups.length) out.push({ paint: paintHexagon, text: word("groups") });
  for (const name of D.palette.relation_order) if (relations.has(name)) out.push({ paint: (pen) => paintRelation(pen, name), text: word("relation." + name) });
  if (drawn.nodes.some((i) => node.status[i] === "defaulted")) out.push({ paint: paintRing, text: word("ring_default") });
  if (!D.cascade && sizeNote()) out.push({ text: sizeNote() });
  return out;
}

// The legend of a chart beside the picture, row by row.
function chartItems() {
  if (D.chart.kind === "report") return [];
  return chartLegend().filter((row) => row.tagName !== "H2").map((row) => {
    const mark = row.querySelector("canvas");
    return { paint: mark ? mark.paint : null, text: row.textContent };
  });
}

// A legend in rows: what is too wide for one is broken.
function legendLayout(pen, wide) {
  if (!family) family = getComputedStyle(document.body).fontFamily;
  pen.font = "11.5px " + family;
  let x = 14, y = 8;
  const whole = (item) => {
    const lines_ = [];
    for (let rest = item.text; rest;) {
      const [first, more] = item.paint || pen.measureText(rest).width <= wide - 28 ? [rest, ""] : splitAt(pen, rest, wide - 28);
      lines_.push({ ...item, text: first });
      rest = more;
    }
    return lines_;
  };
  const items = legendItems().flatMap(whole).map((item) => {
    const room = (item.paint ? 32 : 0) + pen.measureText(item.text).width;
    if (x + room > wide - 10 && x > 14) [x, y] = [14, y + 20];
    const at = { ...item, x, y };
    x += room + 18;
    return at;
  });
  return { items, high: items.length ? y + 28 : 0 };
}

function paintKey(pen, key, top) {
  for (const item of key.items) {
    pen.save();
    pen.translate(item.x, top + item.y);
    if (item.paint) item.paint(pen);
    pen.restore();
    pen.setLineDash([]);
    pen.fillStyle = ink();
    pen.font = "11.5px " + family;
    pen.textAlign = "start";
    pen.textBaseline = "middle";
    pen.fillText(item.text, item.x + (item.paint ? 32 : 0), top + item.y + 8);
  }
}

// The networks that are shown, with the size of their frames.
function sheetBoxes() {
  return [[net, "net"], [other, "net-two"]].filter(([network]) => network).map(([network, id]) => ({ network, wide: $(id).clientWidth, high: $(id).clientHeight, canvas: $(id).querySelector("canvas") }));
}
