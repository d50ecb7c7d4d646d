import type { FailureKind } from './errors.ts';
import { createWasiHost, type WasiHost } from './wasi.ts';

/** Share of the memory limit at which Go's collector starts to work hard; the rest is room for stacks and the runtime. */
const HEAP_SHARE = 0.6;
const MAX_STACK_SHARE = 0.25;

/** Thrown when an instance broke while it worked; it must not be used again. */
export class BrokenInstanceError extends Error {
  override readonly name = 'BrokenInstanceError';
  readonly kind: FailureKind;

  constructor(kind: FailureKind) {
    super(kind);
    this.kind = kind;
  }
}

/** One running copy of the Go program. Not re-entrant; one job at a time. */
export interface Instance {
  /** Hands over an encoded job (protocol.ts). */
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
 * @throws BrokenInstanceError from here and from every method when the program stops or hits a limit
 */
export function createInstance(module: WebAssembly.Module, maxMemoryBytes: number): Instance {
  const host = createWasiHost(module);
  const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: host.imports });
  const exports = instance.exports as unknown as Exports; // the names are those of go/main.go; a vector run proves them
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

/** Go's fatal errors end in proc_exit and say why on stderr only. */
function kindOfBreak(error: unknown, stderr: string): FailureKind {
  if (error instanceof RangeError || /stack overflow|stack exceeds/.test(stderr)) return 'recursion-limit';
  if (/out of memory/.test(stderr)) return 'memory-limit';
  return 'sandbox-crashed';
}
