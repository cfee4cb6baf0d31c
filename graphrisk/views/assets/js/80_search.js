// Search by name, id or register number, from the keyboard; what fits is in 79_match.js.
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

function search() {
  const all = findParties($("q").value), list = $("hits");
  hits = all.slice(0, 12);
  hitAt = hits.length ? 0 : -1;
  const lines = hits.map((i, at) => el("li", { role: "option", id: "hit-" + at, "aria-selected": String(at === hitAt), onmousedown: (event) => { event.preventDefault(); pickHit(at); } }, el("span", {}, node.label[i]), el("span", { class: "soft" }, node.id[i])));
  if (all.length > hits.length) lines.push(el("li", { class: "none" }, word("more_hits", { count: grouped(all.length - hits.length, 0) })));
  if (!all.length) lines.push(el("li", { class: "none" }, whatWasSearched()));
  fill(list, ...lines);
  list.hidden = $("q").value.trim() === "";
  $("q").setAttribute("aria-expanded", String(!list.hidden));
}

function whatWasSearched() {
  const chinese = node.label.some((label) => /[\u4e00-\u9fff]/.test(label));
  return word("no_hits") + (chinese ? "; " + word(node.sound.some(Boolean) ? "no_hits_typed" : "no_hits_untyped") : "");
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
