import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { PATIENCE_MS } from '../support/time/patience.ts';

// What a mutant is tried against: the tests that stand beside the code. They need Node alone.
export default defineConfig({
  root: join(import.meta.dirname, '../..'),
  test: {
    include: [process.env['FUIN_MUTATION_TESTS'] ?? 'packages/*/src/**/*.test.ts'],
    testTimeout: PATIENCE_MS,
    hookTimeout: PATIENCE_MS,
    expect: { poll: { timeout: PATIENCE_MS } },
  },
});
