import { Worker } from 'node:worker_threads';
import type { FailureKind } from './errors.ts';

/** First message to a worker. `progress[0]` is the number of the template being rendered, shared memory. */
export interface StartMessage {
  readonly module: WebAssembly.Module;
  readonly maxMemoryBytes: number;
  readonly progress: Int32Array;
}

/** A job for a worker: the bytes of encodeJob and how many templates they hold. */
export interface JobMessage {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly count: number;
}

/** What came of a job: encoded outcomes of the first templates, and the kind of break that ended it early. */
export interface Answer {
  readonly outcomes: readonly Uint8Array<ArrayBuffer>[];
  readonly memoryBytes: number;
  readonly broken?: FailureKind;
}

/** How to start a worker and where its limits are. */
export interface SandboxOptions {
  readonly workerUrl: URL;
  readonly loadModule: () => Promise<WebAssembly.Module>;
  readonly timeoutMs: number;
  readonly maxMemoryBytes: number;
}

/** An instance that grew beyond this share of its limit is replaced, so that the next tenant has room. */
const REPLACE_ABOVE_SHARE = 0.75;
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 48, maxYoungGenerationSizeMb: 8, stackSizeMb: 4 };

/**
 * One worker thread that renders one job at a time. The thread starts with the first job, is replaced after a
 * break, a timeout or an abort, and keeps the process alive only while it works.
 */
export class Sandbox {
  readonly #options: SandboxOptions;
  readonly #progress = new Int32Array(new SharedArrayBuffer(4));
  #worker: Worker | undefined;

  constructor(options: SandboxOptions) {
    this.#options = options;
  }

  /**
   * Renders a job. Limits do not reject: they come as `broken`, without outcomes when the thread had to be killed.
   * `failedIndex` tells which template was being rendered.
   * @throws the reason of an aborted signal; an Error when the thread can not start
   */
  async run(job: JobMessage, signal?: AbortSignal): Promise<Answer & { readonly failedIndex: number }> {
    const worker = this.#worker ?? this.#start();
    worker.ref();
    try {
      const answer = await this.#exchange(worker, job, signal);
      if (answer.broken !== undefined) await this.stop();
      else if (answer.memoryBytes > this.#options.maxMemoryBytes * REPLACE_ABOVE_SHARE) await this.stop();
      return { ...answer, failedIndex: Atomics.load(this.#progress, 0) };
    } catch (error) {
      await this.stop();
      throw error;
    } finally {
      worker.unref();
    }
  }

  /** Ends the thread, if there is one; the next job starts another. */
  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #start(): Worker {
    const { loadModule, maxMemoryBytes, workerUrl } = this.#options;
    const worker = new Worker(workerUrl, {
      name: 'go-template',
      argv: [],
      env: {},
      execArgv: [],
      stdin: false,
      resourceLimits: RESOURCE_LIMITS,
    });
    this.#worker = worker;
    const send = (module: WebAssembly.Module): void =>
      worker.postMessage({ module, maxMemoryBytes, progress: this.#progress } satisfies StartMessage);
    loadModule().then(send, (error: unknown) => worker.emit('error', error));
    return worker;
  }

  async #exchange(worker: Worker, job: JobMessage, signal?: AbortSignal): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const { maxMemoryBytes, timeoutMs, loadModule } = this.#options;
    const breakWith = (broken: FailureKind): void =>
      resolve({ outcomes: [], memoryBytes: maxMemoryBytes, broken });
    const onAbort = (): void => reject(signal?.reason);
    const onError = (error: Error & { code?: string }): void =>
      error.code === 'ERR_WORKER_OUT_OF_MEMORY'
        ? breakWith('memory-limit')
        : reject(new Error('the template sandbox could not start', { cause: error }));
    const onExit = (): void => breakWith('sandbox-crashed');
    worker.on('message', resolve).on('error', onError).on('exit', onExit);
    signal?.addEventListener('abort', onAbort, { once: true });
    await loadModule().catch(() => undefined); // a failure arrives as the worker's error
    const timer = setTimeout(() => breakWith('time-limit'), timeoutMs);
    try {
      worker.postMessage(job, [job.bytes.buffer]);
      return await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      worker.off('message', resolve).off('error', onError).off('exit', onExit);
    }
  }
}
