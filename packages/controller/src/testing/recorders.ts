import { generateKeyPair, type RsaKeyPair } from '@fuin/crypto-core';
import { createCertificate } from '@fuin/crypto-core/x509';
import type { KubeObject } from '@fuin/kube/client';
import type { EventRecorder } from '@fuin/kube/events';
import { toKeySecret } from '../keys/key-secret.ts';
import type { Refusals } from '../keys/refusals.ts';
import type { Locks } from '../keys/registry.ts';
import { drawXWingKey } from '../keys/x-wing-secret.ts';
import type { Logger } from '../log.ts';

const YEAR_MS = 365 * 86_400_000;

/** A log that keeps its lines, for tests. */
export function recordingLog(): Logger & { readonly lines: string[] } {
  const lines: string[] = [];
  const write = (level: string) => (message: string, fields?: object) => {
    lines.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`);
  };
  return { lines, debug: write('DEBUG'), info: write('INFO'), warn: write('WARN'), error: write('ERROR') };
}

/** A recorder that keeps `reason: message` of each event, for tests. */
export function recordingEvents(): EventRecorder & { readonly texts: string[] } {
  const texts: string[] = [];
  return {
    texts,
    record: (_target, _type, reason, message) => void texts.push(`${reason}: ${message}`),
    flush: () => Promise.resolve(),
  };
}

/** For registries in whose tests no key Secret must be refused. */
export const noRefusals: Pick<Refusals, 'has' | 'refuse'> = {
  has: () => false,
  refuse: async () => undefined,
};

/** For registries in whose tests no key is wrapped. */
export const noLocks: Locks = {
  unlock: () => {
    throw new Error('no key of this test is wrapped');
  },
  forget: () => undefined,
  since: () => undefined,
};

/** A key Secret and the pair in it. */
export interface MadeKey {
  readonly secret: KubeObject;
  readonly keyPair: RsaKeyPair;
}

/** A fresh key pair as a key Secret from the server, for tests. */
export async function keySecret(
  name: string,
  {
    notBefore = new Date('2026-01-01T00:00:00Z'),
    createdAt = notBefore,
  }: { notBefore?: Date; createdAt?: Date } = {},
): Promise<MadeKey> {
  const keyPair = await generateKeyPair(2048);
  const notAfter = new Date(notBefore.getTime() + 86_400_000);
  const certificatePem = await createCertificate(keyPair, { commonName: '', notBefore, notAfter });
  const secret = toKeySecret({
    keyPair,
    certificatePem,
    namespace: 'home',
    prefix: name,
    labels: {},
    annotations: {},
  });
  const metadata = {
    ...secret.metadata,
    name,
    uid: `uid-${name}`,
    creationTimestamp: createdAt.toISOString(),
  };
  return { secret: { ...secret, metadata }, keyPair };
}

/** Key Secrets of two months, for tests. */
export async function keySecretsOfTwoMonths() {
  const [january, march] = await Promise.all([
    keySecret('january', { notBefore: new Date('2026-01-01') }),
    keySecret('march', { notBefore: new Date('2026-03-01') }),
  ]);
  return { january, march };
}

/** A fresh key of format v2 as a key Secret from the server, for tests. It is sealed with for a year. */
export async function xWingKeySecret(
  name: string,
  { notBefore }: { readonly notBefore: Date },
): Promise<KubeObject> {
  const drawn = await drawXWingKey({ prefix: name, labels: {}, annotations: {} }, 'home');
  const secret = await drawn.toSecret({ notBefore, notAfter: new Date(notBefore.getTime() + YEAR_MS) });
  const creationTimestamp = notBefore.toISOString();
  return { ...secret, metadata: { ...secret.metadata, name, uid: `uid-${name}`, creationTimestamp } };
}
