import { type Answer, Sandbox, type SandboxJob, type SandboxOptions } from './sandbox.ts';

/** A job and its limits. */
export interface PoolTask extends SandboxJob {
  /** Of several threads, slow jobs leave at least one to the others. */
  readonly isSlow: boolean;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

interface Waiting {
  readonly task: PoolTask;
  readonly start: (sandbox: Sandbox) => void;
}

/** A fixed number of sandboxes with one queue: first come, first served, but slow jobs after all others. */
export class SandboxPool {
  readonly #sandboxes: readonly Sandbox[];
  readonly #running = new Map<Sandbox, PoolTask>();
  readonly #closing = new AbortController();
  #waiting: Waiting[] = [];

  constructor(size: number, options: SandboxOptions) {
    this.#sandboxes = Array.from({ length: size }, () => new Sandbox(options));
  }

  /** Waits for a free sandbox and runs the task in it. Throws like Sandbox.run. */
  async run(task: PoolTask): Promise<Answer & { readonly failedIndex: number }> {
    const closing = this.#closing.signal;
    const signal = task.signal ? AbortSignal.any([task.signal, closing]) : closing;
    const sandbox = await this.#acquire(task, signal);
    try {
      signal.throwIfAborted();
      return await sandbox.run(task, { timeoutMs: task.timeoutMs, signal });
    } finally {
      this.#running.delete(sandbox);
      this.#dispatch();
    }
  }

  /** Ends all threads for good. Running, waiting and later jobs are rejected. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the template renderer is closed'));
    await Promise.all(this.#sandboxes.map((sandbox) => sandbox.close()));
  }

  #acquire(task: PoolTask, signal: AbortSignal): Promise<Sandbox> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Sandbox>();
    const onAbort = (): void => {
      this.#waiting = this.#waiting.filter((other) => other !== waiting);
      reject(signal.reason);
    };
    const start = (sandbox: Sandbox): void => {
      signal.removeEventListener('abort', onAbort);
      resolve(sandbox);
    };
    const waiting: Waiting = { task, start };
    signal.addEventListener('abort', onAbort, { once: true });
    this.#waiting.push(waiting);
    this.#dispatch();
    return promise;
  }

  /** Takes sandboxes in a fixed order, so that a second thread starts only if two jobs overlap. */
  #dispatch(): void {
    for (const sandbox of this.#sandboxes) {
      if (this.#running.has(sandbox)) continue;
      const next = this.#nextIndex();
      const [chosen] = next < 0 ? [] : this.#waiting.splice(next, 1);
      if (!chosen) return;
      this.#running.set(sandbox, chosen.task);
      chosen.start(sandbox);
    }
  }

  #nextIndex(): number {
    const prompt = this.#waiting.findIndex(({ task }) => !task.isSlow);
    if (prompt >= 0) return prompt;
    const slow = [...this.#running.values()].filter(({ isSlow }) => isSlow);
    return slow.length < Math.max(1, this.#sandboxes.length - 1) ? 0 : -1;
  }
}
