import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import type { ApiClient } from './api-client.ts';

const CRD_FILE = join(import.meta.dirname, '..', '..', 'deploy', 'crd.yaml');
const CRD_NAME = 'sealedsecrets.bitnami.com';
const ESTABLISH_TIMEOUT_MS = 20_000;

/** Just enough of a CRD to store SealedSecrets, for a checkout without the deployed one. */
const MINIMAL_CRD = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: CRD_NAME },
  spec: {
    group: 'bitnami.com',
    names: {
      kind: 'SealedSecret',
      listKind: 'SealedSecretList',
      plural: 'sealedsecrets',
      singular: 'sealedsecret',
    },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

interface Crd {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Applies deploy/crd.yaml (a minimal one where it is missing) and waits until the API server serves SealedSecrets. */
export async function applySealedSecretCrd(admin: ApiClient): Promise<void> {
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${CRD_NAME}`;
  const deployed = await readFile(CRD_FILE, 'utf8').catch(() => undefined);
  await admin.apply(path, deployed === undefined ? MINIMAL_CRD : parse(deployed));
  for (const deadline = Date.now() + ESTABLISH_TIMEOUT_MS; Date.now() < deadline; await sleep(50)) {
    const { status } = await admin.get<Crd>(path);
    if (status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True')) return;
  }
  throw new Error(`${CRD_NAME} was not established after ${ESTABLISH_TIMEOUT_MS} ms`);
}
