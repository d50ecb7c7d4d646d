import { Worker } from 'node:worker_threads';
import type { FailureKind } from './errors.ts';

/** A job: the bytes of encodeJob, which are given away, and how many templates they hold. */
export interface SandboxJob {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly count: number;
}

/** The one message to a worker. Machine code is shared, so sending the module costs microseconds. */
export interface JobMessage extends SandboxJob {
  readonly module: WebAssembly.Module;
  readonly maxMemoryBytes: number;
  /** Shared memory: the worker writes the number of the template it renders to `progress[0]`. */
  readonly progress: Int32Array;
}

/** What came of a job: encoded outcomes of the first templates, and the kind of break that ended it early. */
export interface Answer {
  readonly outcomes: readonly Uint8Array<ArrayBuffer>[];
  readonly memoryBytes: number;
  readonly broken?: FailureKind;
}

/** When a job ends early: by time, counted from when its thread is ready to render, or on request. */
export interface JobLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What a worker sends while it works on a job: first that it begins to render, then the answer. */
export type WorkerMessage = 'rendering' | Answer;

/** How to start a worker and where its limits are. */
export interface SandboxOptions {
  readonly workerUrl: URL;
  readonly loadModule: () => Promise<WebAssembly.Module>;
  readonly maxMemoryBytes: number;
}

/** An instance that grew beyond this share of its limit is replaced, so that the next tenant has room. */
const REPLACE_ABOVE_SHARE = 0.75;
/** For a thread to get ready, which is nothing that a job has a hand in. */
const START_LIMIT_MS = 30_000;
/** For the thread's own JavaScript, which only moves bytes; the program's memory is limited in its binary. */
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
   * @throws the reason of an aborted signal; an Error when the thread or the program can not start
   */
  async run(job: SandboxJob, limits: JobLimits): Promise<Answer & { readonly failedIndex: number }> {
    const worker = this.#worker ?? this.#start();
    worker.ref();
    try {
      const answer = await this.#exchange(worker, job, limits);
      const isSpent = answer.memoryBytes > this.#options.maxMemoryBytes * REPLACE_ABOVE_SHARE;
      if (answer.broken !== undefined || isSpent) await this.#stop();
      return { ...answer, failedIndex: Atomics.load(this.#progress, 0) };
    } catch (error) {
      await this.#stop();
      throw error;
    } finally {
      worker.unref();
    }
  }

  /** Ends the thread, if there is one; the next job starts another. Not while a job runs: abort that first. */
  async close(): Promise<void> {
    await this.#stop();
  }

  async #stop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(this.#options.workerUrl, {
      name: 'go-template',
      argv: [],
      env: {},
      execArgv: [],
      resourceLimits: RESOURCE_LIMITS,
    });
    const forget = (): void => {
      if (this.#worker === worker) this.#worker = undefined;
    };
    worker.on('error', forget).on('exit', forget); // an idle thread may die too, which is nobody's error
    this.#worker = worker;
    return worker;
  }

  async #exchange(
    worker: Worker,
    { bytes, count }: SandboxJob,
    { timeoutMs, signal }: JobLimits,
  ): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const { maxMemoryBytes, loadModule } = this.#options;
    const breakWith = (broken: FailureKind): void =>
      resolve({ outcomes: [], memoryBytes: maxMemoryBytes, broken });
    const onAbort = (): void => reject(signal.reason);
    const onError = (error: Error & { code?: string }): void =>
      error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? breakWith('memory-limit') : reject(cannotStart(error));
    const onExit = (): void => breakWith('sandbox-crashed');
    let timer: NodeJS.Timeout | undefined;
    const onMessage = (message: WorkerMessage): void => {
      clearTimeout(timer);
      if (message === 'rendering') timer = setTimeout(() => breakWith('time-limit'), timeoutMs);
      else resolve(message);
    };
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    signal.addEventListener('abort', onAbort, { once: true });
    Atomics.store(this.#progress, 0, 0);
    loadModule().then(
      (module) => {
        const message: JobMessage = { bytes, count, module, maxMemoryBytes, progress: this.#progress };
        worker.postMessage(message, [bytes.buffer]);
        timer = setTimeout(() => breakWith('sandbox-crashed'), START_LIMIT_MS);
      },
      (error: unknown) => reject(cannotStart(error)),
    );
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
    }
  }
}

function cannotStart(cause: unknown): Error {
  return new Error('the template sandbox could not start', { cause });
}
