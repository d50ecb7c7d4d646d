import { Worker } from 'node:worker_threads';
import type { FailureKind } from './errors.ts';

/** A job: the bytes of encodeJob, which are moved to the thread, and how many templates they contain. */
export interface SandboxJob {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly count: number;
}

/** The one message to a thread. Machine code is shared, so sending the module takes microseconds. */
export interface JobMessage extends SandboxJob {
  readonly module: WebAssembly.Module;
  readonly maxMemoryBytes: number;
  /** Shared memory: the thread writes the index of the template that it renders to `progress[0]`. */
  readonly progress: Int32Array;
}

/** The result of a job: encoded outcomes of the first templates, and why it ended early. */
export interface Answer {
  readonly outcomes: readonly Uint8Array<ArrayBuffer>[];
  readonly memoryBytes: number;
  readonly broken?: FailureKind;
}

/** When a job ends early: by time or on request. */
export interface JobLimits {
  /** CPU time that the thread may spend on rendering: a busy machine does not make a template slow. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What a thread sends for a job: first that it begins to render, then the answer. */
export type WorkerMessage = 'rendering' | Answer;

/** How to start a thread, and its limits. */
export interface SandboxOptions {
  readonly workerUrl: URL;
  readonly loadModule: () => Promise<WebAssembly.Module>;
  readonly maxMemoryBytes: number;
}

/** An instance that grew beyond this share of its limit is replaced, so that the next job has room. */
const REPLACE_ABOVE_SHARE = 0.75;
/** Time for a thread to get ready, on which a job has no influence. */
const START_LIMIT_MS = 30_000;
/** A thread that spends no CPU time ends too: after this many times its limit by the clock. */
const LONGEST_WAIT = 20;
/** For the thread's JavaScript, which only moves bytes. The program's memory is limited in its binary. */
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
   * Renders a job. Limits do not reject: the answer has `broken`, and no outcomes if the thread was killed.
   * `failedIndex` is the template that was being rendered.
   * @throws the reason of an aborted signal; an Error if the thread or the program cannot start
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

  /** Ends the thread, if there is one. The next job starts another. Abort a running job first. */
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
    let stopTimer = (): void => undefined;
    const onMessage = (message: WorkerMessage): void => {
      stopTimer();
      if (message === 'rendering') stopTimer = limitCpuTime(worker, timeoutMs, () => breakWith('time-limit'));
      else resolve(message);
    };
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    signal.addEventListener('abort', onAbort, { once: true });
    Atomics.store(this.#progress, 0, 0);
    loadModule().then(
      (module) => {
        const message: JobMessage = { bytes, count, module, maxMemoryBytes, progress: this.#progress };
        worker.postMessage(message, [bytes.buffer]);
        const timer = setTimeout(() => breakWith('sandbox-crashed'), START_LIMIT_MS);
        stopTimer = () => clearTimeout(timer);
      },
      (error: unknown) => reject(cannotStart(error)),
    );
    try {
      return await promise;
    } finally {
      stopTimer();
      signal.removeEventListener('abort', onAbort);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
    }
  }
}

/**
 * Calls back once when the thread has spent this much more CPU time, which takes at least as long by the
 * clock. Returns a function that stops it.
 */
function limitCpuTime(worker: Worker, limitMs: number, onSpent: () => void): () => void {
  const begin = worker.cpuUsage();
  const backstop = setTimeout(onSpent, limitMs * LONGEST_WAIT);
  let timer: NodeJS.Timeout;
  let isOver = false;
  const look = async (): Promise<void> => {
    const { user, system } = await worker.cpuUsage(await begin);
    const leftMs = limitMs - (user + system) / 1000;
    if (isOver) return;
    if (leftMs <= 0) onSpent();
    else lookAfter(leftMs);
  };
  const lookAfter = (delayMs: number): void => {
    // a thread that ended reports it itself
    timer = setTimeout(() => void look().catch(() => undefined), delayMs);
  };
  begin.catch(() => undefined);
  lookAfter(limitMs);
  return () => {
    isOver = true;
    clearTimeout(timer);
    clearTimeout(backstop);
  };
}

function cannotStart(cause: unknown): Error {
  return new Error('the template sandbox could not start', { cause });
}
