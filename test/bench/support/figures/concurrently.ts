/** Calls `work` for each input, at most `limit` at once; the first rejection rejects the whole. */
export async function concurrently<T>(
  inputs: Iterable<T>,
  limit: number,
  work: (input: T) => Promise<unknown>,
): Promise<void> {
  const rest = inputs[Symbol.iterator](); // shared: each lane takes the next one
  const lane = async () => {
    for (let next = rest.next(); !next.done; next = rest.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: limit }, lane));
}
