import { readdirSync, readFileSync } from 'node:fs';

/** As much of a Pod as tests look at. */
export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly deletionTimestamp?: string;
  };
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

/** As much of the status of a container as tests look at. */
export interface ContainerStatus {
  /** `containerd://` and its id. */
  readonly containerID?: string;
  readonly image: string;
  readonly restartCount: number;
  readonly lastState?: { readonly terminated?: { readonly reason?: string; readonly exitCode: number } };
}

/** Whether its probes have said so, and it is not on its way out. */
export function isReady({ metadata, status }: Pod): boolean {
  const { conditions = [] } = status;
  const says = conditions.some(({ type, status: value }) => type === 'Ready' && value === 'True');
  return says && metadata.deletionTimestamp === undefined;
}

/** The status of a Pod's one container. @throws Error where there is none */
export function containerOf({ metadata, status }: Pod): ContainerStatus {
  const [container] = status.containerStatuses ?? [];
  if (container === undefined) throw new Error(`${metadata.name} has no container yet`);
  return container;
}

/**
 * A process of a container, seen from outside, and its cgroups by controller.
 *
 * @throws Error where there is none
 */
export function processOf(pod: Pod): { readonly pid: number; readonly cgroups: ReadonlyMap<string, string> } {
  const id = containerOf(pod).containerID?.replace(/^.*:\/\//, '') ?? '';
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const text = readCgroups(entry);
    if (id === '' || !text.includes(id)) continue;
    const lines = text.trim().split('\n');
    return { pid: Number(entry), cgroups: new Map(lines.map((line) => splitLine(line))) };
  }
  throw new Error(`no process of ${pod.metadata.name}`);
}

function splitLine(line: string): readonly [string, string] {
  const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
  return [controllers, path];
}

/** Empty for a process that has just ended. */
function readCgroups(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  } catch {
    return '';
  }
}
