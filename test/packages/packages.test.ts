import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PUBLISHED, packPackages } from '../../scripts/release/npm-packages.ts';
import { OLDEST_NODE } from '../support/tools/oldest-node.ts';
import { importsOf } from './bundle-imports.ts';
import { blocksOf, installPackages, type Project } from './project.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');

let project: Project;
const folderOf = (name: string) => join(project.directory, 'node_modules/@fuin', name);
const manifestOf = async (name: string) =>
  JSON.parse(await readFile(join(folderOf(name), 'package.json'), 'utf8'));

beforeAll(async () => {
  project = await installPackages();
});
afterAll(() => project?.remove());

describe('the npm packages', () => {
  it('bring nothing along but what crypto-core names, and what that needs', async () => {
    const installed = (await readdir(join(project.directory, 'node_modules'))).filter(
      (name) => !name.startsWith('.'),
    );
    expect(installed.sort()).toEqual(['@fuin', '@noble', '@panva', '@scure', 'hpke', 'node-forge']);
    expect((await readdir(folderOf(''))).sort()).toEqual([...PUBLISHED].sort());
  });

  it('are the same bytes whenever they are packed', async () => {
    const again = await packPackages(join(project.directory, 'again'));
    for (const name of PUBLISHED) {
      const [first, second] = await Promise.all(
        [project.tarballs[name] ?? '', again[name] ?? ''].map((file) => readFile(file)),
      );
      expect(first?.equals(second ?? Buffer.of())).toBe(true);
    }
  });

  it.each(PUBLISHED)('%s depends on exactly what its code imports', async (name) => {
    const { dependencies = {} } = await manifestOf(name);
    expect([...(await importsOf(join(folderOf(name), 'dist')))].sort()).toEqual(
      Object.keys(dependencies).sort(),
    );
  });

  it.each(PUBLISHED)(
    '%s holds manifest, licence, manual and code only, and says where it runs',
    async (name) => {
      expect((await readdir(folderOf(name))).sort()).toEqual([
        'LICENSE',
        'README.md',
        'dist',
        'package.json',
      ]);
      const files = await readdir(join(folderOf(name), 'dist'), { recursive: true });
      expect(files.filter((file) => /(?<!\.d)\.ts$|\.test\./.test(file))).toEqual([]);
      const manifest = await manifestOf(name);
      expect(manifest).toMatchObject({
        license: 'Apache-2.0',
        type: 'module',
        publishConfig: { access: 'public' },
      });
      expect(`>=${OLDEST_NODE}`).toBe(`${manifest.engines.node}.0`);
    },
  );

  it.each(PUBLISHED)('%s is laid out as publint wants it', async (name) => {
    const found = await publint({ pkgDir: folderOf(name), pack: false, level: 'warning', strict: true });
    expect(found.messages).toEqual([]);
  });

  it.each(['kubeseal-cli', 'controller', 'go-template', 'crypto-core/browser'])(
    '%s names the licence of everything it holds',
    async (name) => {
      const [folder = '', part = ''] = name.split('/');
      const text = await readFile(join(folderOf(folder), 'dist', part, 'THIRD-PARTY-LICENSES.txt'), 'utf8');
      expect(text).toContain(part === '' ? 'sprig' : 'node-forge');
    },
  );
});

describe.each([
  ['nodenext', 'nodenext'],
  ['bundler', 'preserve'],
])('under moduleResolution %s', (moduleResolution, module) => {
  it('the examples compile as TypeScript against the declarations that ship', async () => {
    const folder = join(project.directory, moduleResolution);
    await mkdir(folder);
    for (const name of PUBLISHED)
      await writeFile(join(folder, `${name}.mts`), (await blocksOf(name, 'js'))[0] ?? '');
    const entries = [
      '',
      '/x509',
      '/v2',
      '/errors',
      '/browser',
      '/browser/x509',
      '/browser/v2',
      '/browser/errors',
    ];
    const imports = entries.map((entry, index) => `export * as e${index} from '@fuin/crypto-core${entry}';`);
    await writeFile(join(folder, 'entries.mts'), imports.join('\n'));
    const compilerOptions = {
      strict: true,
      noEmit: true,
      target: 'es2024',
      lib: ['es2024', 'dom'],
      module,
      moduleResolution,
      skipLibCheck: false,
      types: ['node'],
      typeRoots: [join(ROOT, 'node_modules/@types')],
    };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.mts'] }));
    const { stdout } = await run(join(ROOT, 'node_modules/.bin/tsc'), ['-p', folder]).catch((error) => error);
    expect(stdout).toBe('');
  });
});
