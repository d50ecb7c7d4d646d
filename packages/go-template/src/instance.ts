import type { FailureKind } from './errors.ts';
import { createWasiHost, type WasiHost } from './wasi.ts';

/** Go's collector keeps the heap below this share of the memory limit; stacks and runtime need the rest. */
const HEAP_SHARE = 0.6;
const MAX_STACK_SHARE = 0.25;

/** Thrown if an instance breaks. It must not be used again. */
export class BrokenInstanceError extends Error {
  override readonly name = 'BrokenInstanceError';
  readonly kind: FailureKind;

  constructor(kind: FailureKind) {
    super(kind);
    this.kind = kind;
  }
}

/** One running copy of the Go program. It does one job at a time. */
export interface Instance {
  /** Passes an encoded job (protocol.ts) to the program. */
  open(job: Uint8Array): void;
  /** Renders template number `index` of the open job and returns a copy of the encoded outcome. */
  render(index: number): Uint8Array<ArrayBuffer>;
  /** Current size of the linear memory, which never shrinks. */
  memoryBytes(): number;
}

interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly _initialize: () => void;
  readonly configure: (heapBytes: number, stackBytes: number) => void;
  readonly reserve: (size: number) => number;
  readonly open: () => void;
  readonly render: (index: number) => bigint;
}

/**
 * Starts the Go program of a compiled module whose memory is limited to `maxMemoryBytes`.
 * @throws BrokenInstanceError, here and from every method, if the program stops or reaches a limit
 */
export function createInstance(module: WebAssembly.Module, maxMemoryBytes: number): Instance {
  const host = createWasiHost(module);
  const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: host.imports });
  const exports = instance.exports as unknown as Exports; // the names are those of go/main.go
  host.attach(exports.memory);
  guard(host, () => exports._initialize());
  guard(host, () => exports.configure(maxMemoryBytes * HEAP_SHARE, maxMemoryBytes * MAX_STACK_SHARE));
  return {
    open: (job) =>
      guard(host, () => {
        const start = exports.reserve(job.length) >>> 0;
        new Uint8Array(exports.memory.buffer, start, job.length).set(job);
        exports.open();
      }),
    render: (index) =>
      guard(host, () => {
        const packed = BigInt.asUintN(64, exports.render(index));
        const [start, length] = [Number(packed >> 32n), Number(packed & 0xffff_ffffn)];
        return new Uint8Array(exports.memory.buffer, start, length).slice();
      }),
    memoryBytes: () => exports.memory.buffer.byteLength,
  };
}

function guard<T>(host: WasiHost, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw new BrokenInstanceError(kindOfBreak(error, host.stderr()));
  }
}

/** Go's fatal errors end in proc_exit, and only stderr says why. */
function kindOfBreak(error: unknown, stderr: string): FailureKind {
  if (error instanceof RangeError || /stack overflow|stack exceeds/.test(stderr)) return 'recursion-limit';
  if (/out of memory/.test(stderr)) return 'memory-limit';
  return 'sandbox-crashed';
}
