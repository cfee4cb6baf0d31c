// What the reader chose. Every change can be undone, and most of it stands in the address, so that a link restores it.
const S = {
  open: [], auto: [], hiddenKinds: new Set(), hiddenRelations: new Set(), least: 0, lens: "", chosen: null, focus: -1,
  tab: "", dark: false, round: 0, anyway: false, regime: "", more: [],
};
const past = [];

function snapshot() {
  return {
    open: S.open.slice(), hiddenKinds: new Set(S.hiddenKinds), hiddenRelations: new Set(S.hiddenRelations), least: S.least,
    lens: S.lens, chosen: S.chosen, focus: S.focus, anyway: S.anyway, regime: S.regime, more: S.more,
  };
}

// Do `change` so that it can be undone.
function change(make, more) {
  past.push(snapshot());
  if (past.length > 100) past.shift();
  make();
  redraw(more);
}

function undo() {
  const before = past.pop();
  if (!before) return;
  const moved = before.focus !== S.focus;
  Object.assign(S, before);
  buildLegend();
  redraw({ fit: moved });
  showChosen();
}

function writeHash() {
  const said = new URLSearchParams();
  if (S.open.length) said.set("open", S.open.join("."));
  if (S.chosen && S.chosen.node !== undefined) said.set("at", node.id[S.chosen.node]);
  if (S.focus >= 0) said.set("focus", node.id[S.focus]);
  if (S.lens !== (D.lenses.length ? D.lenses[0].key : "")) said.set("lens", S.lens);
  if (S.hiddenKinds.size) said.set("kinds", [...S.hiddenKinds].sort().join("."));
  const hidden = [...S.hiddenRelations].sort().join(".");
  if (hidden !== [...D.hidden].sort().join(".")) said.set("relations", hidden);
  if (S.least > 0) said.set("least", String(S.least));
  if (S.dark) said.set("dark", "1");
  if (S.anyway) said.set("anyway", "1");
  if (S.regime) said.set("regime", S.regime);
  if (D.cascade && S.round !== D.cascade.rounds) said.set("round", String(S.round));
  try {
    history.replaceState(null, "", "#" + said.toString());
  } catch (refused) {
    // a sandboxed frame has no address of its own: nothing to keep
  }
}

function readHash() {
  const said = new URLSearchParams(location.hash.slice(1));
  const split = (name) => (said.get(name) || "").split(".").filter((part) => part !== "");
  S.open = split("open").map(Number).filter((g) => Number.isInteger(g) && g >= 0 && g < group.many && group.inside[g]);
  if (!said.has("open")) S.open = [...Array(group.many).keys()].filter((g) => group.opened[g]);
  S.lens = D.lenses.some((lens) => lens.key === said.get("lens")) ? said.get("lens") : D.lenses.length ? D.lenses[0].key : "";
  if (said.get("lens") === "") S.lens = "";
  S.hiddenKinds = new Set(split("kinds"));
  S.hiddenRelations = new Set(said.has("relations") ? split("relations") : D.hidden);
  S.least = Math.max(0, Number(said.get("least")) || 0);
  S.dark = said.get("dark") === "1" || (!said.has("dark") && matchMedia("(prefers-color-scheme: dark)").matches && !D.light);
  S.anyway = said.get("anyway") === "1";
  S.regime = said.get("regime") || "";
  const last = D.cascade ? D.cascade.rounds : 0;
  S.round = said.has("round") ? Math.min(last, Math.max(0, Math.trunc(Number(said.get("round")) || 0))) : last;
  S.focus = placeOfId.has(said.get("focus")) ? placeOfId.get(said.get("focus")) : -1;
  const at = placeOfId.get(said.get("at"));
  S.chosen = at !== undefined ? { node: at } : D.focus >= 0 ? { node: D.focus } : null;
}
