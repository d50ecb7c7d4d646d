import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import type { ApiClient } from './api-client.ts';

const CRD_FILE = join(import.meta.dirname, '..', '..', 'deploy', 'crd.yaml');
const CRD_NAME = 'sealedsecrets.bitnami.com';
const ESTABLISH_TIMEOUT_MS = 20_000;

interface Crd {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Applies deploy/crd.yaml and waits until the API server serves SealedSecrets. */
export async function applySealedSecretCrd(admin: ApiClient): Promise<void> {
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${CRD_NAME}`;
  await admin.apply(path, parse(await readFile(CRD_FILE, 'utf8')));
  for (const deadline = Date.now() + ESTABLISH_TIMEOUT_MS; Date.now() < deadline; await sleep(50)) {
    const { status } = await admin.get<Crd>(path);
    if (status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True')) return;
  }
  throw new Error(`${CRD_NAME} was not established after ${ESTABLISH_TIMEOUT_MS} ms`);
}
