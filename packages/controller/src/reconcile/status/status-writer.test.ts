import { SealedSecretsError } from '@fuin/crypto-core';
import type { KubeObject } from '@fuin/kube/client';
import { describe, expect, it } from 'vitest';
import { createStatusWriter } from './status-writer.ts';

const key = { namespace: 'blue', name: 'db' };
const metadata = { ...key, uid: 'x', generation: 1, resourceVersion: '1' };
const outcome = { failure: new SealedSecretsError('ERR_NO_KEY_OPENS_VALUE', 'no key could decrypt secret') };

/** What a writer does with a server that answers each write with this error, and holds this object. */
async function writing(answer: unknown, live: KubeObject | 'deleted' = { metadata }) {
  const asked: string[] = [];
  const ask = (verb: string) => {
    if (asked.push(verb) > 20) throw new Error('it does not end');
  };
  const server = {
    get: async () => {
      ask('get');
      return live === 'deleted' ? undefined : live;
    },
    replace: async () => {
      ask('replace');
      throw answer;
    },
  };
  const failure = await createStatusWriter(server, () => new Date(0))
    .write(key, { metadata }, outcome)
    .catch((error: unknown) => error);
  return { failure, asked };
}

describe('a status that the server does not take', () => {
  it('is decided again after a conflict, four times in all', async () => {
    const conflict = new SealedSecretsError('ERR_CONFLICT', 'the object has been modified');
    const attempt = ['replace', 'get'];
    expect(await writing(conflict)).toEqual({
      failure: conflict,
      asked: [...attempt, ...attempt, ...attempt, ...attempt],
    });
  });
  it('is not written again after another refusal', async () => {
    const refusal = new SealedSecretsError('ERR_API_REJECTED', 'forbidden');
    expect(await writing(refusal)).toEqual({ failure: refusal, asked: ['replace', 'get'] });
  });
  it.each([
    ['without an answer', new SealedSecretsError('ERR_API_UNAVAILABLE', 'busy')],
    ['because of a bug', new Error('bug')],
  ])('is left to the retry %s', async (_what, fault) => {
    expect(await writing(fault)).toEqual({ failure: fault, asked: ['replace'] });
  });
  it.each([
    ['was deleted', 'deleted'],
    ['is another one of its name', { metadata: { ...metadata, uid: 'y' } }],
    ['has another version', { metadata: { ...metadata, generation: 2 } }],
  ] as const)('is given up for an object that %s', async (_what, live) => {
    const conflict = new SealedSecretsError('ERR_CONFLICT', 'the object has been modified');
    const written = await writing(conflict, live);
    expect(written.failure).toBeUndefined();
    expect(written.asked).toEqual(['replace', 'get']);
  });
});
