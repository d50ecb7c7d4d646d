import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const MAIN = pathToFileURL(join(import.meta.dirname, '../main.ts'));
/** Nobody answers there, and the address cannot be listened on: the controller ends at once. */
const CONFIG = JSON.stringify({
  ...{ kind: 'Config', 'current-context': 'x', users: [{ name: 'u', user: {} }] },
  clusters: [{ name: 'c', cluster: { server: 'http://127.0.0.1:9' } }],
  contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
});

/** The modules of the audit log that are loaded when the controller runs with these flags. */
async function loadedBy(...flags: readonly string[]): Promise<string[]> {
  const program = `
    import { registerHooks } from 'node:module';
    import { mkdtempSync, writeFileSync } from 'node:fs';
    import { tmpdir } from 'node:os';
    import { join } from 'node:path';
    const loaded = [];
    registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
    const file = join(mkdtempSync(join(tmpdir(), 'audit-')), 'config');
    writeFileSync(file, ${JSON.stringify(CONFIG)});
    const { main } = await import('${MAIN}');
    const quiet = () => undefined;
    const host = { env: {}, stdout: quiet, stderr: quiet, onSignal: quiet, onFault: quiet, exit: quiet };
    await main(['--kubeconfig=' + file, '--listen-addr=192.0.2.1:1', ...${JSON.stringify(flags)}], host);
    console.log('\\n' + JSON.stringify(loaded));
    process.exit();`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], { maxBuffer: 1e7 });
  const urls = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as string[];
  expect(urls.length).toBeGreaterThan(100);
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
