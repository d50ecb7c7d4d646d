/**
 * Entry of a worker thread; started by sandbox.ts, never imported. Every message is a job and is answered once, after word that its rendering begins;
 * after an answer with `broken` the worker is of no further use.
 */
import { parentPort } from 'node:worker_threads';
import { BrokenInstanceError, createInstance, type Instance } from './instance.ts';
import { isFailure } from './protocol.ts';
import type { Answer, JobMessage, WorkerMessage } from './sandbox.ts';

/** So many failures are enough for any message; each costs as much as a template that succeeds. */
const MAX_FAILURES = 20;

let instance: Instance | undefined;

function renderAll({ bytes, count, module, maxMemoryBytes, progress }: JobMessage): Answer {
  const outcomes: Uint8Array<ArrayBuffer>[] = [];
  let failures = 0;
  try {
    instance ??= createInstance(module, maxMemoryBytes);
    send('rendering');
    instance.open(bytes);
    for (let index = 0; index < count && failures < MAX_FAILURES; index++) {
      Atomics.store(progress, 0, index);
      const outcome = instance.render(index);
      outcomes.push(outcome);
      if (isFailure(outcome)) failures += 1;
    }
    return { outcomes, memoryBytes: instance.memoryBytes() };
  } catch (error) {
    if (!(error instanceof BrokenInstanceError)) throw error; // not the template's fault: reaches the caller as an Error
    return { outcomes, memoryBytes: maxMemoryBytes, broken: error.kind };
  }
}

parentPort?.on('message', (job: JobMessage) => {
  const answer = renderAll(job);
  send(
    answer,
    answer.outcomes.map((outcome) => outcome.buffer),
  );
});

function send(message: WorkerMessage, buffers: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, buffers);
}
