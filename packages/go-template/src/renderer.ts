import { engineFiles } from './engine-files.ts';
import { TemplateError, type TemplateFailure } from './errors.ts';
import { loadModule } from './module.ts';
import { SandboxPool } from './pool.ts';
import { decodeOutcome, encodeJob } from './protocol.ts';
import type { Answer } from './sandbox.ts';

/** Limits and places of a renderer; every field has a default. */
export interface RendererOptions {
  /** Threads, and so renders at once; default 2. With one thread a stalled template holds up everyone. */
  readonly workers?: number;
  /** Time for one call of render once it has a thread; default 15,000: an RSA key takes seconds. */
  readonly timeoutMs?: number;
  /** Limit for the sum of all rendered outputs of one call; default 1 MiB, what a Secret can hold. */
  readonly maxOutputBytes?: number;
  /** Memory of one sandbox: program, inputs and outputs; default 64 MiB; the program alone takes 12 MiB. */
  readonly maxMemoryBytes?: number;
  /** Where go-template-worker is; default beside this file or in the single executable. Needed only in odd bundles. */
  readonly workerUrl?: URL;
  /** The compressed Go program or where it is; default go-template.wasm.br, likewise. */
  readonly program?: URL | Uint8Array;
  /** Adds Go's own messages, WHICH QUOTE VALUES, to failures. For comparing with Go in tests, for nothing else. */
  readonly unsafeErrorText?: boolean;
}

/** Templates and what they see. */
export interface RenderRequest {
  /** Name -> text. The name is the one Go reports, and the key of the output. */
  readonly templates: ReadonlyMap<string, string> | Readonly<Record<string, string>>;
  /** Name -> bytes, given to templates as Go strings without any decoding. */
  readonly values: ReadonlyMap<string, Uint8Array>;
}

/** How one call is to be treated. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Instead of the renderer's. */
  readonly timeoutMs?: number;
  /** The call may take long: it comes after calls that do not, and of several threads leaves them one. */
  readonly isSlow?: boolean;
}

/** Renders templates in a pool of sandboxes. Safe to share; create one per process. */
export interface Renderer {
  /**
   * Renders every template with the context values + raw texts of all templates that no value shadows, as
   * sealed-secrets does: siblings see each other's text, not each other's output. A text without `{{` is returned
   * as it is and starts nothing. Outputs come in the order of the templates.
   * Calls are served first come, first served; who renders for several tenants decides whose call comes when.
   * @throws TemplateError with every failing template, or with the first 20
   * @throws the signal's reason when aborted, before or while rendering
   * @throws Error when the sandbox can not start, such as a missing file, or the renderer is closed
   */
  render(request: RenderRequest, options?: CallOptions): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Ends the threads; renders under way and later ones reject. Optional: idle threads never keep a process alive. */
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
 * @throws RangeError when there would be no worker
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
