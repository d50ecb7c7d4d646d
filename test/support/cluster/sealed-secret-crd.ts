import type { ApiClient } from '../api/api-client.ts';
import { applyFiles, untilServed } from '../api/apply.ts';

const CRD_FILE = new URL('../../../deploy/crd.yaml', import.meta.url);

/** Applies deploy/crd.yaml and waits until the API server serves SealedSecrets. */
export async function applySealedSecretCrd(client: ApiClient): Promise<void> {
  await applyFiles(client, CRD_FILE);
  await untilServed(client, '/apis/bitnami.com/v1alpha1/sealedsecrets');
}
