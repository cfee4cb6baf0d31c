// A pen that writes SVG: what is painted on the canvas is painted with it again, as shapes that a designer can change.
class SvgPen {
  constructor(wide, high) {
    this.root = svg("svg", { viewBox: "0 0 " + wide + " " + high, width: wide, height: high });
    this.canvas = { width: wide, height: high };
    this.kept = [];
    Object.assign(this, { s: 1, e: 0, f: 0, d: "", fillStyle: "#000000", strokeStyle: "#000000", lineWidth: 1, globalAlpha: 1, font: "12px sans-serif", textAlign: "start", textBaseline: "alphabetic", lineJoin: "miter", lineCap: "butt", dash: [] });
  }

  save() {
    const { s, e, f, fillStyle, strokeStyle, lineWidth, globalAlpha, font, textAlign, textBaseline, lineJoin, lineCap, dash } = this;
    this.kept.push({ s, e, f, fillStyle, strokeStyle, lineWidth, globalAlpha, font, textAlign, textBaseline, lineJoin, lineCap, dash });
  }

  restore() { Object.assign(this, this.kept.pop() || {}); }
  translate(x, y) { this.e += x * this.s; this.f += y * this.s; }
  scale(by) { this.s *= by; }
  setTransform(a, b, c, d, e, f) { Object.assign(this, { s: a, e: e + this.left, f: f + this.top }); }
  setLineDash(dash) { this.dash = dash.filter((each) => each > 0).length ? dash : []; }
  measureText(text) { ruler.font = this.font; return ruler.measureText(text); }
  at(x, y) { return (x * this.s + this.e).toFixed(1) + " " + (y * this.s + this.f).toFixed(1); }
  beginPath() { this.d = ""; }
  closePath() { if (this.d) this.d += "Z"; }
  moveTo(x, y) { this.d += "M" + this.at(x, y); }
  lineTo(x, y) { this.d += (this.d ? "L" : "M") + this.at(x, y); }
  quadraticCurveTo(a, b, x, y) { this.d += "Q" + this.at(a, b) + " " + this.at(x, y); }
  bezierCurveTo(a, b, c, d, x, y) { this.d += "C" + this.at(a, b) + " " + this.at(c, d) + " " + this.at(x, y); }
  rect(x, y, w, h) { this.d += "M" + this.at(x, y) + "L" + this.at(x + w, y) + "L" + this.at(x + w, y + h) + "L" + this.at(x, y + h) + "Z"; }
  roundRect(x, y, w, h) { this.rect(x, y, w, h); }

  arc(x, y, r, from, to) {
    const far = (r * this.s).toFixed(2), point = (angle) => this.at(x + r * Math.cos(angle), y + r * Math.sin(angle)), middle = (from + to) / 2, large = Math.abs(to - from) > Math.PI * 1.999 ? 0 : Number(Math.abs(to - from) > 2 * Math.PI);
    this.d += (this.d && !this.d.endsWith("Z") ? "L" : "M") + point(from);
    for (const end of [middle, to]) this.d += "A" + far + " " + far + " 0 " + large + " 1 " + point(end);
  }

  add(tag, given, text) {
    const alpha = this.globalAlpha < 1 ? { opacity: Number(this.globalAlpha.toFixed(3)) } : {};
    this.root.append(svg(tag, { ...given, ...alpha }, ...(text === undefined ? [] : [text])));
  }

  outline() {
    const dash = this.dash.length ? { "stroke-dasharray": this.dash.map((each) => (each * this.s).toFixed(1)).join(" ") } : {};
    return { fill: "none", stroke: this.strokeStyle, "stroke-width": (this.lineWidth * this.s).toFixed(2), "stroke-linejoin": this.lineJoin, "stroke-linecap": this.lineCap, ...dash };
  }

  fill() { if (this.d) this.add("path", { d: this.d, fill: this.fillStyle }); }
  stroke() { if (this.d) this.add("path", { d: this.d, ...this.outline() }); }
  fillRect(x, y, w, h) { const [left, top] = this.at(x, y).split(" "); this.add("rect", { x: left, y: top, width: (w * this.s).toFixed(1), height: (h * this.s).toFixed(1), fill: this.fillStyle }); }
  clearRect() {}

