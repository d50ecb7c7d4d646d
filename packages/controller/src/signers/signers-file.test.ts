import { execFileSync } from 'node:child_process';
import { mkdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SshKeys } from '../../../../test/support/ssh-keys.ts';
import { createMetrics } from '../metrics.ts';
import { recordingLog } from '../testing/recorders.ts';
import { SignersFile } from './signers-file.ts';

let keys: SshKeys;
let ann: string;
let eve: string;
beforeAll(() => {
  keys = new SshKeys();
  for (const name of ['ann', 'eve']) keys.make(name);
  [ann, eve] = [keys.line('ann'), keys.line('eve')];
});
afterAll(() => keys.delete());

let path: string;
beforeEach(() => {
  path = keys.path('allowed_signers');
});
afterEach(() => rm(path, { recursive: true, force: true }));

/** A file that was looked at once, and what it says. */
async function opened(time = '2026-06-01T00:00:00Z') {
  const clock = { time };
  const [log, metrics] = [recordingLog(), createMetrics('test')];
  const file = new SignersFile({
    path,
    clock: { now: () => 0, after: () => () => undefined },
    now: () => new Date(clock.time),
    log,
    metrics,
  });
  const counted = { changes: 0 };
  file.onChange(() => {
    counted.changes += 1;
  });
  await file.refresh();
  const who = () => file.signers?.map(({ principals }) => principals[0]?.split('@')[0]);
  const metric = async () =>
    [...(await metrics.registry.metrics()).matchAll(/^\w+_allowed_signers(?:_unreadable)? (\d+)$/gm)].map(
      ([, value]) => Number(value),
    );
  return { file, clock, counted, log, who, metric };
}

describe('SignersFile', () => {
  it('says who may sign, and reads again only what is new', async () => {
    await writeFile(path, ann);
    const { file, counted, log, who, metric } = await opened();
    for (let look = 0; look < 3; look++) await file.refresh();
    expect([who(), counted.changes, await metric()]).toEqual([['ann'], 1, [1, 0]]);
    expect(log.lines).toEqual([`INFO allowed signers read {"file":"${path}","signers":1}`]);
    await writeFile(path, ann + eve);
    await file.refresh();
    expect([who(), counted.changes, await metric()]).toEqual([['ann', 'eve'], 2, [2, 0]]);
  });
  it('follows a ConfigMap, whose files are links that a kubelet moves', async () => {
    await rm(path, { recursive: true, force: true });
    const mount = keys.path('mount');
    for (const [version, text] of Object.entries({ one: ann, two: eve })) {
      await mkdir(`${mount}/${version}`, { recursive: true });
      await writeFile(`${mount}/${version}/allowed_signers`, text);
    }
    await symlink('one', `${mount}/..data`);
    await symlink('..data/allowed_signers', `${mount}/allowed_signers`);
    path = `${mount}/allowed_signers`;
    const { file, who } = await opened();
    expect(who()).toEqual(['ann']);
    await symlink('two', `${mount}/..data_tmp`);
    await rename(`${mount}/..data_tmp`, `${mount}/..data`);
    await file.refresh();
    expect(who()).toEqual(['eve']);
  });
  const BAD: readonly (readonly [string, string | Uint8Array, string])[] = [
    ['is empty', '', 'names nobody'],
    ['has comments only', '# nobody\n\n', 'names nobody'],
    [
      'is for other purposes only',
      'ann namespaces="git" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIyPRMMMvgBqGTFmxCfKBDG6Tmhdl5Ep3oGf8CdxFh3e\n',
      'names nobody',
    ],
    ['has a line that is none', 'ann@example.com secret-word\n', 'line 1 of the allowed-signers file'],
    ['is no text', new Uint8Array([0xff, 0xfe, 0x41]), 'not text in UTF-8'],
    ['is larger than a ConfigMap', '#'.repeat(1024 * 1024 + 1), 'too large'],
  ];
  it.each(BAD)('allows nobody when the file %s, and forgets who might before', async (_, content, reason) => {
    await writeFile(path, ann);
    const { file, counted, log, who, metric } = await opened();
    await writeFile(path, content);
    await file.refresh();
    await file.refresh();
    expect([who(), counted.changes, await metric()]).toEqual([undefined, 2, [0, 1]]);
    expect(log.lines.filter((line) => line.startsWith('ERROR'))).toEqual([expect.stringContaining(reason)]);
    expect(log.lines.join()).not.toContain('secret-word');
    await writeFile(path, eve);
    await file.refresh();
    expect([who(), await metric()]).toEqual([['eve'], [1, 0]]);
  });
  it('allows nobody while there is no file, a directory, a pipe that nobody writes to, or a terabyte', async () => {
    const { file, who, log } = await opened();
    expect([who(), log.lines.at(-1)]).toEqual([
      undefined,
      expect.stringContaining('cannot be read (ENOENT)'),
    ]);
    await mkdir(path);
    await file.refresh();
    expect([who(), log.lines.at(-1)]).toEqual([undefined, expect.stringContaining('is not a file')]);
    await rm(path, { recursive: true });
    execFileSync('mkfifo', [path]);
    await file.refresh();
    expect([who(), log.lines.at(-1)]).toEqual([undefined, expect.stringContaining('is not a file')]);
    await rm(path);
    await writeFile(path, ann);
    await file.refresh();
    expect(who()).toEqual(['ann']);
    await truncate(path, 2 ** 40); // takes no room, and would take all memory
    await file.refresh();
    expect([who(), log.lines.at(-1)]).toEqual([undefined, expect.stringContaining('is too large')]);
  });
  it('reports when the validity of a line begins or ends, although nothing was written', async () => {
    await writeFile(path, ann + keys.line('eve', 'valid-after="20260602Z",valid-before="20260603Z"'));
    const { file, clock, counted } = await opened('2026-06-01T00:00:00Z');
    const changesAt: number[] = [];
    for (const time of ['2026-06-01T23:59:59Z', '2026-06-02T00:00:00Z', '2026-06-03T00:00:00Z']) {
      clock.time = time;
      await file.refresh();
      changesAt.push(counted.changes);
    }
    expect(changesAt).toEqual([1, 2, 3]);
  });
});
