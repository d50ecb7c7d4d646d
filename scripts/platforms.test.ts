import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hostPlatform, NODE_VERSION, nodeFor, platformOf } from './platforms.ts';

describe('platforms', () => {
  it('are built with the Node that the workspace installs', async () => {
    const manifest = JSON.parse(await readFile(join(import.meta.dirname, '../package.json'), 'utf8'));
    expect(NODE_VERSION).toBe(manifest.devDependencies.node);
  });
  it('take for this machine the Node that runs, when it is the one that is pinned', async () => {
    expect(await nodeFor(hostPlatform())).toBe(process.execPath);
  });
  it('are named as container images name them', () => {
    expect(platformOf('linux-arm64')).toMatchObject({ os: 'linux', arch: 'arm64' });
    expect(() => platformOf('linux-x64')).toThrow(
      'no platform linux-x64: there are linux-amd64, linux-arm64',
    );
  });
});
