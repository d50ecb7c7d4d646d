import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const urlOf = (path: string) => pathToFileURL(join(import.meta.dirname, '../../../packages', path)).href;
/** Writes into a file system that is full but for some kilobytes, then makes room, and says what was seen. */
const PROGRAM = `
  import { readFileSync, rmSync, writeFileSync } from 'node:fs';
  const [directory] = process.argv.slice(1);
  const { AuditLog } = await import('${urlOf('controller/src/audit/open-audit.ts')}');
  const { verified } = await import('${urlOf('audit/src/testing/logs.ts')}');
  const errors = [];
  const quiet = () => undefined;
  const audit = new AuditLog({
    config: { target: directory + '/audit.jsonl', onFailure: 'refuse' },
    ...{ namespace: 'home', identity: 'pod-a', version: '1', now: () => new Date() },
    reports: {
      onFailure: ({ code }) => errors.push(code),
      ...{ onRecovery: () => errors.push('recovered'), onLoss: quiet, onWritten: quiet, onAnchor: quiet },
    },
  });
  writeFileSync(directory + '/ballast', Buffer.alloc(100 * 1024));
  await audit.tick();
  for (let at = 0; at < 500; at += 1) audit.record({ kind: 'leader.started', identity: 'x'.repeat(at % 200) });
  await audit.tick();
  const size = readFileSync(directory + '/audit.jsonl').length;
  const refusal = await audit.announce({ kind: 'write.planned' }).catch(({ code }) => code);
  rmSync(directory + '/ballast');
  await audit.close();
  const { findingCount, lines, lost } = await verified([readFileSync(directory + '/audit.jsonl')]);
  console.log(JSON.stringify({ errors, refusal, isFull: size > 10_000, findingCount, lines, lost }));`;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fuin-full-'));
});
afterAll(() => rm(directory, { recursive: true }));

describe('an audit log on a disk that is full', () => {
  it('refuses writes, and is whole once there is room, line by line', async () => {
    const mounted = 'mount -t tmpfs -o size=256k tmpfs "$0" && exec "$@" "$0"';
    const node = [process.execPath, '--input-type=module', '-e', PROGRAM, '--'];
    const { stdout } = await run('unshare', ['-m', 'sh', '-c', mounted, directory, ...node]);
    expect(JSON.parse(stdout)).toEqual({
      errors: ['ENOSPC', 'recovered'],
      refusal: 'ERR_AUDIT_UNAVAILABLE',
      isFull: true,
      ...{ findingCount: 0, lines: 502, lost: 0 },
    });
  });
});