  words(text, x, y, look) {
    const found = /^(?:(\d+|bold) )?([\d.]+)px (.*)$/.exec(this.font), size = Number(found[2]) * this.s;
    const [left, line] = this.at(x, y).split(" "), drop = { top: 0.88, middle: 0.36, bottom: -0.2 }[this.textBaseline] || 0;
    const anchor = { center: "middle", right: "end", end: "end" }[this.textAlign] || "start";
    this.add("text", { x: left, y: (Number(line) + drop * size).toFixed(1), "text-anchor": anchor, "font-size": size.toFixed(1), "font-family": found[3], ...(found[1] ? { "font-weight": found[1] } : {}), ...look }, text);
  }

  fillText(text, x, y) { this.words(text, x, y, { fill: this.fillStyle }); }
  strokeText(text, x, y) { this.words(text, x, y, this.outline()); }
}

// The picture as SVG: title, day and filters above, the legend below, and what is drawn now between them.
function saveSvg() {
  if (D.chart) return saveChartSvg();
  const boxes = sheetBoxes(), wide = boxes.reduce((sum, box) => sum + box.wide, 0), pen = new SvgPen(wide, 10), top = paintSheetTop(null, pen, wide);
  const high = top + boxes[0].high, key = legendLayout(pen, wide);
  pen.fillStyle = paper();
  pen.fillRect(0, 0, wide, high + key.high);
  paintSheetTop(pen, pen, wide);
  let left = 0;
  for (const box of boxes) {
    paintNetwork(pen, box, left, top);
    left += box.wide;
  }
  paintKey(pen, key, high);
  pen.root.setAttribute("viewBox", "0 0 " + wide + " " + (high + key.high));
  pen.root.setAttribute("height", high + key.high);
  saveSvgText(pen.root, "");
}

function paintNetwork(pen, box, left, top) {
  const network = box.network, scale = network.getScale(), centre = network.getViewPosition();
  Object.assign(pen, { s: scale, e: left + box.wide / 2 - centre.x * scale, f: top + box.high / 2 - centre.y * scale, left, top });
  pen.canvas = { width: box.wide, height: box.high };
  if (network === net) drawDiscs(pen);
  paintLines(network, pen);
  network.renderer._drawNodes(pen, true);
  paintHeads(network, pen);
  if (network === net) drawLabels(pen);
  else otherLabels(pen);
  Object.assign(pen, { s: 1, e: 0, f: 0, left: 0, top: 0, globalAlpha: 1 });
}

function saveChartSvg() {
  const found = [...document.querySelectorAll(D.chart.kind === "report" ? "#report svg.chart" : "#chart svg")];
  if (!found.length) return;
  const wide = Math.max(...found.map((each) => each.viewBox.baseVal.width)), pen = new SvgPen(wide, 10), top = paintSheetTop(null, pen, wide), key = legendLayout(pen, wide);
  let y = top;
  pen.fillStyle = paper();
  pen.fillRect(0, 0, wide, found.reduce((sum, each) => sum + each.viewBox.baseVal.height + 24, top + key.high));
  paintSheetTop(pen, pen, wide);
  for (const each of found) {
    const copy = each.cloneNode(true), box = each.viewBox.baseVal;
    for (const [name, value] of [["x", 0], ["y", y], ["width", box.width], ["height", box.height]]) copy.setAttribute(name, value);
    inlineLooks(each, copy);
    pen.root.append(copy);
    y += box.height + 24;
  }
  paintKey(pen, key, y);
  y += key.high;
  pen.root.setAttribute("viewBox", "0 0 " + wide + " " + y);
  pen.root.setAttribute("height", y);
  saveSvgText(pen.root, "");
}

// What the style of the page gives a chart goes along with it.
function inlineLooks(from, to) {
  const style = getComputedStyle(from);
  for (const name of ["fill", "fill-opacity", "stroke", "stroke-width", "font-size", "font-family", "font-weight"]) if (style.getPropertyValue(name)) to.setAttribute(name, style.getPropertyValue(name));
  [...from.children].forEach((child, at) => inlineLooks(child, to.children[at]));
}

function saveSvgText(root, more) {
  save(new Blob([new XMLSerializer().serializeToString(root)], { type: "image/svg+xml;charset=utf-8" }), fileName(more, "svg"));
}
