import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkNode, hostPlatform, NODE_VERSION, nodeFor, platformOf } from './platforms.ts';

describe('platforms', () => {
  it('are built with the Node that the workspace installs', async () => {
    const manifest = JSON.parse(await readFile(join(import.meta.dirname, '../../package.json'), 'utf8'));
    expect(NODE_VERSION).toBe(manifest.devDependencies.node);
  });
  it('take for this machine the Node that runs, when it is the one that is pinned', async () => {
    expect(await nodeFor(hostPlatform())).toBe(process.execPath);
  });
  it('are built by no other Node, and from no other', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'fuin-platforms-'));
    const other = join(directory, 'node');
    await writeFile(other, 'another Node');
    await expect(checkNode(other, platformOf(hostPlatform()))).rejects.toThrow(
      `not ${platformOf(hostPlatform()).nodeSha256} of`,
    );
    await rm(directory, { recursive: true });
  });
  it('are named as container images name them', () => {
    expect(platformOf('linux-arm64')).toMatchObject({ os: 'linux', arch: 'arm64' });
    expect(() => platformOf('linux-x64')).toThrow(
      'no platform linux-x64: there are linux-amd64, linux-arm64',
    );
  });
});
