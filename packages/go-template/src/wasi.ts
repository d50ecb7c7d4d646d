import { webcrypto } from 'node:crypto';

const SUCCESS = 0;
const ERRNO_BADF = 8;
const ERRNO_INVAL = 28;
const ERRNO_NOSYS = 52;
const STDERR = 2;
const KEPT_STDERR_BYTES = 512;
const RANDOM_CHUNK_BYTES = 65_536;
const EVENT_BYTES = 32;
const ABSOLUTE_TIME = 1;
const NANOS_PER_MS = 1e6;

/** Thrown if the program wants to exit, which a healthy reactor never does. */
export class ExitError extends Error {
  override readonly name = 'ExitError';
}

/** The host side of one instance. */
export interface WasiHost {
  readonly imports: WebAssembly.ModuleImports;
  /** Must be called once, before the module runs. */
  attach(memory: WebAssembly.Memory): void;
  /** The first characters that Go wrote to stderr. They may contain values: only look for known words. */
  stderr(): string;
}

/**
 * The part of WASI preview 1 that a Go reactor needs: clock, entropy, sleep, and a stderr that nobody sees.
 * There are no files, sockets, arguments or environment: every other function answers "not implemented". The
 * module node:wasi, with its open directories and access to the process, cannot promise that.
 */
export function createWasiHost(module: WebAssembly.Module): WasiHost {
  let memory: WebAssembly.Memory | undefined;
  let stderr = '';
  const view = (): DataView => new DataView((memory ?? fail()).buffer);
  const known: WebAssembly.ModuleImports = {
    ...processImports(view),
    ...clockImports(view),
    fd_write: (fd: number, vectors: number, count: number, written: number): number => {
      const text = fd === STDERR && stderr.length < KEPT_STDERR_BYTES ? gather(view(), vectors, count) : '';
      stderr = (stderr + text).slice(0, KEPT_STDERR_BYTES);
      view().setUint32(written, lengthOf(view(), vectors, count), true);
      return SUCCESS;
    },
  };
  const refused = WebAssembly.Module.imports(module).map(({ name }) => [name, () => ERRNO_NOSYS] as const);
  return {
    imports: { ...Object.fromEntries(refused), ...known },
    attach: (attached) => {
      memory = attached;
    },
    stderr: () => stderr,
  };
}

function fail(): never {
  throw new ExitError('the module ran before its memory was attached');
}

function processImports(view: () => DataView): WebAssembly.ModuleImports {
  const empty = (count: number, size: number): number => {
    view().setUint32(count, 0, true);
    view().setUint32(size, 0, true);
    return SUCCESS;
  };
  return {
    sched_yield: () => SUCCESS,
    proc_exit: () => {
      throw new ExitError('the module exited');
    },
    args_sizes_get: empty,
    args_get: () => SUCCESS,
    environ_sizes_get: empty,
    environ_get: () => SUCCESS,
    fd_prestat_get: () => ERRNO_BADF,
    random_get: (start: number, length: number): number => {
      const target = new Uint8Array(view().buffer, start, length) as Uint8Array<ArrayBuffer>;
      for (let at = 0; at < length; at += RANDOM_CHUNK_BYTES) {
        webcrypto.getRandomValues(target.subarray(at, at + RANDOM_CHUNK_BYTES));
      }
      return SUCCESS;
    },
  };
}

function clockImports(view: () => DataView): WebAssembly.ModuleImports {
  return {
    clock_time_get: (clock: number, _precision: bigint, target: number): number => {
      view().setBigUint64(target, nowNanos(clock), true);
      return SUCCESS;
    },
    // Go asks only to sleep until one moment; subscriptions to files do not exist here.
    poll_oneoff: (subscription: number, event: number, count: number, fired: number): number => {
      const memory = view();
      if (count !== 1 || memory.getUint8(subscription + 8) !== 0) return ERRNO_INVAL;
      const timeout = memory.getBigUint64(subscription + 24, true);
      const isAbsolute = memory.getUint16(subscription + 40, true) === ABSOLUTE_TIME;
      sleep(isAbsolute ? timeout - nowNanos(memory.getUint32(subscription + 16, true)) : timeout);
      new Uint8Array(memory.buffer, event, EVENT_BYTES).fill(0);
      memory.setBigUint64(event, memory.getBigUint64(subscription, true), true);
      memory.setUint32(fired, 1, true);
      return SUCCESS;
    },
  };
}

function nowNanos(clock: number): bigint {
  const isRealtime = clock === 0;
  return isRealtime ? BigInt(Date.now()) * 1_000_000n : BigInt(Math.round(performance.now() * NANOS_PER_MS));
}

function sleep(nanos: bigint): void {
  if (nanos <= 0n) return;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(nanos) / NANOS_PER_MS);
}

function lengthOf(memory: DataView, vectors: number, count: number): number {
  let length = 0;
  for (let i = 0; i < count; i++) length += memory.getUint32(vectors + 8 * i + 4, true);
  return length;
}

function gather(memory: DataView, vectors: number, count: number): string {
  const decoder = new TextDecoder();
  let text = '';
  for (let i = 0; i < count && text.length < KEPT_STDERR_BYTES; i++) {
    const start = memory.getUint32(vectors + 8 * i, true);
    const length = Math.min(memory.getUint32(vectors + 8 * i + 4, true), KEPT_STDERR_BYTES);
    text += decoder.decode(new Uint8Array(memory.buffer, start, length));
  }
  return text;
}
