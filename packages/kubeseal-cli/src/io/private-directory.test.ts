import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const MODULE = new URL('./private-directory.ts', import.meta.url).href;
/** Makes a private directory with a file, says where, and waits for ever. */
const WAITING = `
  import { withPrivateDirectory, writePrivately } from '${MODULE}';
  await withPrivateDirectory({}, async ({ path }) => {
    writePrivately(path + '/value', Buffer.from('x'));
    console.log(path);
    await new Promise(() => setInterval(() => undefined, 1_000));
  });
`;

describe('a private directory', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)(
    'is gone after %s, which ends the process',
    async (signal) => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', WAITING]);
      const [said] = (await once(child.stdout, 'data')) as [Buffer];
      const path = said.toString().trim();
      expect(readdirSync(path)).toEqual(['value']);
      const ended = once(child, 'exit');
      child.kill(signal);
      expect(await ended).toEqual([null, signal]);
      expect(existsSync(path)).toBe(false);
    },
  );
});
