/**
 * Entry of a worker thread; started by sandbox.ts, never imported. Every message is a job and is answered once;
 * after an answer with `broken` the worker is of no further use.
 */
import { parentPort } from 'node:worker_threads';
import { BrokenInstanceError, createInstance, type Instance } from './instance.ts';
import type { Answer, JobMessage } from './sandbox.ts';

let instance: Instance | undefined;

function renderAll({ bytes, count, module, maxMemoryBytes, progress }: JobMessage): Answer {
  const outcomes: Uint8Array<ArrayBuffer>[] = [];
  try {
    instance ??= createInstance(module, maxMemoryBytes);
    instance.open(bytes);
    for (let index = 0; index < count; index++) {
      Atomics.store(progress, 0, index);
      outcomes.push(instance.render(index));
    }
    return { outcomes, memoryBytes: instance.memoryBytes() };
  } catch (error) {
    if (!(error instanceof BrokenInstanceError)) throw error; // not the template's fault: reaches the caller as an Error
    return { outcomes, memoryBytes: maxMemoryBytes, broken: error.kind };
  }
}

parentPort?.on('message', (job: JobMessage) => {
  const answer = renderAll(job);
  const buffers = answer.outcomes.map((outcome) => outcome.buffer);
  parentPort?.postMessage(answer, buffers);
});
