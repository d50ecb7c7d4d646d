import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const source = join(import.meta.dirname, '../..');

/** The modules of the package cloud that are loaded when the controller opens these key services. */
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
    await openWrapping(${JSON.stringify(names)}, { VAULT_ADDR: 'https://vault', VAULT_TOKEN: 't' });
    console.log(JSON.stringify(loaded));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], { maxBuffer: 1e7 });
  const urls = JSON.parse(stdout) as string[];
  expect(urls.length).toBeGreaterThan(100);
  return urls.flatMap((url) => /\/packages\/cloud\/src\/(.*)$/.exec(url)?.[1] ?? []).sort();
}

describe('a controller', () => {
  it('without a key service loads no code for them', async () => {
    expect(await loadedBy([])).toEqual([]);
  });
  it('loads the code of the key service that it has, and of no other', async () => {
    const loaded = await loadedBy(['vault:transit/key']);
    expect(loaded).toContain('vault/vault-wrapper.ts');
    expect(loaded.filter((file) => file.startsWith('exec/'))).toEqual([]);
  });
});
