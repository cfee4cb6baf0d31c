// The page on owners: a regime is chosen in the page, its owners are ringed, and each node says its share over all ways.
function regimeShown() {
  return D.standing.regimes.includes(S.regime) ? S.regime : D.standing.regimes[0];
}

function standingPane() {
  const now = regimeShown();
  const select = el("select", { id: "b-regime", "aria-label": word("regime"), onchange: () => { change(() => { S.regime = select.value; }); showTab("risks"); $("b-regime").focus(); } });
  for (const name of D.standing.regimes) {
    const title = "panel.owners_" + name, option = el("option", { value: name }, word(title));
    option.selected = name === now;
    select.append(option);
  }
  const shown = D.panels.filter((panel) => !panel.key.startsWith("owners_") || panel.key === "owners_" + now);
  const none = D.standing.regimes.length && !shown.some((panel) => panel.key === "owners_" + now) ? [el("p", { class: "note" }, word("no_owner_under"))] : [];
  return D.standing.regimes.length ? [el("h2", {}, word("regime")), select, ...none, ...panelRows(shown)] : panelRows(shown);
}

// "36 %" or "20 – 50 %": what the node owns of the party in the middle, or the party owns of it.
function shareText(i) {
  const share = D.standing.share[i];
  if (!share) return "";
  const [low, high] = share;
  return high - low < 5e-5 ? percent(low, 1) : percent(low, 1).replace(/[\s%]+$/, "") + " – " + percent(high, 1);
}

function ownerRings(pen, items) {
  const owners = D.standing.owners[regimeShown()] || {};
  for (const item of items) {
    const sure = item.i === undefined ? undefined : owners[item.i];
    if (sure === undefined) continue;
    pen.setLineDash(sure ? [] : [4, 3]);
    shockRing(pen, item.x, item.y, item.r + 3);
    pen.setLineDash([]);
  }
}

function standingRows() {
  const ring = (dash) => swatch((pen) => { pen.setLineDash(dash); shockRing(pen, 13, 8, 3.2); pen.setLineDash([]); });
  const line = swatch((pen) => { pen.strokeStyle = tone(relationOf("OWNS").line); pen.lineWidth = 5; pen.beginPath(); pen.moveTo(2, 8); pen.lineTo(24, 8); pen.stroke(); });
  const row = (mark, key) => el("div", { class: "row" }, mark, el("span", { class: "name long" }, word(key)));
  return [row(ring([]), "ring_owner"), row(ring([4, 3]), "ring_possible"), row(line, "line_control"), el("p", { class: "note" }, word("share_at_node"))];
}
