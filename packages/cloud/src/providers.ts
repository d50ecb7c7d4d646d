import { misconfigured } from './faults.ts';
import type { KeyWrapper, WrapperWorld } from './key-wrapper.ts';

/** One kind of key service. */
export interface Provider {
  /** How a wrapper of it is written. */
  readonly usage: string;
  readonly summary: string;
  /** Loads the provider. @param reference what stands behind the colon */
  readonly open: (reference: string, world: WrapperWorld) => Promise<KeyWrapper>;
}

/** Every kind of key service, by the word before the colon. */
export const PROVIDERS: Readonly<Record<string, Provider>> = {
  vault: {
    usage: 'vault:MOUNT/KEY',
    summary: 'a derived key of the transit engine of Vault or OpenBao',
    open: async (reference, world) =>
      (await import('./vault/vault-wrapper.ts')).openVaultWrapper(reference, world),
  },
  'aws-kms': {
    usage: 'aws-kms:ARN',
    summary: 'a symmetric key of AWS KMS',
    open: async (reference, world) => (await import('./aws/aws-wrapper.ts')).openAwsWrapper(reference, world),
  },
  'gcp-kms': {
    usage: 'gcp-kms:projects/P/locations/L/keyRings/R/cryptoKeys/K',
    summary: 'a symmetric key of Google Cloud KMS',
    open: async (reference, world) =>
      (await import('./google/google-wrapper.ts')).openGoogleWrapper(reference, world),
  },
  'azure-kv': {
    usage: 'azure-kv:https://VAULT.vault.azure.net/keys/KEY',
    summary: 'a key of Azure Key Vault or Managed HSM',
    open: async (reference, world) =>
      (await import('./azure/azure-wrapper.ts')).openAzureWrapper(reference, world),
  },
  exec: {
    usage: 'exec:/PATH',
    summary: 'a program of your own',
    open: async (reference, world) =>
      (await import('./exec/exec-wrapper.ts')).openExecWrapper(reference, world),
  },
};

/** The names in a comma-separated list of wrappers. */
export function wrapperNamesIn(text: string): readonly string[] {
  return [...new Set(text.split(',').map((name) => name.trim()))].filter((name) => name !== '');
}

/**
 * Opens a wrapper by its name, such as `vault:transit/sealed-secrets`. Asks no service yet.
 *
 * @throws ERR_USAGE
 */
export async function openWrapper(name: string, world: WrapperWorld): Promise<KeyWrapper> {
  const colon = name.indexOf(':');
  const kind = name.slice(0, Math.max(0, colon));
  const provider = Object.hasOwn(PROVIDERS, kind) ? PROVIDERS[kind] : undefined;
  if (provider) return provider.open(name.slice(colon + 1), world);
  const usages = Object.values(PROVIDERS).map(({ usage }) => usage);
  throw misconfigured('unknown key wrapper', `a wrapper is one of ${usages.join(', ')}`);
}
