import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KEY_LABEL } from '@fuin/crypto-core';
import { afterAll, beforeAll } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type OwnKubeApiserver, startOwnKubeApiserver } from '../kube-apiserver/start.ts';
import { type ApiClient, apiClient } from '../support/api/api-client.ts';
import { applyFiles } from '../support/api/apply.ts';
import type { ApiObject } from '../support/api/types.ts';
import { type ControllerProcess, startController } from '../support/processes/controller-process.ts';
import { eventually } from '../support/time/eventually.ts';
import { readVector } from '../vectors/read.ts';

export const ROOT = join(import.meta.dirname, '..', '..');
const HOME = 'kube-system';
const SEALED_SECRETS = '/apis/bitnami.com/v1alpha1';

/** A kube-apiserver of one's own with our definition and the key that the examples are sealed for; the controller comes and goes. */
export class GitopsCluster {
  readonly apiserver: OwnKubeApiserver;
  readonly client: ApiClient;
  #controller: ControllerProcess | undefined;

  private constructor(apiserver: OwnKubeApiserver, client: ApiClient) {
    this.apiserver = apiserver;
    this.client = client;
  }

  static async start(): Promise<GitopsCluster> {
    const apiserver = await startOwnKubeApiserver();
    const cluster = new GitopsCluster(apiserver, await apiClient(apiserver.adminKubeconfig));
    await applyFiles(cluster.client, join(ROOT, 'deploy', 'crd.yaml'));
    await cluster.untilServed(`${SEALED_SECRETS}/sealedsecrets`);
    await cluster.client.create(`/api/v1/namespaces/${HOME}/secrets`, {
      metadata: { name: 'sealed-secrets-keyexample', labels: { [KEY_LABEL]: 'active' } },
      type: 'kubernetes.io/tls',
      stringData: {
        'tls.crt': readVector('kubeseal/a.crt'),
        'tls.key': readVector('kubeseal/a.pkcs1.key'),
      },
    });
    return cluster;
  }

  /** Starts the controller, where kubeseal finds it through the API server. */
  async startController(): Promise<void> {
    const args = ['--key-size=2048', '--leader-elect=false', '--rate-limit=100'];
    this.#controller = await startController({ cluster: this.apiserver, namespace: HOME, args });
    const port = Number(new URL(this.#controller.httpUrl).port);
    await this.apiserver.exposeService({ namespace: HOME, name: 'sealed-secrets-controller', port });
  }

  /** The running controller. @throws Error when there is none */
  get controller(): ControllerProcess {
    if (!this.#controller) throw new Error('no controller runs');
    return this.#controller;
  }

  async stopController(): Promise<void> {
    await this.#controller?.stop();
    this.#controller = undefined;
  }

  async untilServed(path: string): Promise<void> {
    await eventually(path, async () => (await this.client.request('GET', path)).code === 200 || undefined);
  }

  sealedSecret(namespace: string, name: string): Promise<ApiObject> {
    return this.client.get(`${SEALED_SECRETS}/namespaces/${namespace}/sealedsecrets/${name}`);
  }

  async stop(): Promise<void> {
    await this.#controller?.kill();
    this.client.close();
    await this.apiserver.stop();
  }
}

/** A cluster for the tests of a file, without a controller at first. */
export function useGitopsCluster(): { readonly cluster: GitopsCluster } {
  const holder = {} as { cluster: GitopsCluster };
  beforeAll(async () => {
    holder.cluster = await GitopsCluster.start();
  });
  afterAll(() => holder.cluster?.stop());
  return holder;
}

/** The objects in a YAML file of the repository. */
export async function readObjects(...path: readonly string[]): Promise<ApiObject[]> {
  const documents = parseAllDocuments(await readFile(join(ROOT, ...path), 'utf8'));
  return documents.map((document) => document.toJS() as ApiObject);
}
