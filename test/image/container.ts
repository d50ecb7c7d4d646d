import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readKubeconfig } from '../support/api/kubeconfig.ts';
import type { ObjectKey, TestCluster } from '../support/api/types.ts';
import { type LoggedProcess, startLogged } from '../support/processes/logged-process.ts';
import type { Container } from '../support/tools/helm.ts';
import type { ImageConfig } from './unpack.ts';

/** What a kubelet would start. */
export interface ContainerOptions {
  readonly cluster: TestCluster;
  /** The unpacked image. */
  readonly root: string;
  readonly image: ImageConfig;
  /** Of the Deployment; its securityContext is what the image is run under, not what is read. */
  readonly container: Container;
  readonly serviceAccount: ObjectKey;
  readonly podName: string;
}

/** A running container. */
export interface RunningContainer extends LoggedProcess {
  /** Process id of the program, seen from outside. */
  pid(): Promise<number>;
}

/**
 * Mounts and rights as a container runtime makes them for the chart's Pod: everything read-only but /tmp, the
 * service account in its place, no capability that the program could use, process 1 of its own process
 * namespace. $1 is the root, $2 the service account.
 */
const RUNTIME = `set -e
root=$1 files=$2
shift 2
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mkdir -p "$root/var/run/secrets/kubernetes.io/serviceaccount"
cp "$files"/* "$root/var/run/secrets/kubernetes.io/serviceaccount/"
mount -o remount,bind,ro "$root/run"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null urandom; do touch "$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"; done
mount -o remount,bind,ro "$root/dev"
mount -t proc proc "$root/proc"
mount -o remount,bind,ro "$root"
exec `;
/** As root the image's user is a real one; in a user namespace it is the one user there is. */
const AS_USER =
  process.getuid?.() === 0
    ? 'setpriv --no-new-privs --bounding-set=-all,+sys_chroot,+setuid,+setgid chroot --userspec="$IMAGE_USER" --groups=65534 "$root" "$@"'
    : 'setpriv --no-new-privs unshare --user --map-user="$IMAGE_UID" --map-group="$IMAGE_UID" --root="$root" "$@"';
const NAMESPACES = ['--mount', '--pid', '--fork', '--kill-child'];

/** Starts the program of an image without a container engine. */
export async function startContainer(options: ContainerOptions): Promise<RunningContainer> {
  const { cluster, root, image, container, serviceAccount } = options;
  const { server, ca = '', token = '' } = await readKubeconfig(await cluster.kubeconfigFor(serviceAccount));
  const { hostname, port } = new URL(server);
  let pidFile = '';
  const running = await startLogged({
    command: async (scratch) => {
      pidFile = join(scratch, 'pid'); // startLogged notes that of unshare there
      const files = join(scratch, 'serviceaccount');
      await mkdir(files);
      const contents = { 'ca.crt': ca, namespace: serviceAccount.namespace, token };
      for (const [name, text] of Object.entries(contents)) await writeFile(join(files, name), text);
      const namespaces = process.getuid?.() === 0 ? NAMESPACES : ['--map-root-user', ...NAMESPACES];
      const words = [...(container.command ?? image.Entrypoint), ...container.args];
      return ['unshare', ...namespaces, 'sh', '-c', RUNTIME + AS_USER, 'sh', root, files, ...words];
    },
    env: {
      ...Object.fromEntries(image.Env.map((entry) => entry.split(/=(.*)/s).slice(0, 2))),
      ...environmentOf(options),
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port,
      IMAGE_USER: image.User,
      IMAGE_UID: image.User.replace(/:.*/, ''),
    },
  });
  return withProgram(running, pidFile);
}

/** What the Deployment says, and what it takes from the Pod. */
function environmentOf({ container, serviceAccount, podName }: ContainerOptions): Record<string, string> {
  const entries = container['env'] as readonly { readonly name: string; readonly value?: string }[];
  const given = entries.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]));
  return { ...Object.fromEntries(given), POD_NAMESPACE: serviceAccount.namespace, POD_NAME: podName };
}

/** Signals go to the program: unshare waits for it, deaf to SIGTERM, and passes on its exit code. */
function withProgram(running: LoggedProcess, pidFile: string): RunningContainer {
  const pid = async () => {
    const outer = (await readFile(pidFile, 'utf8')).trim();
    return Number(await readFile(`/proc/${outer}/task/${outer}/children`, 'utf8'));
  };
  const signal = async (name: NodeJS.Signals) => void process.kill(await pid(), name);
  return {
    ...running,
    pid,
    signal,
    stop: async () => {
      await signal('SIGTERM');
      return running.stop();
    },
  };
}
