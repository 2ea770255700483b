// Yes and no as tables say them: signs, digits, and the words of many languages, also those that spreadsheets write for TRUE and FALSE.

const YES = [
  ...["1", "x", "✓", "✔", "☑", "✅", "●", "+", "on", "y", "yes", "t", "true"],
  ...["j", "ja", "wahr", "oui", "o", "v", "vrai", "s", "si", "verdadero", "vero", "waar", "sim", "verdadeiro"],
  ...["sand", "sandt", "sann", "sant", "kylla", "tosi", "tak", "prawda", "ano", "pravda", "igen", "igaz", "da", "adevarat", "evet", "dogru", "jah", "taip"],
  ...["да", "истина", "так", "ναι", "αληθησ", "はい", "有", "是", "예", "כן", "نعم"],
];
const NO = [
  ...["0", "-", "–", "—", "✗", "✘", "☐", "❌", "○", "off", "n", "no", "none", "f", "false"],
  ...["nein", "falsch", "keine", "non", "faux", "falso", "nee", "onwaar", "nao"],
  ...["nej", "nei", "falsk", "falskt", "usann", "ei", "epatosi", "nie", "falsz", "ne", "nepravda", "nem", "hamis", "nu", "fals", "hayır", "hayir", "yanlıs", "yanlis"],
  ...["нет", "ложь", "ні", "οχι", "ψευδησ", "いいえ", "無", "无", "否", "아니요", "לא", "لا"],
];

/** The word in small letters without accents; `ł` and a last `ς` have forms of their own. @param {string} text */
function folded(text) {
  return text.trim().toLowerCase().normalize("NFKD").replace(/[\p{M}\ufe0f]/gu, "").replace(/ł/g, "l").replace(/ς/g, "σ").normalize("NFC");
}

const [YES_WORDS, NO_WORDS] = [YES, NO].map((words) => new Set(words.map(folded)));

/** Whether a cell says yes; an empty one says no, and `null` is a word that is not known. @param {string} text @returns {boolean | null} */
export function yesOrNo(text) {
  const word = folded(text);
  if (word === "") return false;
  if (YES_WORDS.has(word)) return true;
  return NO_WORDS.has(word) ? false : null;
}
