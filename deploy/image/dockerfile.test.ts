import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RUN_CONFIG } from '../../scripts/image/oci-layout.ts';

/** The arguments of every instruction of a name, of the last stage. */
async function lastStage(instruction: string): Promise<string[]> {
  const lines = (await readFile(join(import.meta.dirname, 'Dockerfile'), 'utf8')).split('\n');
  const stage = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
  return stage
    .filter((line) => line.startsWith(`${instruction} `))
    .map((line) => line.slice(instruction.length + 1));
}

describe('the Dockerfile', () => {
  it('configures the image as the image layout of a release does', async () => {
    expect(await lastStage('USER')).toEqual([RUN_CONFIG.User]);
    expect(await lastStage('ENV')).toEqual(RUN_CONFIG.Env);
    expect(await lastStage('WORKDIR')).toEqual([RUN_CONFIG.WorkingDir]);
    expect((await lastStage('ENTRYPOINT')).map((words) => JSON.parse(words))).toEqual([
      RUN_CONFIG.Entrypoint,
    ]);
    const [ports = ''] = await lastStage('EXPOSE');
    expect(ports.split(' ').map((port) => `${port}/tcp`)).toEqual(Object.keys(RUN_CONFIG.ExposedPorts));
  });

  it('takes nothing from an image that somebody else could change', async () => {
    const text = await readFile(join(import.meta.dirname, 'Dockerfile'), 'utf8');
    const bases = [...text.matchAll(/^FROM (?:--\S+ )?(\S+)/gm)].map(([, base]) => base);
    expect(bases).toEqual(['$' + '{BUILD_IMAGE}', 'scratch']);
    expect(text).toMatch(/^ARG BUILD_IMAGE$/m); // no default, which would age
  });
});
