import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { chosenKubernetes } from '../../../kube-apiserver/kubernetes.ts';
import { PEER_VERSION } from '../../../support/tools/peer-install.ts';
import type { Run } from './results.ts';

/** What a reader of results must know about the run that begins now. */
export function runFacts(chosen: Pick<Run, 'isShort' | 'leftOut'>): Run {
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: commit(),
    ...chosen,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    load: Number((loadavg()[0] ?? 0).toFixed(1)),
    node: process.version,
    upstream: PEER_VERSION,
    kubernetes: chosenKubernetes().version,
  };
}

function commit(): string {
  const { status, stdout } = spawnSync('git', ['describe', '--always', '--dirty', '--exclude=*'], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : 'unknown';
}
