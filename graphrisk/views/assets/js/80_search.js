// Search by name or id, from the keyboard.
let searchTimer = 0, hitAt = -1, hits = [];

function buildSearch() {
  const box = $("q");
  box.addEventListener("input", () => { clearTimeout(searchTimer); searchTimer = setTimeout(search, 60); });
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      moveHit(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && hits.length) pickHit(Math.max(hitAt, 0));
    else if (event.key === "Escape") closeHits();
  });
  box.addEventListener("blur", () => setTimeout(closeHits, 150));
}

// Parties whose id or name holds the text: equal first, then those that begin with it, then by exposure.
function findParties(text) {
  const wanted = text.trim().toLowerCase(), found = [];
  if (!wanted) return found;
  for (let i = 0; i < node.many; i++) {
    const id = node.id[i].toLowerCase(), name = node.label[i].toLowerCase();
    if (!id.includes(wanted) && !name.includes(wanted)) continue;
    const rank = id === wanted || name === wanted ? 0 : id.startsWith(wanted) || name.startsWith(wanted) ? 1 : 2;
    found.push([rank, -(valueOf("exposure", i) || 0), i]);
  }
  return found.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]).map((each) => each[2]);
}

function search() {
  const all = findParties($("q").value), list = $("hits");
  hits = all.slice(0, 12);
  hitAt = hits.length ? 0 : -1;
  const lines = hits.map((i, at) => el("li", { role: "option", id: "hit-" + at, "aria-selected": String(at === hitAt), onmousedown: (event) => { event.preventDefault(); pickHit(at); } }, el("span", {}, node.label[i]), el("span", { class: "soft" }, node.id[i])));
  if (all.length > hits.length) lines.push(el("li", { class: "none" }, word("more_hits", { count: grouped(all.length - hits.length, 0) })));
  if (!all.length) lines.push(el("li", { class: "none" }, word("no_hits")));
  fill(list, ...lines);
  list.hidden = $("q").value.trim() === "";
  $("q").setAttribute("aria-expanded", String(!list.hidden));
}

function moveHit(step) {
  if (!hits.length) return;
  hitAt = (hitAt + step + hits.length) % hits.length;
  hits.forEach((_, at) => $("hit-" + at).setAttribute("aria-selected", String(at === hitAt)));
  $("q").setAttribute("aria-activedescendant", "hit-" + hitAt);
}

function pickHit(at) {
  const i = hits[at];
  closeHits();
  $("q").value = "";
  choose({ node: i }, { reveal: true });
}

function closeHits() {
  $("hits").hidden = true;
  $("q").setAttribute("aria-expanded", "false");
  hits = [];
}
