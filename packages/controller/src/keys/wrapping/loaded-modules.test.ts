import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { modulesLoadedBy } from '../../testing/loaded-modules.ts';

const source = join(import.meta.dirname, '../..');

/** Libraries that only one provider needs. */
const LIBRARIES = ['@aws-sdk/', '@azure/', 'aws4fetch', 'google-auth-library'];
const ENV = {
  VAULT_ADDR: 'https://vault',
  VAULT_TOKEN: 't',
  AZURE_FEDERATED_TOKEN_FILE: '/t',
  AZURE_CLIENT_ID: 'c',
  AZURE_TENANT_ID: 't',
};

/**
 * What is loaded when the controller opens the key services that these flags name: files of the package
 * cloud, and libraries of providers.
 */
async function loadedBy(wrappers: readonly string[], splitKeys: readonly string[] = []): Promise<string[]> {
  const [main, wrapping, split] = ['main.ts', 'keys/wrapping/wrapping.ts', 'keys/split/split-keys.ts'].map(
    (file) => pathToFileURL(join(source, file)),
  );
  const urls = await modulesLoadedBy(`
    await import('${main}');
    const { openWrapping } = await import('${wrapping}');
    const { openSplitKeys } = await import('${split}');
    await openWrapping(${JSON.stringify(wrappers)}, ${JSON.stringify(ENV)});
    await openSplitKeys(${JSON.stringify(splitKeys)}, ${JSON.stringify(ENV)});`);
  const files = urls.flatMap((url) => /\/packages\/cloud\/src\/(.*)$/.exec(url)?.[1] ?? []);
  const libraries = LIBRARIES.filter((name) => urls.some((url) => url.includes(`/node_modules/${name}`)));
  return [...files, ...libraries].sort();
}

/** What all key services share, and the tables of them. */
const ALWAYS =
  /^(faults|index|key-context|key-wrapper|providers|wrapped-key|wrapped-secret|server\/[\w-]+)\.ts$/;
const OF_SPLIT_KEYS = /^split\/[\w-]+\.ts$/;

describe('a controller', () => {
  it('without a key service loads no code for them', async () => {
    expect(await loadedBy([])).toEqual([]);
  });
  it.each([
    ['vault:transit/key', /^vault\//],
    ['exec:/plugin', /^exec\//],
    ['aws-kms:arn:aws:kms:eu-central-1:111122223333:alias/a', /^(aws\/|@aws-sdk\/$|aws4fetch$)/],
    [
      'gcp-kms:projects/shop-prod/locations/global/keyRings/r/cryptoKeys/k',
      /^(google\/|google-auth-library$)/,
    ],
    // which runs the program az
    ['azure-kv:https://shop-prod.vault.azure.net/keys/k', /^(azure\/|exec\/run-plugin|@azure\/$)/],
  ])('loads the code of the key service that it has, and of no other: %s', async (name, own) => {
    const loaded = await loadedBy([name]);
    expect(loaded.some((each) => own.test(each))).toBe(true);
    expect(loaded.filter((each) => !own.test(each) && !ALWAYS.test(each))).toEqual([]);
  });
  it.each([
    [
      'aws-kms:arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
      /^(aws\/aws-(decapsulator|wrapper)\.ts|@aws-sdk\/|aws4fetch)$/,
    ],
    [
      'gcp-kms:projects/shop-prod/locations/global/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1',
      /^(google\/(google-decapsulator|google-kms|google-token|crc32c)\.ts|google-auth-library)$/,
    ],
  ])(
    'loads for split keys the code of the key service that holds them, and of no other: %s',
    async (name, own) => {
      const loaded = await loadedBy([], [name]);
      expect(loaded.some((each) => own.test(each))).toBe(true);
      const shared = (each: string) => ALWAYS.test(each) || OF_SPLIT_KEYS.test(each);
      expect(loaded.filter((each) => !own.test(each) && !shared(each))).toEqual([]);
    },
  );
});
