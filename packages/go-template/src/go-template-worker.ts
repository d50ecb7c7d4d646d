/**
 * Entry of a worker thread, which sandbox.ts starts and nothing imports. Every message is a job. The thread
 * sends 'rendering' when it begins, and then one answer. After an answer with `broken` it must not
 * be used again.
 */
import { parentPort } from 'node:worker_threads';
import { BrokenInstanceError, createInstance, type Instance } from './instance.ts';
import { isFailure } from './protocol.ts';
import type { Answer, JobMessage, WorkerMessage } from './sandbox.ts';

/** More failures make no better message, and each costs as much as a template that succeeds. */
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
    // Not the template's fault: the caller gets an ordinary Error.
    if (!(error instanceof BrokenInstanceError)) throw error;
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
