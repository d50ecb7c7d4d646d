import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
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
 * What is loaded when the controller opens these key services: files of the package cloud, and libraries of
 * providers.
 */
async function loadedBy(names: readonly string[]): Promise<string[]> {
  const [main, wrapping] = ['main.ts', 'keys/wrapping/wrapping.ts'].map((file) =>
    pathToFileURL(join(source, file)),
  );
  const program = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
    await import('${main}');
    const { openWrapping } = await import('${wrapping}');
    await openWrapping(${JSON.stringify(names)}, ${JSON.stringify(ENV)});
    console.log(JSON.stringify(loaded));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], { maxBuffer: 1e7 });
  const urls = JSON.parse(stdout) as string[];
  expect(urls.length).toBeGreaterThan(100);
  const files = urls.flatMap((url) => /\/packages\/cloud\/src\/(.*)$/.exec(url)?.[1] ?? []);
  const libraries = LIBRARIES.filter((name) => urls.some((url) => url.includes(`/node_modules/${name}`)));
  return [...files, ...libraries].sort();
}

const ALWAYS =
  /^(faults|index|key-context|key-wrapper|providers|wrapped-key|wrapped-secret|server\/[\w-]+)\.ts$/;

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
});
