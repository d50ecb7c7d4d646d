import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly version?: string; readonly integrity?: string; readonly resolved?: string }>
  >;
}

describe('what builds where nobody looks on', () => {
  it('is one version of pnpm, whose hash is known', () => {
    const { optionalDependencies } = JSON.parse(read('scripts/pnpm/package.json'));
    const { packages }: Lock = JSON.parse(read('scripts/pnpm/package-lock.json'));
    const { '': _root, ...locked } = packages;
    const versions = Object.entries(locked).map(([path, { version }]) => [
      path.replace('node_modules/', ''),
      version,
    ]);
    expect(Object.fromEntries(versions)).toEqual(optionalDependencies);
    expect(new Set(Object.values(optionalDependencies)).size).toBe(1);
    for (const { integrity, resolved } of Object.values(locked)) {
      expect(integrity).toMatch(/^sha512-/);
      expect(resolved).toBeUndefined(); // from whichever registry npm is configured to use
    }
  });

  it('is what the image is built with', () => {
    const commands = read('deploy/image/Dockerfile').match(/^RUN .*/gm) ?? [];
    expect(commands.length).toBeGreaterThan(0);
    for (const command of commands) expect(command).toMatch(/^RUN scripts\/pnpm\/pnpm /);
  });

  it("is what answers to the README's commands in .ci/run", () => {
    const [, before = '', body = '', rest = ''] =
      /^([\s\S]*?)\nnpx\(\) \{\n([\s\S]*?)\n\}\n([\s\S]*)$/.exec(read('.ci/run')) ?? [];
    expect(before).not.toMatch(/^[^#]*\b(npx|pnpm)\b/m);
    expect(body).toMatch(/scripts\/pnpm\/pnpm "\$\{@:3\}"/);
    expect(rest).toContain('npx -y pnpm@12 test');
    expect(rest.replaceAll('npx -y pnpm@12 ', '')).not.toMatch(/\b(npx|pnpm|npm|corepack)\b/);
  });
});
