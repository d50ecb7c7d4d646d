const LENGTH = 180;

/** A part of a text, and whether it is a word that was searched. */
export interface Part {
  readonly part: string;
  readonly isTerm: boolean;
}

/** Some words around the place where most of the terms stand, so that a person sees why it was found. */
export function excerptOf(text: string, terms: readonly string[]): string {
  const places = placesOf(text, terms);
  const start = bestStart(places);
  const from = start === 0 ? 0 : text.indexOf(' ', start) + 1;
  const end = from + LENGTH >= text.length ? text.length : text.lastIndexOf(' ', from + LENGTH);
  return `${from > 0 ? '… ' : ''}${text.slice(from, end > from ? end : from + LENGTH)}${end < text.length ? ' …' : ''}`;
}

/** The text in parts, of which some are the terms. */
export function splitAt(text: string, terms: readonly string[]): Part[] {
  if (terms.length === 0) return [{ part: text, isTerm: false }];
  return text
    .split(patternOf(terms))
    .map((part, at) => ({ part, isTerm: at % 2 === 1 }))
    .filter(({ part }) => part !== '');
}

function placesOf(text: string, terms: readonly string[]): number[] {
  if (terms.length === 0) return [];
  return [...text.matchAll(patternOf(terms))].map(({ index }) => index);
}

/** A little before the place that has the most others within reach; the first of equals. */
function bestStart(places: readonly number[]): number {
  let [best, most] = [0, 0];
  for (const [at, place] of places.entries()) {
    const count = places.slice(at).findIndex((other) => other > place + LENGTH);
    const within = count === -1 ? places.length - at : count;
    if (within > most) [best, most] = [place, within];
  }
  return Math.max(0, best - LENGTH / 4);
}

/** Whole words, in any case. */
function patternOf(terms: readonly string[]): RegExp {
  const words = terms
    .toSorted((a, b) => b.length - a.length)
    .map((term) => term.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`(?<![\\p{L}\\p{N}])(${words.join('|')})(?![\\p{L}\\p{N}])`, 'giu');
}
