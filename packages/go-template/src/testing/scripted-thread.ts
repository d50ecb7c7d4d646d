import { once } from 'node:events';
import { BroadcastChannel } from 'node:worker_threads';
import type { SandboxJob, SandboxOptions } from '../sandbox.ts';

/** What a scripted thread does with a job. It says that it renders first, unless it is silent. */
export type Act = 'answer' | 'wait' | 'silent' | 'work' | 'exit' | 'throw' | 'exhaust';

/** What a scripted thread reports about itself and its jobs. */
export interface Report {
  readonly env: unknown;
  readonly thread: number;
  readonly jobs: number;
}

const EMPTY_MODULE = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

/** A real thread without a template engine: each job says in JSON what to do. */
const THREAD = `
import { BroadcastChannel, parentPort, threadId } from 'node:worker_threads';
let jobs = 0;
let port;
parentPort.on('message', ({ bytes, count, progress }) => {
  const { name, act, channel, memoryBytes } = JSON.parse(new TextDecoder().decode(bytes));
  jobs += 1;
  Atomics.store(progress, 0, count - 1);
  port ??= new BroadcastChannel(channel);
  if (act !== 'silent') parentPort.postMessage('rendering');
  port.postMessage({ started: name });
  const report = new TextEncoder().encode(JSON.stringify({ env: process.env, thread: threadId, jobs }));
  const answer = () => parentPort.postMessage({ outcomes: [report], memoryBytes });
  if (act === 'answer') answer();
  if (act === 'wait') port.onmessage = ({ data }) => data.release === name && answer();
  while (act === 'work');
  if (act === 'exit') process.exit(3);
  if (act === 'throw') throw new Error('scripted');
  if (act === 'exhaust') for (const held = []; ; ) held.push(new Array(10_000).fill(held.length / 3));
});`;

/** Options of a sandbox whose thread follows a script. */
export function scriptedOptions(maxMemoryBytes: number): SandboxOptions {
  return {
    workerUrl: new URL(`data:text/javascript,${encodeURIComponent(THREAD)}`),
    loadModule: () => WebAssembly.compile(EMPTY_MODULE),
    maxMemoryBytes,
  };
}

/** Makes jobs for scripted threads, and hears which of them have started. */
export class Script {
  readonly started: string[] = [];
  readonly #name = `script-${crypto.randomUUID()}`;
  readonly #channel = new BroadcastChannel(this.#name);

  constructor() {
    this.#channel.onmessage = (event) => {
      const { started } = (event as MessageEvent<{ readonly started?: string }>).data;
      if (started !== undefined) this.started.push(started);
    };
  }

  /**
   * `count` templates; the thread stops at the last one. `memoryBytes` is what its memory then is said to
   * have.
   */
  job(name: string, act: Act, { count = 1, memoryBytes = 0 } = {}): SandboxJob {
    const order = JSON.stringify({ name, act, channel: this.#name, memoryBytes });
    return { bytes: new TextEncoder().encode(order), count };
  }

  /** Resolves when these jobs have started, which is heard apart from their answers. */
  async whenStarted(...names: readonly string[]): Promise<void> {
    while (!names.every((name) => this.started.includes(name))) {
      await once(this.#channel, 'message');
    }
  }

  /** Lets a job that waits answer. */
  release(name: string): void {
    this.#channel.postMessage({ release: name });
  }

  close(): void {
    this.#channel.close();
  }
}

/** The report in an answer. */
export function reportOf(answer: { readonly outcomes: readonly Uint8Array[] }): Report {
  return JSON.parse(new TextDecoder().decode(answer.outcomes[0]));
}
