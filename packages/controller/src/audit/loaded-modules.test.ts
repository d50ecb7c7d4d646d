import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { modulesLoadedBy } from '../testing/loaded-modules.ts';

const MAIN = pathToFileURL(join(import.meta.dirname, '../main.ts'));
/** Nobody answers there, and the address cannot be listened on: the controller ends at once. */
const CONFIG = JSON.stringify({
  ...{ kind: 'Config', 'current-context': 'x', users: [{ name: 'u', user: {} }] },
  clusters: [{ name: 'c', cluster: { server: 'http://127.0.0.1:9' } }],
  contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
});

/** The modules of the audit log that are loaded when the controller runs with these flags. */
async function loadedBy(...flags: readonly string[]): Promise<string[]> {
  const urls = await modulesLoadedBy(`
    import { mkdtempSync, writeFileSync } from 'node:fs';
    import { tmpdir } from 'node:os';
    import { join } from 'node:path';
    const file = join(mkdtempSync(join(tmpdir(), 'audit-')), 'config');
    writeFileSync(file, ${JSON.stringify(CONFIG)});
    const { main } = await import('${MAIN}');
    const quiet = () => undefined;
    const host = { env: {}, stdout: quiet, stderr: quiet, onSignal: quiet, onFault: quiet, exit: quiet };
    await main(['--kubeconfig=' + file, '--listen-addr=192.0.2.1:1', ...${JSON.stringify(flags)}], host);`);
  return urls
    .flatMap((url) => /\/packages\/(audit\/src\/.*|controller\/src\/audit\/.*)$/.exec(url)?.[1] ?? [])
    .sort();
}

describe('a controller', () => {
  it('without an audit log loads no code for one', async () => {
    expect(await loadedBy()).toEqual([]);
  });
  it('with an audit log loads what writes it', async () => {
    const loaded = await loadedBy('--audit-log=/dev/full');
    expect(loaded).toContain('controller/src/audit/open-audit.ts');
    expect(loaded).toContain('audit/src/chain.ts');
  });
});
