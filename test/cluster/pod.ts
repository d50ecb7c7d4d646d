import { readdirSync, readFileSync } from 'node:fs';
import type { ApiObject } from '../support/api/types.ts';
import { parseCgroups } from '../support/node/cgroups.ts';
import type { Condition } from '../support/objects.ts';

/** A Pod, as far as tests look at it. */
export interface Pod {
  readonly name: string;
  readonly namespace: string;
  /** Name of the node that it is on; undefined before it has one. */
  readonly node: string | undefined;
  /** Whether its probes have said so, and it is not on its way out. */
  readonly isReady: boolean;
  readonly containers: readonly ContainerStatus[];
}

/** As much of the status of a container as tests look at. */
export interface ContainerStatus {
  /** `containerd://` and its id. */
  readonly containerID?: string;
  readonly image: string;
  readonly restartCount: number;
  readonly lastState?: { readonly terminated?: { readonly reason?: string; readonly exitCode: number } };
}

/** Reads a Pod as the API server gives it. */
export function readPod({ metadata, spec, status }: ApiObject): Pod {
  const { name = '', namespace = '', deletionTimestamp } = metadata;
  const { nodeName } = spec as { readonly nodeName?: string };
  const { conditions = [], containerStatuses = [] } = status as {
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
  const isReady = conditions.some((each) => each.type === 'Ready' && each.status === 'True');
  return {
    name,
    namespace,
    node: nodeName,
    isReady: isReady && deletionTimestamp === undefined,
    containers: containerStatuses,
  };
}

/** The status of a Pod's one container. @throws Error where there is none */
export function containerOf({ name, containers: [container] }: Pod): ContainerStatus {
  if (container === undefined) throw new Error(`${name} has no container yet`);
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
    return { pid: Number(entry), cgroups: parseCgroups(text) };
  }
  throw new Error(`no process of ${pod.name}`);
}

/** Empty for a process that has just ended. */
function readCgroups(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  } catch {
    return '';
  }
}
