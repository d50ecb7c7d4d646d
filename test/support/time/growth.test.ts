import { expect, it } from 'vitest';
import { CONSTANT, growth, LINEAR } from './growth.ts';

/** Adds up so many numbers; what comes out keeps the loop from being left out. */
function count(steps: number): number {
  let sum = 0;
  for (let step = 0; step < steps; step++) sum = (sum * 31 + step) % 65_521;
  return sum;
}

it('tells constant, linear and quadratic work apart', async () => {
  expect(await growth(() => () => count(4_000_000), 8_000)).toBeLessThan(CONSTANT);
  const linear = await growth((size) => () => count(size * 4_000), 8_000);
  expect([linear > CONSTANT, linear < LINEAR]).toEqual([true, true]);
  expect(await growth((size) => () => count(size * size), 8_000)).toBeGreaterThan(LINEAR);
});
