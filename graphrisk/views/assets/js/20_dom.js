// Elements from plain text only: nothing of the data is ever read as markup.
function $(id) {
  return document.getElementById(id);
}

function el(tag, given, ...content) {
  const made = document.createElement(tag);
  for (const name of Object.keys(given || {})) {
    const value = given[name];
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") made.className = value;
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  for (const item of content) if (item !== null && item !== undefined) made.append(item);
  return made;
}

function fill(target, ...content) {
  target.replaceChildren(...content.filter((item) => item !== null && item !== undefined));
}

function act(text, does, more) {
  return el("button", { type: "button", onclick: does, ...(more || {}) }, text);
}

function columnName(column) {
  return column.text !== undefined ? column.text : word(column.word);
}

// columns: {word|text, kind, clip}; rows: {cells, go, id, here}. A cell is a value, or an element. `named`: cells know their column.
function table(columns, rows, more) {
  const head = el("tr", {});
  columns.forEach((column, at) => {
    const numeric = NUMERIC.has(column.kind);
    const label = columnName(column);
    const sort = more && more.sort ? () => more.sort(at) : null, way = more && more.by && more.by.at === at ? (more.by.way > 0 ? "ascending" : "descending") : null;
    head.append(el(label === "" ? "td" : "th", {
      class: [numeric ? "num" : "", column.word === "name" ? "stay" : ""].join(" ").trim() || null, scope: label === "" ? null : "col", onclick: sort, tabindex: sort ? "0" : null, "aria-sort": way,
      onkeydown: sort ? (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); sort(); } } : null,
    }, label));
  });
  const body = el("tbody", {});
  for (const row of rows) {
    const line = el("tr", {
      class: [row.go ? "go" : "", row.here ? "here" : ""].join(" ").trim() || null,
      tabindex: row.go ? "0" : null,
      onclick: row.go || null,
      onkeydown: row.go ? (event) => { if (event.key === "Enter") row.go(); } : null,
    });
    if (row.id !== undefined) line.dataset.id = row.id;
    row.cells.forEach((value, at) => {
      const column = columns[at], numeric = NUMERIC.has(column.kind);
      const cell = el("td", { class: [numeric ? "num" : "", column.word === "name" ? "stay" : "", column.clip ? "clip" : column.kind === "text" ? "wrap" : ""].join(" ").trim() || null });
      if (more && more.named) cell.dataset.of = columnName(column);
      if (typeof value === "string" && value.length > 14) cell.classList.add("long");
      if (value instanceof Node) cell.append(value);
      else {
        cell.append(written(column.kind, value));
        if ((column.kind === "money" || column.kind === "change") && typeof value === "number") cell.title = exact(value);
        else if (column.clip && typeof value === "string") cell.title = value;
      }
      line.append(cell);
    });
    body.append(line);
  }
  return el("table", { class: more && more.named ? "named" : null }, el("thead", {}, head), body);
}

// What may be wider than its place: it can be scrolled from the keyboard too.
function scrolling(content) {
  return el("div", { class: "scroll", tabindex: "0" }, content);
}

function pairs(rows) {
  const list = el("dl", {});
  for (const [name, value] of rows) {
    if (value === null || value === undefined || value === "") continue;
    list.append(el("dt", {}, name), el("dd", {}, value));
  }
  return list;
}

function chip(text, tone) {
  return el("span", { class: "chip" + (tone ? " " + tone : "") }, text);
}

function swatch(paint) {
  const dpr = Math.min(window.devicePixelRatio || 1, 2), canvas = el("canvas", { width: 26 * dpr, height: 16 * dpr });
  canvas.paint = paint; // a legend that leaves the page is painted anew
  canvas.style.width = "26px";
  canvas.style.height = "16px";
  const pen = canvas.getContext("2d");
  pen.scale(dpr, dpr);
  paint(pen);
  return canvas;
}
