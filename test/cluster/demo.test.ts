import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { runTool } from '../support/tools/run-tool.ts';

const DEMO = join(import.meta.dirname, '../../examples/demo/demo.ts');

it('the demo plays on a cluster with nodes', async () => {
  const { adminKubeconfig: KUBECONFIG, podAddress } = inject('wholeCluster');
  const { PATH, TMPDIR } = process.env;
  const { code, stdout, stderr } = await runTool([process.execPath, DEMO, '--cluster'], {
    env: { PATH, TMPDIR, KUBECONFIG, FUIN_POD_ADDRESS: podAddress },
  });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toContain('unchanged');
});
