import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { type OwnKubeApiserver, startOwnKubeApiserver } from '../kube-apiserver/start.ts';
import { type ApiAnswer, type ApiClient, apiClient } from '../support/api/api-client.ts';
import { applyFiles, collectionPath } from '../support/api/apply.ts';
import type { ApiObject } from '../support/api/types.ts';
import { uniqueName } from '../support/cluster/use-cluster.ts';
import { sourceDirectory } from '../support/tools/chart-tools.ts';
import { CHART, helm, type Values } from '../support/tools/helm.ts';

/** A kube-apiserver for one file: releases have cluster-wide objects, which others would meet. */
export class ChartCluster {
  readonly apiserver: OwnKubeApiserver;
  readonly client: ApiClient;
  readonly #released = new Set<string>();

  constructor(apiserver: OwnKubeApiserver, client: ApiClient) {
    this.apiserver = apiserver;
    this.client = client;
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
      kubeconfig: this.apiserver.adminKubeconfig,
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

  /** What the server says to an object it is to look at and not to keep; fields it does not know are errors. */
  async judge(object: ApiObject): Promise<ApiAnswer> {
    const path = await collectionPath(this.client, object);
    return this.client.request('POST', `${path}?dryRun=All&fieldValidation=Strict`, { body: object });
  }
}

/**
 * Starts the cluster for the tests of a file, with the definitions of ServiceMonitor and PrometheusRule.
 *
 * @param hasDefinition whether SealedSecret is defined already, by kubectl apply
 */
export function useChartCluster(hasDefinition = true): { readonly chart: ChartCluster } {
  const holder = {} as { chart: ChartCluster };
  beforeAll(async () => {
    const apiserver = await startOwnKubeApiserver();
    holder.chart = new ChartCluster(apiserver, await apiClient(apiserver.adminKubeconfig));
    const operator = join(sourceDirectory('prometheusOperator'), 'example', 'prometheus-operator-crd');
    const definitions = {
      '/apis/monitoring.coreos.com/v1/servicemonitors': join(
        operator,
        'monitoring.coreos.com_servicemonitors.yaml',
      ),
      '/apis/monitoring.coreos.com/v1/prometheusrules': join(
        operator,
        'monitoring.coreos.com_prometheusrules.yaml',
      ),
      ...(hasDefinition
        ? {
            '/apis/bitnami.com/v1alpha1/sealedsecrets': join(CHART, 'crds', 'bitnami.com_sealedsecrets.yaml'),
          }
        : {}),
    };
    await applyFiles(holder.chart.client, ...Object.values(definitions));
    await Promise.all(Object.keys(definitions).map((path) => untilServed(holder.chart.client, path)));
  });
  afterEach(() => holder.chart.tidy());
  afterAll(async () => {
    holder.chart?.client.close();
    await holder.chart?.apiserver.stop();
  });
  return holder;
}

async function untilServed(client: ApiClient, path: string): Promise<void> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; ) {
    if ((await client.request('GET', path)).code === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${path} is not served`);
}
