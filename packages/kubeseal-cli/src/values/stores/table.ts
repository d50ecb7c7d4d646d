import { usageError } from '../../invocation/usage-error.ts';
import { EXTERNAL_SECRET } from './external-secret.ts';
import { ENV_FILE, KUBESEC_FILE, SOPS_FILE } from './files.ts';
import { LIVE_SECRET } from './live-secret.ts';
import { PARAMETERS, SECRETS_MANAGER } from './remote/aws.ts';
import { AZURE } from './remote/azure.ts';
import { GOOGLE } from './remote/google.ts';
import { VAULT } from './remote/vault.ts';
import type { Store } from './store.ts';

/** The stores by what stands before the colon. */
export const STORES: Readonly<Record<string, Store>> = {
  secret: LIVE_SECRET,
  env: ENV_FILE,
  sops: SOPS_FILE,
  kubesec: KUBESEC_FILE,
  vault: VAULT,
  'aws-sm': SECRETS_MANAGER,
  'aws-ssm': PARAMETERS,
  'gcp-sm': GOOGLE,
  'azure-kv': AZURE,
  'external-secret': EXTERNAL_SECRET,
};

/** A source as the command line names it. */
export interface Source {
  readonly store: Store;
  /** What stands behind the colon. */
  readonly name: string;
}

/** Reads `STORE:NAME`. @throws ERR_USAGE */
export function parseSource(text: string): Source {
  const at = text.indexOf(':');
  const [kind, name] = [text.slice(0, at), text.slice(at + 1)];
  const store = Object.hasOwn(STORES, kind) ? STORES[kind] : undefined;
  if (at < 0 || !store)
    throw usageError(
      'a source is not STORE:NAME of a store that exists',
      `the stores are ${Object.values(STORES)
        .map(({ usage }) => usage)
        .join(', ')}`,
    );
  store.check(name);
  return { store, name };
}
