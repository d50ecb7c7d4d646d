/** Names of the headings of one page, as GitHub makes them; equal headings get numbers. */
export class Anchors {
  readonly #taken = new Set<string>();

  /** @param heading text without markup */
  next(heading: string): string {
    const name = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, '')
      .replaceAll(' ', '-');
    let anchor = name;
    for (let count = 1; this.#taken.has(anchor); count += 1) anchor = `${name}-${count}`;
    this.#taken.add(anchor);
    return anchor;
  }
}
