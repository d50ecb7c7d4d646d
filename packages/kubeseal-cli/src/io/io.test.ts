import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, createWriteStream, openSync } from 'node:fs';
import { mkdtemp, truncate, writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { programNameOf } from './io.ts';

const VALUE = 'hunter2-abcdef\n---\nsecond document\n';

describe('stdin that another program made non-blocking', () => {
  const reader = `import { processIo } from ${JSON.stringify(new URL('./io.ts', import.meta.url).href)};
    process.stderr.write('ready');
    process.stdout.write(await processIo().stdin.read());`;
  /** Gives its descriptor 3 to the reader as stdin, then makes it non-blocking: both share the open file. */
  const middle = `const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, ['--input-type=module', '-e', ${JSON.stringify(reader)}], { stdio: [3, 'inherit', 'inherit'] });
    const holder = new (require('node:net').Socket)({ fd: 3, readable: false, writable: true });
    child.once('close', (code) => process.exit(code));`;

  async function readSlowly(pieces: readonly string[], input: 'pipe' | 'socket'): Promise<string> {
    const fifo = join(await mkdtemp(join(tmpdir(), 'kubeseal-stdin-')), 'fifo');
    execFileSync('mkfifo', [fifo]);
    const end = input === 'pipe' ? openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK) : 'pipe';
    const child = spawn(process.execPath, ['-e', middle], { stdio: ['ignore', 'pipe', 'pipe', end] });
    const sink = input === 'pipe' ? createWriteStream(fifo) : (child.stdio[3] as Writable);
    if (typeof end === 'number') closeSync(end);
    const output = text(child.stdout as NodeJS.ReadableStream);
    const ready = once(child.stderr as NodeJS.ReadableStream, 'data');
    const send = (piece: string) => new Promise<void>((resolve) => void sink.write(piece, () => resolve()));
    for (const [at, piece] of pieces.entries()) {
      // the first piece is there when reading begins: what is read then must not be lost
      if (at === 1) await ready;
      if (at > 0) await sleep(150);
      await send(piece);
    }
    sink.end();
    return output;
  }

  it.each(['pipe', 'socket'] as const)('is read to its end from a slow writer (%s)', async (input) => {
    const output = await readSlowly([VALUE.slice(0, 7), VALUE.slice(7, 14), VALUE.slice(14)], input);
    expect(output).toBe(VALUE);
  });
  it('is read to its end where more comes than a pipe holds', async () => {
    const large = 'x'.repeat(300_000);
    const output = await readSlowly(['start', large, 'end'], 'pipe');
    expect(output).toBe(`start${large}end`);
  });
});

describe('stdin without end', () => {
  const reader = `import { processIo } from ${JSON.stringify(new URL('./io.ts', import.meta.url).href)};
    await processIo().stdin.read().then(({ length }) => console.log(length), (error) => console.log(error.code, error.message));`;
  const lengthOf = (source: string) =>
    spawnSync('sh', ['-c', `${source} "$0" --input-type=module -e "$1"`, process.execPath, reader], {
      encoding: 'utf8',
    }).stdout;
  it('is refused, as a file would be', () => {
    expect(lengthOf('head -c 67108865 /dev/zero |')).toBe('ERR_USAGE stdin has no end within 64 MiB\n');
  });
  it('is no file, which may be as large as it is', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'kubeseal-stdin-')), 'file');
    await writeFile(file, '');
    await truncate(file, 67_108_865);
    expect(lengthOf(`<${file}`)).toBe('67108865\n');
  });
});

describe('stderr that another program made non-blocking', () => {
  const writer = `import { processIo } from ${JSON.stringify(new URL('./io.ts', import.meta.url).href)};
    const io = processIo();
    await io.stdin.read();
    io.stderr.write('x'.repeat(300_000));
    io.stderr.write('end');
    await io.stdout.write('written');
    await io.written();
    process.exit(0);`;

  it('gets everything in order before the program exits', async () => {
    const fifo = join(await mkdtemp(join(tmpdir(), 'kubeseal-stderr-')), 'fifo');
    execFileSync('mkfifo', [fifo]);
    const both = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
    const args = ['--input-type=module', '-e', writer];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', both] });
    const end = new Socket({ fd: both, readable: true, writable: false }); // non-blocking for the child too
    const ended = once(child, 'exit');
    const isFull = once(child.stdout as NodeJS.ReadableStream, 'data');
    child.stdin?.end();
    await isFull;
    let received = '';
    end.setEncoding('utf8').on('data', (piece: string) => {
      received += piece;
    });
    expect(await ended).toEqual([0, null]);
    while (received.length < 300_003) await once(end, 'data');
    end.destroy();
    expect(received).toBe(`${'x'.repeat(300_000)}end`);
  });
});

describe('the name of the program', () => {
  it.each([
    [['/usr/bin/kubeseal', undefined], 'kubeseal'],
    [['node', '/opt/fuin/bin/kubeseal.ts'], 'kubeseal'],
    [
      ['/home/a/.krew/bin/kubectl-seal_secret', '/home/a/.krew/bin/kubectl-seal_secret'],
      'kubectl seal-secret',
    ],
    [['node', '/usr/bin/kubectl-seal_secret'], 'kubectl seal-secret'],
    [['C:\\Users\\a\\.krew\\bin\\kubectl-seal_secret.exe'], 'kubectl seal-secret'],
    [['kubectl-seal-all_secrets'], 'kubectl seal all-secrets'],
    [['/opt/kubectl-tools/kubeseal'], 'kubeseal'],
  ])('is for %j: %s', (callers, name) => {
    expect(programNameOf(...callers)).toBe(name);
  });
});
