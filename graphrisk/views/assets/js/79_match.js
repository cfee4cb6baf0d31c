// What counts as a hit of the search: how a name, an id or a register number is written is of no matter.
const TRADITIONAL = "國国貿贸電电業业產产發发東东廣广華华車车機机銀银會会資资團团實实廠厂龍龙興兴慶庆寧宁蘭兰陽阳漢汉濟济萬万億亿雲云風风飛飞馬马魚鱼鳥鸟麗丽點点農农醫医藥药書书報报質质遠远運运達达進进連连區区鄉乡鎮镇縣县門门開开關关長长聯联" +
  "鋼钢鐵铁銅铜錦锦針针鍵键鴻鸿潤润澤泽瀾澜滬沪蘇苏島岛豐丰順顺創创務务勞劳動动氣气節节歐欧綠绿紡纺織织絲丝紅红紙纸經经維维環环職职設设計计論论證证誠诚諾诺譽誉賢贤買买賣卖費费貨货賀贺賓宾賽赛體体頭头題题顯显騰腾恆恒鵬鹏鑽钻" +
  "盧卢蘆芦葉叶劉刘陳陈張张趙赵黃黄吳吴鄭郑孫孙羅罗謝谢韓韩馮冯許许鄧邓蕭萧閻阎鐘钟鍾钟顧顾龔龚錢钱魯鲁嚴严賴赖譚谭陸陆韋韦齊齐莊庄寶宝爾尔熱热燈灯煉炼燒烧爐炉煙烟礦矿磚砖礎础穩稳種种稅税窯窑競竞筆笔築筑簡简糧粮級级細细終终" +
  "組组給给統统繩绳續续綱纲網网綜综緣缘縱纵總总績绩繼继絡络練练紗纱紀纪約约純纯納纳線线編编緊紧縫缝義义習习聲声腦脑膠胶臺台藝艺蒼苍蓋盖薦荐蔣蒋藍蓝虛虚號号蠶蚕術术衛卫裝装製制複复襯衬視视規规覺觉親亲觀观訂订記记訊讯訓训議议" +
  "討讨託托訪访評评詞词試试詩诗話话該该詳详認认語语誤误說说調调談谈請请諮咨諸诸謀谋護护讀读變变讓让財财責责販贩貴贵貸贷貼贴賬账贏赢趨趋跡迹踐践軌轨軍军軒轩軟软軸轴較较載载輔辅輕轻輛辆輝辉輪轮輸输轉转轎轿辦办辭辞邊边遲迟選选" +
  "遺遗還还鄰邻醬酱釀酿釋释鈑钣釘钉釣钓鈔钞鈕钮鈣钙鈦钛鉀钾鉅钜鉛铅鉑铂鉬钼鋁铝鋅锌鋒锋鋪铺鋰锂錄录錫锡錳锰鍋锅鍍镀鍛锻鎂镁鎢钨鎖锁鎳镍鏈链鏡镜鑄铸鑒鉴閃闪閉闭閣阁閘闸閩闽闊阔陰阴陣阵階阶際际隊队隨随險险雙双雜杂離离難难霧雾" +
  "靈灵靜静響响項项須须頓顿領领頻频顆颗額额顏颜願愿類类飯饭飲饮飼饲飽饱飾饰餅饼養养餘余館馆駕驾駛驶駿骏騎骑驅驱驗验驛驿髮发鬆松鮮鲜鯨鲸鳳凤鴿鸽鵝鹅鶴鹤鷹鹰鹽盐麥麦麵面黨党齒齿龜龟並并乾干亞亚來来侖仑侶侣係系俠侠倉仓個个們们" +
  "倫伦偉伟側侧傑杰備备傳传債债傷伤傾倾僅仅價价儀仪優优儲储兒儿內内兩两冊册凍冻凱凯則则剛刚劃划劇剧劍剑劑剂勝胜勢势勳勋勵励勸劝匯汇協协單单卻却厭厌參参員员唄呗問问啟启喚唤喬乔嚮向噸吨圍围園园圓圆圖图執执堅坚場场塊块塗涂塵尘" +
  "墊垫壇坛壓压壘垒壯壮壽寿夢梦夾夹奧奥奪夺奮奋婦妇媽妈學学宮宫寬宽審审對对導导將将專专尋寻層层屬属岡冈峽峡崗岗嶺岭嶽岳巒峦帥帅師师帳帐帶带幣币幫帮幾几庫库廁厕廂厢廈厦廚厨廟庙廢废廳厅強强彈弹彌弥彙汇彥彦後后徑径從从復复徵征" +
  "徹彻恥耻悅悦惡恶愛爱態态慣惯慮虑憂忧憑凭憲宪憶忆應应懷怀戀恋戰战戲戏戶户拋抛挾挟捨舍掃扫掛挂採采揀拣揚扬換换揮挥損损搖摇搶抢摯挚撐撑撥拨擁拥擇择擊击擋挡擔担據据擬拟擴扩擺摆攔拦攜携攝摄敗败敵敌數数斂敛斷断時时晉晋晝昼暢畅" +
  "暫暂曆历曉晓曠旷朧胧柵栅條条梟枭棄弃棗枣棟栋棧栈楊杨楓枫極极榮荣構构槍枪樁桩樂乐樓楼標标樞枢樣样樹树橋桥橫横檔档檢检檯台檸柠櫃柜櫻樱欄栏權权欽钦歡欢歲岁歸归殘残殼壳毀毁畢毕氫氢氬氩滅灭滲渗滾滚滿满漁渔漸渐漲涨漿浆潔洁潛潜" +
  "潰溃澀涩澆浇濃浓濕湿濱滨濾滤瀋沈瀏浏灣湾灤滦災灾為为烏乌無无煥焕熒荧燁烨燦灿營营爍烁爭争爺爷牆墙牽牵犧牺狀状獎奖獨独獲获獵猎現现瑋玮瑪玛瓊琼甌瓯畫画異异當当疊叠療疗瘋疯皚皑皺皱盞盏監监盤盘眾众睜睁矯矫確确碼码磯矶禮礼禪禅" +
  "禦御稱称穀谷積积穎颖穫获";
const SIMPLIFIED = new Map();
for (const letters = [...TRADITIONAL]; letters.length > 1;) SIMPLIFIED.set(letters.shift(), letters.shift());
const EAST_ASIAN_FORM = /(股份|有限责任公司|有限公司|集团|公司|株式会社|有限会社|合同会社)+$/;
const LATIN_FORMS = new Set(["co", "company", "ltd", "limited", "llc", "inc", "corp", "corporation", "plc", "gmbh", "ag", "sa", "bv", "nv", "srl", "spa", "pte", "pty", "kk"]);
let indexed = null;

function writtenPlainly(text) {
  const bare = String(text).normalize("NFKD").replace(/[\u0300-\u036f]/g, "").normalize("NFKC").toLowerCase(); // without accents
  return [...bare].map((letter) => SIMPLIFIED.get(letter) || letter).join("");
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
  const slips = (each) => words.filter((one) => !each.name.includes(one)); // words in any order, one of them nearly right
  const nearly = (each) => nearlyHolds(each.bare, bare) || nearlyHolds(each.id, bare) || (words.length > 1 && slips(each).length === 1 && slips(each)[0].length > 3 && nearlyHolds(each.bare, slips(each)[0]));
  if (!found.length && long) index.forEach((each, i) => { if (nearly(each)) take_(7, i); });
  return found.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]).map((each) => each[2]);
}
