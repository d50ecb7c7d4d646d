import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandsFor, readArguments } from './arguments.ts';

const DEMO = join(import.meta.dirname, 'demo.ts');

describe('the command line of the demo', () => {
  it.each([
    { argv: ['--help'], code: 0, output: /^usage: pnpm demo .*\n$/ },
    { argv: ['--nope'], code: 2, output: /^error: unknown argument --nope; usage: pnpm demo .*\n$/ },
    { argv: ['--cluster'], code: 1, output: /^error: --cluster needs KUBECONFIG .*\n$/ },
  ])('answers $argv in one line and ends with $code', ({ argv, code, output }) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [DEMO, ...argv], {
      encoding: 'utf8',
      env: {},
    });
    expect({ status, isError: stderr !== '' }).toEqual({ status: code, isError: code !== 0 });
    expect(stdout + stderr).toMatch(output);
  });
  it('may ask for a cluster and to keep it running', () => {
    expect(readArguments(['--cluster', '--keep'], { KUBECONFIG: 'k' })).toEqual({
      keep: true,
      cluster: true,
    });
    expect(readArguments([], {})).toEqual({ keep: false, cluster: false });
  });
  it('ends in lines to try: one looks, one seals', () => {
    expect(commandsFor({ kubeconfig: '/k', namespace: 'demo', sealArgs: ['--cert', 'c'] })).toBe(
      'KUBECONFIG=/k kubectl -n demo get sealedsecrets,secrets\n' +
        'KUBECONFIG=/k npx -y pnpm@12 exec kubeseal --format yaml -n demo --cert c < examples/demo/secret.yaml',
    );
  });
});
