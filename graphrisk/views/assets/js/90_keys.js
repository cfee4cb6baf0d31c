// Everything from the keyboard.
const KEYS = [
  ["/", "key.search"], ["o", "key.home"], ["u", "key.undo"], ["f", "key.fit"], ["e", "key.focus"], ["t", "key.table"], ["d", "key.dark"],
  ["+ −", "key.zoom"], ["← ↑ → ↓", "key.move"], ["Enter", "key.enter"], ["Esc", "key.escape"], ["?", "key.help"],
];

const ON_CHARTS = new Set(["key.search", "key.table", "key.dark", "key.escape", "key.help"]);

function buildKeys() {
  $("b-undo").addEventListener("click", undo);
  $("b-home").addEventListener("click", goHome);
  $("b-table").addEventListener("click", toggleTwin);
  $("b-png").addEventListener("click", savePng);
  $("b-svg").addEventListener("click", saveSvg);
  $("b-legend").addEventListener("click", () => showLegend());
  $("skip").addEventListener("click", (event) => { event.preventDefault(); (D.chart ? (D.chart.kind === "report" ? $("report") : $("chart")) : $("net")).focus(); });
  $("b-csv").addEventListener("click", saveCsv);
  $("b-dark").addEventListener("click", toggleDark);
  $("b-help").addEventListener("click", showHelp);
  addEventListener("keydown", pressed);
  addEventListener("hashchange", () => {
    readHash();
    applyTheme();
    buildLegend();
    redraw({ fit: true });
    showChosen();
  });
}

function pressed(event) {
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "checkbox";
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const keys = {
    "/": () => $("q").focus(), u: undo, o: goHome, f: fitAll, t: toggleTwin, d: toggleDark, "?": showHelp,
    e: () => { if (!D.chart && S.chosen && S.chosen.node !== undefined) focusOn(S.chosen.node); },
    Escape: () => { if (showLegend(false)) return; if (S.focus >= 0) leaveFocus(); else choose(null); },
    "+": () => zoomBy(1.25), "=": () => zoomBy(1.25), "-": () => zoomBy(0.8),
  };
  if (D.cascade) Object.assign(keys, { ",": () => setRound(S.round - 1), ".": () => setRound(S.round + 1), p: togglePlay });
  if (document.activeElement === $("net")) {
    Object.assign(keys, {
      ArrowLeft: () => moveBy(-80, 0), ArrowRight: () => moveBy(80, 0), ArrowUp: () => moveBy(0, -80), ArrowDown: () => moveBy(0, 80),
      Enter: () => { if (S.chosen && S.chosen.group !== undefined) enterGroup(S.chosen.group); },
      n: () => step(1), ...(D.cascade ? {} : { p: () => step(-1) }),
    });
  }
  const does = keys[event.key];
  if (!does) return;
  event.preventDefault();
  does();
}

// On a narrow screen the legend is a drawer over the picture; whether it was changed is returned.
function showLegend(on) {
  const main = document.querySelector("main"), open = main.classList.contains("legend"), wanted = on === undefined ? !open : on;
  main.classList.toggle("legend", wanted);
  $("b-legend").setAttribute("aria-expanded", String(wanted));
  return open !== wanted;
}

function zoomBy(factor) {
  if (!net) return;
  setMoving(true);
  net.moveTo({ scale: net.getScale() * factor, animation: false });
  lookCloser();
}

function moveBy(x, y) {
  if (!net) return;
  setMoving(true);
  const at = net.getViewPosition(), scale = net.getScale();
  net.moveTo({ position: { x: at.x + x / scale, y: at.y + y / scale }, animation: false });
  lookCloser();
}

// Choose the next node or group drawn, so that the picture can be walked through without a mouse.
function step(way) {
  const all = [...drawn.groups.map((g) => ({ group: g })), ...drawn.nodes.map((i) => ({ node: i }))];
  if (!all.length) return;
  const at = all.findIndex((each) => S.chosen && each.node === S.chosen.node && each.group === S.chosen.group);
  choose(all[(at + way + all.length) % all.length]);
}

function showHelp() {
  const list = el("dl", {});
  const here = KEYS.filter(([, text]) => !D.chart || ON_CHARTS.has(text));
  for (const [key, text] of [...here, ...(D.cascade ? [[", .", "key.round"], ["p", "key.play"]] : [])]) list.append(el("dt", {}, el("kbd", {}, key)), el("dd", {}, word(text)));
  fill($("help"), el("h2", {}, word("help_title")), list, D.chart ? null : el("p", { class: "note" }, word("help_mouse")), act(word("close"), () => $("help").close()));
  $("help").showModal();
}
