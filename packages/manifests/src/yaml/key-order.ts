/** Compares map keys in go-yaml's natural order: digits by value, letters after everything else. */
export function compareKeys(left: string, right: string): number {
  const a = [...left];
  const b = [...right];
  for (let at = 0; at < a.length && at < b.length; at++) {
    if (a[at] !== b[at]) return compareFrom(a, b, at) ? -1 : 1;
  }
  return a.length - b.length;
}

function compareFrom(a: readonly string[], b: readonly string[], at: number): boolean {
  const [left = '', right = ''] = [a[at], b[at]];
  const isLeftLetter = /\p{L}/u.test(left);
  const isRightLetter = /\p{L}/u.test(right);
  if (isLeftLetter && isRightLetter) return codeOf(left) < codeOf(right);
  if (isLeftLetter || isRightLetter) return isRightLetter;
  const carried = (left === '0' || right === '0') && hasNumberBefore(a, at) ? '1' : '';
  const leftDigits = digitsFrom(a, at);
  const rightDigits = digitsFrom(b, at);
  const [leftValue, rightValue] = [BigInt(`0${carried}${leftDigits}`), BigInt(`0${carried}${rightDigits}`)];
  if (leftValue !== rightValue) return leftValue < rightValue;
  if (leftDigits.length !== rightDigits.length) return leftDigits.length < rightDigits.length;
  return codeOf(left) < codeOf(right);
}

function hasNumberBefore(characters: readonly string[], at: number): boolean {
  for (let before = at - 1; before >= 0 && /\d/.test(characters[before] ?? ''); before--) {
    if (characters[before] !== '0') return true;
  }
  return false;
}

function digitsFrom(characters: readonly string[], at: number): string {
  let end = at;
  while (/\d/.test(characters[end] ?? '')) end += 1;
  return characters.slice(at, end).join('');
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
