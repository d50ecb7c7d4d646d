const FACTOR = 8;
/** The quickest run counts: whatever else the machine does can only slow a run down. */
const RUNS = 3;
/**
 * Shorter times count as this one: compiler and garbage collector blur them, and nothing quadratic is below
 * it.
 */
const LEAST_US = 5_000;

/** Growth that no linear work reaches and every quadratic work passes. */
export const LINEAR = 3 * FACTOR;
/** The same for work that does not depend on the size. */
export const CONSTANT = 4;

/**
 * How many times as much CPU this thread spends when the size is 8 times as large: 1 where the size does not
 * matter, 8 where the work is linear, 64 where it is quadratic.
 *
 * @param prepare makes the work of a size; only the work is measured
 * @param size the larger of the two
 */
export async function growth(prepare: (size: number) => () => unknown, size: number): Promise<number> {
  const small = await cpuOf(prepare(size / FACTOR));
  return (await cpuOf(prepare(size))) / small;
}

async function cpuOf(work: () => unknown): Promise<number> {
  const runs: number[] = [];
  while (runs.length < RUNS) {
    const before = process.threadCpuUsage();
    await work();
    const { user, system } = process.threadCpuUsage(before);
    runs.push(user + system);
  }
  return Math.max(LEAST_US, Math.min(...runs));
}
