import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { ABSENT_FILES } from './test/e2e/upstream-differences.ts';
import { PATIENCE_MS } from './test/support/time/patience.ts';

/** Some waits in a row; the first that is in vain says what it waited for. */
const HANG_MS = 5 * PATIENCE_MS;
/** Programs that tests start from source are compiled once: a start costs a third of the time. */
const NODE_COMPILE_CACHE = join(import.meta.dirname, 'node_modules/.cache/compiled');
const report = process.env['FUIN_REPORT'];

// unit and embedded need Node alone (`pnpm test`); the others need Go, root or a browser (`pnpm e2e`),
// and node a machine that can run Pods (`pnpm e2e --project=node`).
export default defineConfig({
  test: {
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
    maxWorkers: '100%',
    env: { NODE_COMPILE_CACHE },
    testTimeout: HANG_MS,
    hookTimeout: HANG_MS,
    teardownTimeout: HANG_MS,
    expect: { poll: { timeout: PATIENCE_MS } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'packages/*/src/**/*.test.ts',
            'test/{apiserver,support,architecture,vectors,mutation}/**/*.test.ts',
            '{deploy,examples,scripts}/**/*.test.ts',
          ],
        },
      },
      {
        extends: true,
        test: {
          name: 'embedded',
          exclude: ['test/faults/real/**'], // needs a real kube-apiserver of its own
          include: ['test/{attacks,contract,e2e,faults}/**/*.test.ts'],
          env: { FUIN_CLUSTER: 'embedded' },
        },
      },
      {
        extends: true,
        test: {
          name: 'cluster',
          exclude: ['test/contract/garbage-collection.test.ts'], // no controller manager behind it
          include: [
            'test/{contract,e2e}/**/*.test.ts',
            'test/faults/real/**/*.test.ts',
            'test/kube-apiserver/**/*.test.ts',
          ],
          env: { FUIN_CLUSTER: 'kube-apiserver' },
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'upstream',
          include: ['test/e2e/**/*.test.ts'],
          exclude: Object.keys(ABSENT_FILES),
          globalSetup: 'test/e2e/upstream-server.ts',
          env: { FUIN_CLUSTER: 'kube-apiserver', FUIN_CONTROLLER: 'upstream' },
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'interop',
          include: ['test/{interop,chart,docs,guides,image,packages}/**/*.test.ts'],
          env: { FUIN_CLUSTER: 'kube-apiserver' },
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'node',
          include: ['test/cluster/**/*.test.ts'],
          globalSetup: 'test/cluster/whole-cluster.ts',
          env: { FUIN_CLUSTER: 'kube-apiserver' },
          fileParallelism: false,
        },
      },
      { extends: true, test: { name: 'browser', include: ['test/{browser,vscode}/**/*.test.ts'] } },
    ],
  },
});
