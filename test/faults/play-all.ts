/**
 * Runs plays, so many at once. After a failure no new play begins, and those under way end before it is
 * reported.
 */
export async function playAll<T>(
  plays: readonly (() => Promise<T>)[],
  atOnce: number,
): Promise<readonly T[]> {
  const waiting = [...plays];
  const results: T[] = [];
  const work = async (): Promise<void> => {
    for (let play = waiting.shift(); play; play = waiting.shift()) {
      try {
        results.push(await play());
      } catch (error) {
        waiting.length = 0;
        throw error;
      }
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: atOnce }, work));
  for (const worker of workers) if (worker.status === 'rejected') throw worker.reason;
  return results;
}
