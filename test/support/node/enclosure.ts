import { cgroupHierarchies } from './cgroups.ts';
import { nodePackages } from './node-tools.ts';
import { KERNEL_SETTINGS } from './settings.ts';

/**
 * A node in namespaces of its own, so that the machine's processes, mounts, settings and cgroups stay as they
 * are, and so that the kernel ends and unmounts everything with the first process. The network namespace is
 * the one of its parent, in which the API server is, too.
 */
const JOIN = `set -e
for group in $GROUPS_TO_JOIN; do echo $$ >"$group/cgroup.procs"; done
exec unshare --cgroup --mount --pid --fork --kill-child --mount-proc sh -c "$INSIDE" node "$@"`;

/** Process 1 of the node: it collects the orphans that containerd's shims are. */
const INSIDE = `set -e
mount --bind "$NODE/lib" /var/lib
mount --bind "$NODE/log" /var/log
mount -t tmpfs -o mode=755 tmpfs /run
for setting in $SETTINGS; do mount --bind "$NODE/kernel/$setting" "/proc/sys/$setting"; done
umount --recursive /sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
for controllers in $CONTROLLERS; do
  point=/sys/fs/cgroup/\${controllers#*=}
  mkdir "$point"
  case $controllers in name=*) controllers=none,$controllers ;; esac
  mount -t cgroup -o "$controllers" cgroup "$point"
done
containerd --config "$NODE/containerd.toml" >>"$NODE/containerd.log" 2>&1 &
until ctr --address "$NODE/containerd.sock" version >/dev/null 2>&1; do sleep 0.1; done
"$@" >>"$NODE/kubelet.log" 2>&1 &
wait $!`;

/** What is to run. */
export interface Enclosed {
  /** Of the node's files. */
  readonly directory: string;
  readonly cgroups: readonly string[];
  readonly kubelet: readonly string[];
}

/** Command and environment that start containerd and a kubelet. */
export function enclose({ directory, cgroups, kubelet }: Enclosed): {
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
} {
  return {
    command: ['sh', '-c', JOIN, 'sh', ...kubelet],
    env: {
      PATH: [...nodePackages().path, process.env['PATH']].join(':'),
      NODE: directory,
      INSIDE,
      GROUPS_TO_JOIN: cgroups.join(' '),
      CONTROLLERS: cgroupHierarchies()
        .map(({ controllers }) => controllers)
        .join(' '),
      SETTINGS: Object.keys(KERNEL_SETTINGS).join(' '),
    },
  };
}
