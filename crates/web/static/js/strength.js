// How hard a password is to guess, estimated: the words of `password.js`.

/** The fewest characters that the server accepts. */
export const MIN_CHARS = 8;

/**
 * About how many bits a character adds: little if it repeats the one before or goes on counting (`aaaa`, `1234`, `dcba`), three if it is a
 * letter or a space, because people write words.
 * @param {string} character @param {boolean} goesOn
 */
function bits(character, goesOn) {
  if (goesOn) return 0.5;
  if (/[\p{Ll}\p{Lo} ]/u.test(character)) return 3;
  return /[\p{N}]/u.test(character) ? 3.3 : 4.5;
}

/**
 * @param {string} password
 * @param {ReadonlySet<string>} common passwords in lower case that others try first
 * @returns {{ level: "short" | "common" | "weak" | "fair" | "strong", text: string }}
 */
export function strength(password, common) {
  const characters = [...password];
  const missing = MIN_CHARS - characters.length;
  if (missing > 0) return { level: "short", text: missing === 1 ? "One character more." : `${missing} characters more.` };
  if (common.has(password.trim().toLowerCase())) {
    return { level: "common", text: "Others try this one first. Choose another." };
  }
  let sum = 0;
  let before = Number.NaN;
  let step = Number.NaN;
  for (const character of characters) {
    const code = character.codePointAt(0) ?? 0;
    const next = code - before;
    sum += bits(character, next === 0 || (Math.abs(next) === 1 && next === step));
    [before, step] = [code, next];
  }
  if (sum < 30) return { level: "weak", text: "Easy to guess. Another word makes it better." };
  if (sum < 45) return { level: "fair", text: "Good enough. Another word makes it strong." };
  return { level: "strong", text: "Strong." };
}
