import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { startOwnKubeApiserver } from '../kube-apiserver/start.ts';
import type { ApiAnswer, ApiClient } from '../support/api/api-client.ts';
import { applyFiles, collectionPath, untilServed } from '../support/api/apply.ts';
import type { ApiObject } from '../support/api/types.ts';
import { uniqueName } from '../support/cluster/use-cluster.ts';
import { sourceDirectory } from '../support/tools/chart-tools.ts';
import { CHART, helm, type Manifest, type Values } from '../support/tools/helm.ts';
import { World } from '../support/world.ts';

/** Helm on a world of the file's own: releases have cluster-wide objects, which others would meet. */
export class Chart {
  readonly world: World;
  readonly #released = new Set<string>();

  constructor(world: World) {
    this.world = world;
  }

  get client(): ApiClient {
    return this.world.client;
  }

  /** Makes a namespace of a new name. */
  async namespace(labels: Readonly<Record<string, string>> = {}): Promise<string> {
    const name = uniqueName('chart');
    await this.client.create('/api/v1/namespaces', { kind: 'Namespace', metadata: { name, labels } });
    return name;
  }

  /** Makes a namespace that enforces Pod Security `restricted`. */
  restrictedNamespace(): Promise<string> {
    return this.namespace({ 'pod-security.kubernetes.io/enforce': 'restricted' });
  }

  /** Runs helm against this cluster. @throws Error with what it says */
  async helm(args: readonly string[], values: Values = {}): Promise<string> {
    const takesValues = args[0] === 'install' || args[0] === 'upgrade';
    const { code, stdout, stderr } = await helm(takesValues ? [...args, '--values', '-'] : args, {
      stdin: JSON.stringify(values),
      kubeconfig: this.world.cluster.adminKubeconfig,
    });
    if (code !== 0) throw new Error(`helm ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  /** `helm upgrade --install` of a release named as upstream's documentation does; gone after the test. */
  release(namespace: string, values: Values, chart = CHART): Promise<string> {
    this.#released.add(namespace);
    return this.helm(['upgrade', '--install', 'sealed-secrets', chart, '--namespace', namespace], values);
  }

  async uninstall(namespace: string): Promise<void> {
    this.#released.delete(namespace);
    await this.helm(['uninstall', 'sealed-secrets', '--namespace', namespace]);
  }

  /** Uninstalls what a test left. */
  async tidy(): Promise<void> {
    for (const namespace of this.#released) await this.uninstall(namespace);
  }

  /** The live object of a kind. @throws ApiFailure */
  async live(object: ApiObject): Promise<ApiObject> {
    return this.client.get(`${await collectionPath(this.client, object)}/${object.metadata.name}`);
  }

  /** Uid of each live object, by `Kind/name`. */
  async identities({ objects }: Manifest): Promise<Record<string, string>> {
    const entries = objects.map(async (object) => {
      const { metadata } = await this.live(object);
      return [`${object.kind}/${metadata.name}`, String(metadata.uid)] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  }

  /** A namespace, and those that the values presuppose. */
  async namespaceFor(values: Values): Promise<string> {
    for (const name of ['monitoring', ...((values['additionalNamespaces'] ?? []) as string[])])
      await this.client.request('POST', '/api/v1/namespaces', {
        body: { kind: 'Namespace', metadata: { name } },
      });
    return this.namespace();
  }

  /**
   * What the server says to an object it is to look at and not to keep; fields it does not know are errors.
   */
  async judge(object: ApiObject): Promise<ApiAnswer> {
    const path = await collectionPath(this.client, object);
    return this.client.request('POST', `${path}?dryRun=All&fieldValidation=Strict`, { body: object });
  }
}

/**
 * Starts a world for the tests of a file, with the definitions of ServiceMonitor and PrometheusRule.
 *
 * @param hasDefinition whether SealedSecret is defined already, by kubectl apply
 */
export function useChart(hasDefinition = true): { readonly chart: Chart } {
  const holder = {} as { chart: Chart };
  beforeAll(async () => {
    const options = { home: 'kube-system', key: false, hasDefinition } as const;
    holder.chart = new Chart(await World.on(await startOwnKubeApiserver(), options));
    const operator = join(sourceDirectory('prometheusOperator'), 'example', 'prometheus-operator-crd');
    for (const plural of ['servicemonitors', 'prometheusrules']) {
      await applyFiles(holder.chart.client, join(operator, `monitoring.coreos.com_${plural}.yaml`));
      await untilServed(holder.chart.client, `/apis/monitoring.coreos.com/v1/${plural}`);
    }
  });
  afterEach(() => holder.chart.tidy());
  afterAll(() => holder.chart?.world.close());
  return holder;
}
