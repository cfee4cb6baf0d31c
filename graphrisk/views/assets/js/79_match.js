// What counts as a hit of the search: how a name, an id or a register number is written is of no matter.
const TRADITIONAL = "國国貿贸電电業业產产發发東东廣广華华車车機机機机銀银會会資资團团實实廠厂龍龙興兴慶庆寧宁蘭兰陽阳漢汉濟济萬万億亿雲云風风飛飞馬马魚鱼鳥鸟麗丽點点農农醫医藥药書书報报質质遠远運运達达進进連连區区鄉乡鎮镇縣县門门開开關关長长聯联鋼钢鐵铁銅铜錦锦針针鍵键鴻鸿潤润澤泽瀾澜滬沪蘇苏島岛豐丰順顺億亿創创務务勞劳動动氣气節节歐欧綠绿紡纺織织絲丝紅红紙纸經经維维環环職职設设計计論论證证誠诚諾诺譽誉賢贤買买賣卖費费貨货賀贺賓宾賽赛體体頭头題题顯显";
const SIMPLIFIED = new Map();
for (const letters = [...TRADITIONAL]; letters.length > 1;) SIMPLIFIED.set(letters.shift(), letters.shift());
const EAST_ASIAN_FORM = /(股份有限公司|有限责任公司|有限公司|集团|公司|株式会社|有限会社|合同会社)$/;
const LATIN_FORMS = new Set(["co", "company", "ltd", "limited", "llc", "inc", "corp", "corporation", "plc", "gmbh", "ag", "sa", "bv", "nv", "srl", "spa", "pte", "pty", "kk"]);
let indexed = null;

function writtenPlainly(text) {
  return [...String(text).normalize("NFKC").toLowerCase()].map((letter) => SIMPLIFIED.get(letter) || letter).join("");
}

// The words of a name without marks and, where something else is left, without its legal form.
function wordsOf(text) {
  const all = text.split(/[^\p{L}\p{N}]+/u).filter(Boolean), kept = all.filter((each) => !LATIN_FORMS.has(each));
  return (kept.length ? kept : all).map((each) => each.replace(EAST_ASIAN_FORM, "") || each);
}

function searchIndex() {
  if (!indexed) {
    indexed = node.label.map((label, i) => {
      const name = writtenPlainly(label), code = (value) => (value ? writtenPlainly(value).replace(/[^\p{L}\p{N}]/gu, "") : "");
      return { id: writtenPlainly(node.id[i]), name, bare: wordsOf(name).join(""), codes: [code(node.national_id[i]), code(node.lei[i])].filter(Boolean), sound: node.sound[i] || "" };
    });
  }
  return indexed;
}

// How well a party fits what was typed, 0 best; null where it does not.
function fitOf(each, wanted, words) {
  const bare = words.join("");
  if (each.id === wanted || each.name === wanted) return 0;
  if (each.id.startsWith(wanted) || each.name.startsWith(wanted)) return 1;
  if (each.id.includes(wanted) || each.name.includes(wanted)) return 2;
  if (bare.length > 3 && each.codes.some((code) => code.includes(bare))) return 3;
  if (bare.length > 1 && each.bare.includes(bare)) return 4;
  if (words.length > 1 && words.every((word_) => each.name.includes(word_))) return 5;
  if (/^[a-z]{2,}$/.test(bare) && each.sound.split(" ").some((sound) => sound.startsWith(bare))) return 6;
  return null;
}

// Whether the text holds something that differs from `wanted` by one letter: added, left out, or another.
function nearlyHolds(text, wanted) {
  const letters = [...wanted];
  let row = Array.from({ length: letters.length + 1 }, (_, k) => k);
  for (const letter of text) {
    const next = [0];
    for (let k = 1; k <= letters.length; k++) next[k] = Math.min(row[k] + 1, next[k - 1] + 1, row[k - 1] + (letters[k - 1] === letter ? 0 : 1));
    if (next[letters.length] <= 1) return true;
    row = next;
  }
  return false;
}

// Parties that fit what was typed, the best first, then by exposure; one slip is forgiven where nothing fits.
function findParties(text) {
  const wanted = writtenPlainly(text).trim(), found = [];
  if (!wanted) return found;
  const index = searchIndex(), words = wordsOf(wanted), bare = words.join("");
  const take_ = (fit, i) => found.push([fit, -(valueOf("exposure", i) || 0), i]);
  index.forEach((each, i) => {
    const fit = fitOf(each, wanted, words);
    if (fit !== null) take_(fit, i);
  });
  const long = [...bare].length >= (/[\u3040-\u9fff]/.test(bare) ? 3 : 5);
  if (!found.length && long) index.forEach((each, i) => { if (nearlyHolds(each.bare, bare) || nearlyHolds(each.id, bare)) take_(7, i); });
  return found.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]).map((each) => each[2]);
}
