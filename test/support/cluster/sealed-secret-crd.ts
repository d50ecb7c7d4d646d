import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../api/api-client.ts';
import { applyFiles } from '../api/apply.ts';
import { PATIENCE_MS } from '../time/patience.ts';

const CRD_FILE = new URL('../../../deploy/crd.yaml', import.meta.url);
const PATH = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/sealedsecrets.bitnami.com';

interface Crd {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Applies deploy/crd.yaml and waits until the API server serves SealedSecrets. */
export async function applySealedSecretCrd(client: ApiClient): Promise<void> {
  await applyFiles(client, CRD_FILE);
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(50)) {
    const { status } = (await client.get(PATH)) as Crd;
    if (status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True')) return;
  }
  throw new Error(`SealedSecrets were not served after ${PATIENCE_MS} ms`);
}
