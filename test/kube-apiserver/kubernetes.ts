import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A Kubernetes that tests can run on. */
export interface Kubernetes {
  /** `v1.N.P` */
  readonly version: string;
  /** `1.N` */
  readonly minor: string;
  /** Says what its programs are built from: a path below this folder, ending in `.mod`. */
  readonly moduleFile: string;
}

/** Chooses the minor version that tests run on; without it they run on the newest one. */
export const KUBERNETES_VARIABLE = 'FUIN_KUBERNETES';

/** The one that go.mod names. Nodes are of this one alone. */
export const NEWEST_KUBERNETES = readModule('go.mod');

/** All that tests can run on, the newest first. */
export const KNOWN_KUBERNETES: readonly Kubernetes[] = [
  NEWEST_KUBERNETES,
  ...globSync('versions/*.mod', { cwd: import.meta.dirname })
    .sort()
    .reverse()
    .map(readModule),
];

/** The Kubernetes that this run is for. @throws Error where the variable names one that is not known */
export function chosenKubernetes(minor = process.env[KUBERNETES_VARIABLE]): Kubernetes {
  if (minor === undefined) return NEWEST_KUBERNETES;
  const chosen = KNOWN_KUBERNETES.find((each) => each.minor === minor);
  if (chosen !== undefined) return chosen;
  const known = KNOWN_KUBERNETES.map((each) => each.minor).join(', ');
  throw new Error(`${KUBERNETES_VARIABLE}=${minor} is none of ${known}`);
}

function readModule(moduleFile: string): Kubernetes {
  const text = readFileSync(join(import.meta.dirname, moduleFile), 'utf8');
  const [, version = '', minor = ''] = /^\s*k8s\.io\/kubernetes (v(1\.\d+)\.\d+)$/m.exec(text) ?? [];
  return { version, minor, moduleFile };
}
