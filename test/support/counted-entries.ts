/** A map of very many entries that tells how many of them were looked at. */
export interface CountedEntries {
  readonly entries: Readonly<Record<string, string>>;
  /** How many values were read so far. */
  readonly read: () => number;
}

/** `count` entries of one text, under names of a few characters. */
export function countedEntries(count: number, text: string): CountedEntries {
  const names = Array.from({ length: count }, (_, index) => [`i${index.toString(36)}`, text]);
  let read = 0;
  const entries = new Proxy(Object.fromEntries(names) as Record<string, string>, {
    get: (target, name) => {
      read += 1;
      return Reflect.get(target, name);
    },
  });
  return { entries, read: () => read };
}
