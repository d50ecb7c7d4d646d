import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writePlugin } from '../testing/plugin-rig.ts';
import { CONTEXT, describeWrapper, failureOf } from '../testing/wrapper-contract.ts';
import { openExecWrapper } from './exec-wrapper.ts';

describeWrapper('a program as key service', async () => {
  const { program, key, setTrouble, remove } = await writePlugin();
  return {
    open: (timeoutMs) => openExecWrapper(program, { env: process.env }, timeoutMs),
    setTrouble,
    secrets: [key],
    close: remove,
  };
}, ['cut', 'garbage', 'huge', 'silent', 'gone', 403, 404, 429, 500]);

describe('openExecWrapper', () => {
  it('needs an absolute path', () => {
    expect(() => openExecWrapper('plugin', { env: {} })).toThrow(
      'exec: needs the absolute path of a program',
    );
  });
  it.each([
    ['/nowhere/plugin', 'key service exec:/nowhere/plugin: there is no such program'],
    ['/bin', 'key service exec:/bin: it failed to start: EACCES'],
    ['/bin/false', 'key service exec:/bin/false: it failed with exit code 1'],
    ['/bin/true', 'key service exec:/bin/true: it printed no JSON object'],
  ])('says why %s gives nothing', async (program, message) => {
    const wrapper = openExecWrapper(program, { env: {} });
    const failure = await failureOf(wrapper.wrap(new Uint8Array(32), CONTEXT));
    expect(failure).toMatchObject({ code: 'ERR_KEY_SERVICE_UNAVAILABLE', message });
  });
  it('refuses a program that speaks another version', async () => {
    const answer = join(await mkdtemp(join(tmpdir(), 'fuin-exec-')), 'answer');
    await writeFile(answer, `#!/bin/sh\necho '{"version": 2, "data": "AAAA"}'\n`, { mode: 0o755 });
    const failure = await failureOf(openExecWrapper(answer, { env: {} }).wrap(new Uint8Array(32), CONTEXT));
    expect(failure.message).toMatch(/: it does not answer in version 1 of the protocol$/);
  });
});
