import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { ApiObject } from '../api/types.ts';
import { installHelm, sourceDirectory } from './chart-tools.ts';
import { runTool, type ToolResult } from './run-tool.ts';

/** Values as a values file holds them. */
export type Values = Readonly<Record<string, unknown>>;

export const CHART = join(import.meta.dirname, '../..', '..', 'deploy', 'helm', 'sealed-secrets');
/** Upstream's, version 2.19.0. */
export const UPSTREAM_CHART = join(sourceDirectory('upstream'), 'helm', 'sealed-secrets');

/** Runs helm; it keeps its files below `home` and talks to the cluster of `kubeconfig`. */
export async function helm(
  args: readonly string[],
  { stdin = '', kubeconfig = '/dev/null' }: { readonly stdin?: string; readonly kubeconfig?: string } = {},
): Promise<ToolResult> {
  const home = process.env['TMPDIR'] ?? '/tmp';
  const env = { PATH: process.env['PATH'], HOME: home, KUBECONFIG: kubeconfig };
  return runTool([await installHelm(), ...args], { stdin, env });
}

/** Where a chart is rendered as if it went; upstream's documented choice by default. */
export interface Target {
  readonly chart?: string;
  readonly release?: string;
  readonly namespace?: string;
}

const rendered = new Map<string, Promise<Manifest>>();

/** The objects that a chart makes from values, cached by the question. @throws Error with helm's message */
export function template(values: Values = {}, target: Target = {}): Promise<Manifest> {
  const question = JSON.stringify([values, target]);
  const manifest = rendered.get(question) ?? render(values, target);
  rendered.set(question, manifest);
  return manifest;
}

async function render(values: Values, target: Target): Promise<Manifest> {
  const { code, stdout, stderr } = await tryTemplate(values, target);
  if (code !== 0) throw new Error(stderr);
  return parseManifest(stdout);
}

/** The objects that helm prints. */
export function parseManifest(text: string): Manifest {
  const documents = parseAllDocuments(text).map((document) => document.toJS() as ApiObject | null);
  return new Manifest(documents.filter((object) => object !== null));
}

/** What `helm template` says. */
export function tryTemplate(values: Values, target: Target = {}): Promise<ToolResult> {
  const { chart = CHART, release = 'sealed-secrets', namespace = 'kube-system' } = target;
  const args = ['template', release, chart, '--namespace', namespace, '--values', '-'];
  return helm(args, { stdin: JSON.stringify(values) });
}

/** Objects of a release. */
export class Manifest {
  readonly objects: readonly ApiObject[];

  constructor(objects: readonly ApiObject[]) {
    this.objects = objects;
  }

  /** `Kind/name` of each, with the namespace where it is not the release's. */
  names(namespace = 'kube-system'): string[] {
    return this.objects.map(({ kind, metadata }) => {
      const isElsewhere = metadata.namespace !== undefined && metadata.namespace !== namespace;
      return `${kind}/${metadata.name}${isElsewhere ? ` in ${metadata.namespace}` : ''}`;
    });
  }

  without(isLeftOut: (object: ApiObject) => boolean): Manifest {
    return new Manifest(this.objects.filter((object) => !isLeftOut(object)));
  }

  has(kind: string): boolean {
    return this.objects.some((object) => object.kind === kind);
  }

  /** The first of a kind, or the one whose name ends so. @throws Error when there is none */
  find(kind: string, suffix = ''): ApiObject {
    const found = this.objects.find(
      (object) => object.kind === kind && String(object.metadata.name).endsWith(suffix),
    );
    if (!found) throw new Error(`no ${kind} *${suffix} among ${this.names().join(', ')}`);
    return found;
  }

  get deployment(): Deployment {
    return this.find('Deployment') as Deployment;
  }

  /** The Pod's one container. */
  get container(): Container {
    const [container] = this.deployment.spec.template.spec.containers;
    if (!container) throw new Error('no container');
    return container;
  }
}

/** As much of a Deployment as tests look at. */
export interface Deployment extends ApiObject {
  readonly spec: {
    readonly replicas: number;
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: {
      readonly metadata: ApiObject['metadata'];
      readonly spec: { readonly containers: readonly Container[]; readonly [field: string]: unknown };
    };
  };
}

/** As much of a container as tests look at. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly [field: string]: unknown;
}

/** What stands at `a.b.0.c` of an object. */
export function at(object: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce((inner, key) => (inner as Readonly<Record<string, unknown>> | undefined)?.[key], object);
}
