import { expect, type TestAPI, it as vitestIt } from 'vitest';
import { isUpstream, runToFailure } from '../support/use-world.ts';
import { DIFFERENCES, type Difference } from './upstream-differences.ts';

type Body = (...row: never[]) => unknown;

/**
 * `it` of these suites, in its forms `it(title, test)` and `it.each(rows)(title, test)`. With upstream's
 * controller a test with a named difference has to fail in the way named.
 */
export const it: TestAPI = isUpstream
  ? (Object.assign(register(vitestIt), {
      each: (rows: readonly unknown[]) => register(vitestIt.each(rows) as typeof vitestIt),
    }) as unknown as TestAPI)
  : vitestIt;

function register(add: typeof vitestIt) {
  return (title: string, test: Body): void => {
    const difference = DIFFERENCES[title];
    if (difference === undefined) add(title, test);
    else
      add(`${title} | not upstream: ${difference.why}`, (...row: unknown[]) =>
        failing(difference, () => test(...(row as never[]))),
      );
  };
}

async function failing({ fails, why }: Difference, test: () => unknown): Promise<void> {
  const failure = await runToFailure(test).then(
    () => 'it passed',
    (error: unknown) => String(error),
  );
  expect(failure, `no longer so: ${why}`).toContain(fails);
}
