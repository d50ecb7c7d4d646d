import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { ownClusterKubeconfig } from '../../kube-apiserver/availability.ts';
import { chosenKubernetes, NEWEST_KUBERNETES } from '../../kube-apiserver/kubernetes.ts';
import { cgroupHierarchies } from './cgroups.ts';
import { debianRelease } from './node-tools.ts';

/** What limits Pods; without one of these a kubelet does not start. */
const CONTROLLERS = ['cpu', 'cpuacct', 'cpuset', 'memory', 'pids'];
const NAMESPACES = ['--cgroup', '--mount', '--pid', '--fork', '--net'];

/** Tells why this machine cannot be a node; undefined when it can. */
export function nodeProblem(): string | undefined {
  if (ownClusterKubeconfig() !== undefined) return 'a given cluster has nodes of its own';
  if (chosenKubernetes() !== NEWEST_KUBERNETES)
    return `nodes are of Kubernetes ${NEWEST_KUBERNETES.minor} alone`;
  if (process.getuid?.() !== 0) return 'a node needs root, for mounts and cgroups';
  if (debianRelease() === undefined)
    return "containerd and runc come from Debian's packages, and this is no Debian";
  if (!/\toverlay$/m.test(readFileSync('/proc/filesystems', 'utf8')))
    return 'the kernel has no overlay file system';
  if (spawnSync('unshare', [...NAMESPACES, 'true']).status !== 0)
    return `no namespaces here (unshare ${NAMESPACES.join(' ')})`;
  return cgroupProblem();
}

function cgroupProblem(): string | undefined {
  const hierarchies = cgroupHierarchies();
  const missing = CONTROLLERS.filter(
    (name) => !hierarchies.some(({ controllers }) => controllers.split(',').includes(name)),
  );
  if (missing.length > 0) return `no hierarchy of cgroup v1 for ${missing.join(', ')}`;
  const closed = hierarchies.find(({ own }) => !isWritable(own));
  return closed === undefined ? undefined : `no right to make cgroups below ${closed.own}`;
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
