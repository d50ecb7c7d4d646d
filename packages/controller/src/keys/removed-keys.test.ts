import { KEY_ANNOTATIONS, KEY_LABEL, KEY_TYPES, SEALING_KEY_LABEL } from '@fuin/crypto-core';
import type { KubeObject } from '@fuin/kube/client';
import { describe, expect, it } from 'vitest';
import { keySecret, recordingLog, xWingKeySecret } from '../testing/recorders.ts';
import { isRetired, RemovedKeys, readRetiredKeys } from './removed-keys.ts';

const made = await keySecret('old', { notBefore: new Date('2026-01-01') });
const retired = (annotations: Readonly<Record<string, string>>, data?: object): KubeObject => ({
  ...made.secret,
  metadata: { ...made.secret.metadata, labels: { [KEY_LABEL]: 'retired' }, annotations },
  ...(data ? { data } : {}),
});
const AT = 'sealedsecrets.bitnami.com/retired-at';

const RETIRED_ON = 'retired on 2026-11-30 by kubeseal keys retire';

/** What is known of the key after the retired key Secrets were read. */
async function knownAfter(...items: KubeObject[]) {
  return (await allAfter(items)).get(made.keyPair.id);
}

/** The same of all keys, from a server that selects by label. */
async function allAfter(items: readonly KubeObject[]): Promise<RemovedKeys> {
  const removed = new RemovedKeys();
  const list = async (_: unknown, { labelSelector = '' }) => {
    const [label = '', value] = labelSelector.split('=');
    return {
      items: items.filter(({ metadata }) => metadata.labels?.[label] === value),
      resourceVersion: '1',
    };
  };
  await readRetiredKeys(removed, { client: { list }, namespace: 'kube-system', log: recordingLog() });
  return removed;
}

describe('RemovedKeys', () => {
  it('says since when a key is out of service', () => {
    const removed = new RemovedKeys();
    expect(removed.get(made.keyPair.id)).toBeUndefined();
    removed.noteLoss(made.keyPair.id, new Date('2026-11-30T23:00:00Z'));
    expect(removed.get(made.keyPair.id)).toBe('out of service here since 2026-11-30');
  });
  it.each([
    [{ [AT]: '2026-11-30T10:00:00.000Z' }, RETIRED_ON],
    [{}, 'retired'],
    [{ [AT]: 'yesterday, says {{ .password }}' }, 'retired'],
    [{ [AT]: '2026-11-30T10:00:00Z', 'sealedsecrets.bitnami.com/managed': 'true' }, undefined],
  ])('reads when a key was retired, and no text: %j', async (annotations, words) => {
    expect(await knownAfter(retired(annotations))).toBe(words);
  });
  it('reads it of keys of format v2 and of wrapped keys, which have a label of their own', async () => {
    const notBefore = new Date('2026-01-01');
    const [plain, other] = [
      await xWingKeySecret('a', { notBefore }),
      await xWingKeySecret('b', { notBefore }),
    ];
    const own = ({ metadata, ...secret }: KubeObject): KubeObject => {
      const annotations = { ...metadata.annotations, [AT]: '2026-11-30T10:00:00Z' };
      return {
        ...secret,
        metadata: { ...metadata, labels: { [SEALING_KEY_LABEL]: 'retired' }, annotations },
      };
    };
    const wrapped = (secret: KubeObject, item: string): KubeObject => {
      const { [item]: visible } = Object(secret['data']) as Record<string, string>;
      const data = { [item]: visible, 'wrapped-key': 'AAAA', wrapper: 'AAAA' };
      return { ...own(secret), type: KEY_TYPES.wrapped, data };
    };
    const removed = await allAfter([
      own(plain),
      wrapped(other, 'public-key'),
      wrapped(made.secret, 'tls.crt'),
    ]);
    const idOf = ({ metadata }: KubeObject) => metadata.annotations?.[KEY_ANNOTATIONS.fingerprint] ?? '';
    for (const fingerprint of [idOf(plain), idOf(other), made.keyPair.id])
      expect(removed.get(fingerprint)).toBe(RETIRED_ON);
  });
  it('passes over a retired Secret that cannot be read, and over a server that refuses', async () => {
    const broken = retired({}, { 'tls.crt': 'AAAA' });
    expect(await knownAfter(broken, retired({}))).toBe('retired');
    const client = { list: () => Promise.reject(new Error('403')) };
    const log = recordingLog();
    await readRetiredKeys(new RemovedKeys(), { client, namespace: 'kube-system', log });
  });
  it('forgets the oldest of many', () => {
    const removed = new RemovedKeys();
    for (let at = 0; at < 1_000; at++) removed.noteLoss(`key ${at}`, new Date(0));
    expect([removed.get('key 0'), removed.get('key 999')]).toEqual([undefined, expect.any(String)]);
  });
});

describe('isRetired', () => {
  const asked = (name: string, answer: (selector: string) => KubeObject[]) => {
    const list = async (_: unknown, { labelSelector = '' }) => ({
      items: answer(labelSelector),
      resourceVersion: '1',
    });
    return isRetired(name, { client: { list }, namespace: 'kube-system' });
  };
  it.each([KEY_LABEL, SEALING_KEY_LABEL])('finds a Secret that %s marks as retired', async (label) => {
    const items = (selector: string) => (selector === `${label}=retired` ? [retired({})] : []);
    expect(await asked('old', items)).toBe(true);
    expect(await asked('other', items)).toBe(false);
  });
  it('says no while the server refuses', async () => {
    const refuse = () => {
      throw new Error('403');
    };
    expect(await asked('old', refuse)).toBe(false);
  });
});
