import { describe, expect, it } from 'vitest';
import { loadModule } from './module.ts';
import { createWasiHost, ExitError } from './wasi.ts';

const SUCCESS = 0;
const ERRNO_BADF = 8;
const ERRNO_INVAL = 28;
const ERRNO_NOSYS = 52;
const STDOUT = 1;
const STDERR = 2;
const REALTIME = 0;
const MONOTONIC = 1;

const program = await loadModule(new URL('./go-template.wasm.br', import.meta.url), 64 * 2 ** 20);

/** The host of the real program, with a memory of our own. */
function createHost() {
  const host = createWasiHost(program);
  const memory = new WebAssembly.Memory({ initial: 4 });
  host.attach(memory);
  const call = (name: string, ...args: readonly unknown[]): unknown => {
    const known = host.imports[name];
    if (typeof known !== 'function') throw new Error(`there is no import ${name}`);
    return known(...args);
  };
  const view = new DataView(memory.buffer);
  /** Writes strings, and a vector of them at 0; returns how many bytes the host says that it took. */
  const write = (fd: number, ...texts: readonly string[]): number => {
    let end = 1024;
    for (const [index, text] of texts.entries()) {
      const bytes = new TextEncoder().encode(text);
      new Uint8Array(memory.buffer).set(bytes, end);
      view.setUint32(8 * index, end, true);
      view.setUint32(8 * index + 4, bytes.length, true);
      end += bytes.length;
    }
    expect(call('fd_write', fd, 0, texts.length, 512)).toBe(SUCCESS);
    return view.getUint32(512, true);
  };
  return { host, memory, view, call, write };
}

/** A subscription as WASI lays it out: user data, kind, clock, timeout, flags. */
function subscribe(view: DataView, { kind = 0, clock = MONOTONIC, timeoutNs = 0n, flags = 0 }): void {
  view.setBigUint64(0, 77n, true);
  view.setUint8(8, kind);
  view.setUint32(16, clock, true);
  view.setBigUint64(24, timeoutNs, true);
  view.setUint16(40, flags, true);
}

describe('the host of the program', () => {
  it('answers every import for files, sockets and directories with "not implemented"', () => {
    const { host, call } = createHost();
    const names = WebAssembly.Module.imports(program).map(({ name }) => name);
    const refused = [...new Set(names)].filter((name) => /^(fd|path|sock)_/.test(name));
    const working = ['fd_write', 'fd_prestat_get'];
    expect(refused).toEqual(expect.arrayContaining(['path_open', 'sock_accept', 'fd_read', ...working]));
    const answers = refused.filter((name) => !working.includes(name)).map((name) => call(name, 0, 0, 0, 0));
    expect(new Set(answers)).toEqual(new Set([ERRNO_NOSYS]));
    expect(Object.keys(host.imports).sort()).toEqual([...new Set(names)].sort());
  });

  it('has no arguments, environment or open directories', () => {
    const { view, call } = createHost();
    for (const name of ['args_sizes_get', 'environ_sizes_get']) {
      view.setUint32(0, 9, true);
      view.setUint32(4, 9, true);
      expect(call(name, 0, 4)).toBe(SUCCESS);
      expect([view.getUint32(0, true), view.getUint32(4, true)]).toEqual([0, 0]);
    }
    expect(call('fd_prestat_get', 3, 0)).toBe(ERRNO_BADF);
  });

  it('keeps the first 512 characters of stderr, and nothing of stdout', () => {
    const { host, write } = createHost();
    expect(write(STDOUT, 'a value')).toBe(7);
    expect(host.stderr()).toBe('');
    expect(write(STDERR, 'fatal error: ', 'out of memory\n')).toBe(27);
    expect(write(STDERR, 'x'.repeat(100_000))).toBe(100_000);
    expect(write(STDERR, 'later')).toBe(5);
    expect(host.stderr()).toBe(`fatal error: out of memory\n${'x'.repeat(512 - 27)}`);
  });

  it('stops the program when it exits', () => {
    expect(() => createHost().call('proc_exit', 2)).toThrow(ExitError);
  });

  it('stops a program that runs before it has a memory', () => {
    const write = createWasiHost(program).imports['fd_write'] as (...args: number[]) => number;
    expect(() => write(STDERR, 0, 0, 0)).toThrow(ExitError);
  });

  it('fills all the bytes that are asked for with entropy, also more than Web Crypto gives at once', () => {
    const { memory, call } = createHost();
    const bytes = new Uint8Array(memory.buffer);
    expect(call('random_get', 10, 200_000)).toBe(SUCCESS);
    const parts = [10, 65_546, 131_082, 196_618].map((start) => bytes.slice(start, start + 32).join());
    expect(new Set(parts).size).toBe(4);
    expect(bytes.subarray(200_010 - 32, 200_010).some((byte) => byte !== 0)).toBe(true);
    expect([...bytes.subarray(0, 10), ...bytes.subarray(200_010, 200_100)].every((byte) => byte === 0)).toBe(
      true,
    );
  });

  it('tells the time of day, and a time that only grows', () => {
    const { view, call } = createHost();
    const read = (clock: number): bigint => {
      expect(call('clock_time_get', clock, 1n, 0)).toBe(SUCCESS);
      return view.getBigUint64(0, true);
    };
    const before = BigInt(Date.now());
    const now = read(REALTIME) / 1_000_000n;
    expect(now >= before && now <= BigInt(Date.now())).toBe(true);
    const first = read(MONOTONIC);
    expect(read(MONOTONIC)).toBeGreaterThanOrEqual(first);
  });

  it.each([
    ['a period', MONOTONIC, () => 2_000_000n, 0],
    ['a moment', REALTIME, () => BigInt(Date.now() + 2) * 1_000_000n, 1],
    ['a moment that has passed', REALTIME, () => 1n, 1],
  ])('sleeps for %s, and reports the one event', (_, clock, timeout, flags) => {
    const { view, call } = createHost();
    const until = timeout();
    subscribe(view, { clock, timeoutNs: until, flags });
    const start = performance.now();
    expect(call('poll_oneoff', 0, 100, 1, 200)).toBe(SUCCESS);
    if (flags === 0) expect(performance.now() - start).toBeGreaterThanOrEqual(1.9);
    else expect(BigInt(Date.now()) * 1_000_000n).toBeGreaterThanOrEqual(until);
    expect([view.getBigUint64(100, true), view.getUint16(108, true), view.getUint32(200, true)]).toEqual([
      77n,
      0,
      1,
    ]);
  });

  it.each([
    ['a file', 1, 1],
    ['several events', 0, 2],
  ])('refuses to wait for %s', (_, kind, count) => {
    const { view, call } = createHost();
    subscribe(view, { kind });
    expect(call('poll_oneoff', 0, 100, count, 200)).toBe(ERRNO_INVAL);
  });
});
