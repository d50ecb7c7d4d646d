import { engineFiles } from './engine-files.ts';
import { TemplateError, type TemplateFailure } from './errors.ts';
import { loadModule } from './module.ts';
import { SandboxPool } from './pool.ts';
import { decodeOutcome, encodeJob } from './protocol.ts';
import type { Answer } from './sandbox.ts';

/** Limits of a renderer and where its files are. Every field has a default. */
export interface RendererOptions {
  /** Number of threads, and so of calls at once; default 2. With one, a slow template delays all others. */
  readonly workers?: number;
  /**
   * CPU time for one call; default 15,000, since an RSA key takes seconds. The call may last 20 times as
   * long.
   */
  readonly timeoutMs?: number;
  /** Limit of the sum of all rendered outputs of one call; default 1 MiB, the limit of a Secret. */
  readonly maxOutputBytes?: number;
  /** Memory of one sandbox: program, inputs and outputs; default 64 MiB. The program alone takes 12 MiB. */
  readonly maxMemoryBytes?: number;
  /** Where go-template-worker is; default beside this file, or in the single executable. */
  readonly workerUrl?: URL;
  /** The compressed Go program, or where it is; default go-template.wasm.br in the same place. */
  readonly program?: URL | Uint8Array;
  /** Adds Go's own messages, WHICH QUOTE VALUES, to failures. Only for tests that compare with Go. */
  readonly unsafeErrorText?: boolean;
}

/** Templates and what they see. */
export interface RenderRequest {
  /** Texts by name. The name is the one that Go reports, and the key of the output. */
  readonly templates: ReadonlyMap<string, string> | Readonly<Record<string, string>>;
  /** Bytes by name. Templates see them as Go strings, without any decoding. */
  readonly values: ReadonlyMap<string, Uint8Array>;
}

/** Limits of one call. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Instead of the renderer's. */
  readonly timeoutMs?: number;
  /** True for a call that may take long: it waits for all others, and never takes the last free thread. */
  readonly isSlow?: boolean;
}

/** Renders templates in a pool of sandboxes. Safe to share; create one per process. */
export interface Renderer {
  /**
   * Renders every template. Like in sealed-secrets, a template sees the values, and the raw text (not the
   * output) of every template whose name no value has. A text without `{{` is returned as it is and starts
   * nothing. Outputs are in the order of the templates. Calls are served first come, first served: a caller
   * that renders for several tenants decides whose call comes first.
   * @throws TemplateError with every template that failed, or with the first 20
   * @throws the signal's reason if it aborts, before or while rendering
   * @throws Error if the sandbox cannot start, for instance without its files, or if the renderer is closed
   */
  render(request: RenderRequest, options?: CallOptions): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Ends the threads, and rejects running and later calls. Optional: idle threads let a process end. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const MIB = 1_048_576;
const DEFAULTS = {
  workers: 2,
  timeoutMs: 15_000,
  maxOutputBytes: MIB,
  maxMemoryBytes: 64 * MIB,
  unsafeErrorText: false,
};

/**
 * Creates a renderer. Nothing is read, compiled or started before the first text that contains `{{`.
 * @throws RangeError if there would be no thread
 */
export function createRenderer(options: RendererOptions = {}): Renderer {
  const { workers, timeoutMs, maxOutputBytes, maxMemoryBytes, unsafeErrorText } = { ...DEFAULTS, ...options };
  if (!Number.isInteger(workers) || workers < 1) throw new RangeError(`not a number of workers: ${workers}`);
  const { workerUrl, program } = { ...engineFiles(), ...options };
  const load = once(() => loadModule(program, maxMemoryBytes));
  const pool = new SandboxPool(workers, { workerUrl, maxMemoryBytes, loadModule: load });
  const render: Renderer['render'] = async ({ templates: given, values }, call = {}) => {
    call.signal?.throwIfAborted();
    const all =
      given instanceof Map ? (given as ReadonlyMap<string, string>) : new Map(Object.entries(given));
    const templates = new Map(all.entries().filter(([, text]) => text.includes('{{')));
    if (templates.size === 0) return asBytes(all);
    const bytes = encodeJob({ templates, context: contextOf(all, values), maxOutputBytes, unsafeErrorText });
    const answer = await pool.run({ isSlow: false, timeoutMs, ...call, bytes, count: templates.size });
    return new Map([...asBytes(all), ...outputsOf([...templates.keys()], answer)]);
  };
  return { render, close: () => pool.close(), [Symbol.asyncDispose]: () => pool.close() };
}

function once<T>(create: () => Promise<T>): () => Promise<T> {
  let pending: Promise<T> | undefined;
  return () => {
    pending ??= create().catch((error: unknown) => {
      pending = undefined; // the next call tries again
      throw error;
    });
    return pending;
  };
}

function asBytes(texts: ReadonlyMap<string, string>): Map<string, Uint8Array> {
  const encoder = new TextEncoder();
  return new Map(texts.entries().map(([name, text]) => [name, encoder.encode(text)]));
}

function contextOf(
  templates: ReadonlyMap<string, string>,
  values: ReadonlyMap<string, Uint8Array>,
): ReadonlyMap<string, Uint8Array> {
  return new Map([...asBytes(templates), ...values]);
}

function outputsOf(
  names: readonly string[],
  answer: Answer & { failedIndex: number },
): Map<string, Uint8Array> {
  const outputs = new Map<string, Uint8Array>();
  const failures: TemplateFailure[] = [];
  for (const [index, encoded] of answer.outcomes.entries()) {
    const outcome = decodeOutcome(names[index] ?? '', encoded);
    if ('failure' in outcome) failures.push(outcome.failure);
    else outputs.set(names[index] ?? '', outcome.output);
  }
  const broken = answer.broken;
  if (broken !== undefined) failures.push({ template: names[answer.failedIndex] ?? '', kind: broken });
  if (failures.length > 0) throw new TemplateError(failures);
  return outputs;
}
