import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createLogger, type LoggerOptions, lossyWriter, parseLogLevel } from './log.ts';

function logger(options: Partial<LoggerOptions> = {}) {
  const [stdout, stderr]: [string[], string[]] = [[], []];
  const log = createLogger({
    minimumLevel: 0,
    format: 'text',
    isInfoOnStdout: true,
    stdout: (line) => stdout.push(line),
    stderr: (line) => stderr.push(line),
    now: () => new Date('2026-01-02T03:04:05.678Z'),
    ...options,
  });
  return { log, stdout, stderr };
}

describe('createLogger', () => {
  it('prints like slog', () => {
    const { log, stdout } = logger();
    log.info('it works', {
      name: 'a',
      count: 2,
      path: 'a b',
      empty: '',
      list: ['x', 'y'],
      missing: undefined,
    });
    expect(stdout).toEqual([
      'time=2026-01-02T03:04:05.678Z level=INFO msg="it works" name=a count=2 path="a b" empty="" list=x,y\n',
    ]);
  });
  it('prints JSON', () => {
    const { log, stdout } = logger({ format: 'json' });
    log.info('it works', { count: 2 });
    expect(JSON.parse(stdout[0] ?? '')).toEqual({
      time: '2026-01-02T03:04:05.678Z',
      level: 'INFO',
      msg: 'it works',
      count: 2,
    });
  });
  it('sends INFO to stdout by default, and worse always to stderr', () => {
    const usual = logger();
    usual.log.info('a');
    usual.log.warn('b');
    usual.log.error('c');
    expect([usual.stdout.length, usual.stderr.length]).toEqual([1, 2]);
    const other = logger({ isInfoOnStdout: false });
    other.log.info('a');
    expect([other.stdout.length, other.stderr.length]).toEqual([0, 1]);
  });
  it('drops what is below the level', () => {
    const { log, stdout, stderr } = logger({ minimumLevel: 8 });
    log.debug('a');
    log.info('a');
    log.warn('a');
    log.error('a');
    expect([stdout.length, stderr.length]).toEqual([0, 1]);
  });
  it.each(['text', 'json'] as const)(
    'keeps hostile texts on one line and off the terminal (%s)',
    (format) => {
      const { log, stdout } = logger({ format });
      log.info('m', { name: 'a\nlevel=ERROR msg=forged \u001b[31m \u2028 \u009b \u202e \u{e0001}' });
      expect(stdout).toHaveLength(1);
      expect(stdout[0]?.slice(0, -1)).toMatch(/^[\x20-\x7e]*$/);
    },
  );
});

describe('lossyWriter', () => {
  const line = 'x'.repeat(65_536);
  const fill = (write: (text: string) => void) => {
    for (let count = 0; count < 100; count += 1) write(line);
  };

  it('keeps at most a megabyte and a line for a reader that stands still', () => {
    const pipe = new PassThrough();
    fill(lossyWriter(pipe));
    expect(pipe.writableLength + pipe.readableLength).toBeLessThan(1_200_000);
  });
  it('writes again when the reader goes on', async () => {
    const pipe = new PassThrough();
    const write = lossyWriter(pipe);
    fill(write);
    pipe.resume();
    await expect.poll(() => pipe.writableLength).toBe(0);
    const read: string[] = [];
    pipe.on('data', (piece) => read.push(String(piece)));
    write('last\n');
    await expect.poll(() => read).toContain('last\n');
  });
});

describe('parseLogLevel', () => {
  it.each([
    ['INFO', 0],
    ['info', 0],
    ['DEBUG', -4],
    ['WARN', 4],
    ['Error', 8],
    ['ERROR+4', 12],
    ['INFO-4', -4],
  ])('reads %s', (text, weight) => {
    expect(parseLogLevel(text)).toBe(weight);
  });
  it.each(['', 'LOUD', 'INFO+', '3'])('refuses %j', (text) => {
    expect(parseLogLevel(text)).toBeUndefined();
  });
});
