import { afterAll, beforeAll, expect, it } from 'vitest';
import { Executions } from './executions.ts';

/** A module of its own, loaded once somebody counts. */
const CODE = `
  export function walk(items) {
    let sum = 0;
    for (const item of items) sum += item;
    return sum;
  }
  export const map = (items) => items.map((item) => item + 1).length;
`;
const URL = `data:text/javascript,${encodeURIComponent(CODE)}`;

interface Counted {
  readonly walk: (items: readonly number[]) => number;
  readonly map: (items: readonly number[]) => number;
}

let executions: Executions;
let counted: Counted;
beforeAll(async () => {
  executions = await Executions.of(/^data:text\/javascript,/);
  counted = (await import(/* @vite-ignore */ URL)) as Counted;
});
afterAll(() => executions.close());

it.each(['walk', 'map'] as const)(
  'sees each turn of a loop (%s), and nothing where nothing runs',
  async (name) => {
    const workOf = async (length: number) => {
      await executions.count();
      counted[name](Array.from({ length }, (_, index) => index));
      return executions.count();
    };
    const [few, many] = [await workOf(100), await workOf(200)];
    expect(many - few).toBe(100);
    expect(await executions.count()).toBe(0);
  },
);
