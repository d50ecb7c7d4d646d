import { type NodePackages, nodePackages } from './node-tools.ts';

/** One node among those of a cluster. */
export interface NodeIdentity {
  readonly name: string;
  /** 0, 1...: its ports and the addresses of its Pods follow from it. */
  readonly index: number;
}

export const PAUSE_IMAGE = { name: 'localhost/pause', version: '1' } as const;
const KUBELET_PORT = 10250;
const HEALTH_PORT = 11248;
/** A tenth of the machine's files and memory would be enough to evict every Pod. */
const NEVER = '0%';

/** Address of a node; all nodes of a cluster live in one network namespace. */
export function addressOf({ index }: NodeIdentity): string {
  return `10.205.0.${index + 1}`;
}

/** What a kubelet wants of the kernel. It finds these values as files, and leaves the machine's alone. */
export const KERNEL_SETTINGS: Readonly<Record<string, string>> = {
  'vm/overcommit_memory': '1',
  'vm/panic_on_oom': '0',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'kernel/keys/root_maxkeys': '1000000',
  'kernel/keys/root_maxbytes': '25000000',
};

/** Files of a node below its directory. Paths below /var and /run are those of its own mount namespace. */
export function settingsOf(node: NodeIdentity, directory: string): Readonly<Record<string, string>> {
  const kernel = Object.entries(KERNEL_SETTINGS).map(([name, value]) => [`kernel/${name}`, `${value}\n`]);
  return {
    ...Object.fromEntries(kernel),
    'containerd.toml': containerdSettings(directory, nodePackages()),
    'kubelet.json': JSON.stringify(kubeletSettings(node, directory)),
    'cni/pods.conflist': JSON.stringify(networkSettings(node)),
    'resolv.conf': '',
  };
}

/** https://github.com/containerd/containerd/blob/release/1.6/docs/cri/config.md */
function containerdSettings(directory: string, { cni, runc }: NodePackages): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
# makes /opt/containerd
disabled_plugins = ["io.containerd.internal.v1.opt"]
[grpc]
address = "${directory}/containerd.sock"
[${cri}]
sandbox_image = "${PAUSE_IMAGE.name}:${PAUSE_IMAGE.version}"
# a lower score needs CAP_SYS_RESOURCE, which root in a sandbox may lack
restrict_oom_score_adj = true
[${cri}.cni]
bin_dir = "${cni}"
conf_dir = "${directory}/cni"
[${cri}.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[${cri}.containerd.runtimes.runc.options]
BinaryName = "${runc}"
`;
}

/** https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/ */
function kubeletSettings({ index }: NodeIdentity, directory: string): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    port: KUBELET_PORT + index,
    healthzPort: HEALTH_PORT + index,
    // nobody else is in the network namespace
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    cgroupDriver: 'cgroupfs',
    failCgroupV1: false,
    failSwapOn: false,
    oomScoreAdj: 0,
    containerRuntimeEndpoint: `unix://${directory}/containerd.sock`,
    resolvConf: `${directory}/resolv.conf`,
    volumePluginDir: '/var/lib/kubelet/volume-plugins',
    makeIPTablesUtilChains: false,
    evictionHard: {
      'memory.available': NEVER,
      'nodefs.available': NEVER,
      'nodefs.inodesFree': NEVER,
      'imagefs.available': NEVER,
      'imagefs.inodesFree': NEVER,
    },
    imageGCHighThresholdPercent: 100,
  };
}

/** Each Pod has a pair of interfaces and a route; nothing enforces a NetworkPolicy. */
function networkSettings({ index }: NodeIdentity): object {
  const ipam = {
    type: 'host-local',
    ranges: [[{ subnet: `10.204.${index}.0/24` }]],
    routes: [{ dst: '0.0.0.0/0' }],
  };
  return { cniVersion: '1.0.0', name: 'pods', plugins: [{ type: 'ptp', ipam }] };
}
