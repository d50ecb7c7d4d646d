/**
 * Entry of a worker thread; started by sandbox.ts, never imported. Two messages: first the module, then jobs.
 * Every job is answered once; after an answer with `broken` the worker is of no further use.
 */
import { parentPort } from 'node:worker_threads';
import { BrokenInstanceError, createInstance, type Instance } from './instance.ts';
import type { Answer, JobMessage, StartMessage } from './sandbox.ts';

let start: StartMessage | undefined;
let instance: Instance | undefined;

function renderAll({ bytes, count }: JobMessage, { module, maxMemoryBytes, progress }: StartMessage): Answer {
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
    const broken = error instanceof BrokenInstanceError ? error.kind : 'sandbox-crashed';
    return { outcomes, memoryBytes: maxMemoryBytes, broken };
  }
}

parentPort?.on('message', (message: StartMessage | JobMessage) => {
  if ('module' in message) {
    start = message;
  } else if (start) {
    Atomics.store(start.progress, 0, 0);
    const answer = renderAll(message, start);
    parentPort?.postMessage(
      answer,
      answer.outcomes.map((outcome) => outcome.buffer),
    );
  }
});
