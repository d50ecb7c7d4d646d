import { execFileSync, spawnSync } from 'node:child_process';
import * as availability from '../../kube-apiserver/availability.ts';

/**
 * An address inside the namespace that is not loopback: the API server's service proxy refuses loopback ones.
 */
const POD_ADDRESS = '10.203.0.1';

/**
 * The command prefix that isolates a run; empty where that cannot work or a given cluster must stay within
 * reach.
 */
export function networkNamespace(announce: (text: string) => void): readonly string[] {
  if (availability.ownClusterKubeconfig() !== undefined) return [];
  const prefixes = [
    ['unshare', '--net'],
    ['unshare', '-r', '--net'],
  ];
  const allowed = prefixes.find(
    ([command = '', ...flags]) => spawnSync(command, [...flags, 'ip', 'link']).status === 0,
  );
  if (allowed === undefined)
    announce(
      'no network namespace here (unshare, ip): using an address of this machine for the service proxy',
    );
  return allowed === undefined ? [] : [...allowed, 'env', `FUIN_POD_ADDRESS=${POD_ADDRESS}`];
}

/**
 * Inside the namespace that the prefix made: brings `lo` up and gives it the address; elsewhere does nothing.
 */
export function raiseLoopback(): void {
  if (process.env['FUIN_POD_ADDRESS'] !== POD_ADDRESS) return;
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
  execFileSync('ip', ['address', 'add', `${POD_ADDRESS}/32`, 'dev', 'lo']);
}
