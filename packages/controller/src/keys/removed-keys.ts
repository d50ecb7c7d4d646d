import { KEY_ANNOTATIONS } from '@fuin/crypto-core';
import { parseCertificate } from '@fuin/crypto-core/x509';
import { type ApiClient, type KubeObject, SECRETS } from '@fuin/kube/client';
import { RecentMap } from '@fuin/kube/recent-map';
import { recordOf } from '@fuin/kube/record';
import { describeError, type Logger } from '../log.ts';
import { certificateTextOf, isMadeBySealedSecret } from './key-secret.ts';
import { LABEL_OF } from './kinds.ts';

/** A key for each month of 20 years. */
const MAX_KEYS = 240;
/** Value of the key label on a key Secret that `kubeseal keys retire` took out of service. */
const RETIRED = 'retired';
const LABELS = [...new Set(Object.values(LABEL_OF))];

/** Where the key Secrets are. */
interface KeyPlace {
  readonly client: Pick<ApiClient, 'list'>;
  readonly namespace: string;
}

/**
 * What this process knows of keys that open nothing here any more, by fingerprint, in words for a person. It
 * holds dates and no text of an object.
 */
export class RemovedKeys {
  readonly #words = new RecentMap<string>(MAX_KEYS);

  /** `out of service here since 2026-11-30`; undefined for a key that was never seen. */
  get(fingerprint: string): string | undefined {
    return this.#words.get(fingerprint);
  }

  /** Notes that no Secret in service holds a key any more. */
  noteLoss(fingerprint: string, at: Date): void {
    this.#words.set(fingerprint, `out of service here since ${dayOf(at)}`);
  }

  /** Notes a key Secret that was retired. One that a SealedSecret could have made counts for nothing. */
  async noteRetired(secret: KubeObject): Promise<void> {
    if (isMadeBySealedSecret(secret)) return;
    const fingerprint = await publicIdOf(secret);
    const at = new Date(secret.metadata.annotations?.[KEY_ANNOTATIONS.retired] ?? '');
    const words = Number.isNaN(at.getTime()) ? 'retired' : `retired on ${dayOf(at)} by kubeseal keys retire`;
    this.#words.set(fingerprint, words);
  }
}

/**
 * Reads the retired key Secrets of every kind. They only make messages better, so nothing depends on them.
 */
export async function readRetiredKeys(
  removed: RemovedKeys,
  { log, ...place }: KeyPlace & { readonly log: Pick<Logger, 'debug'> },
): Promise<void> {
  const noteAll = async (label: string) => {
    const noting = (await listRetired(label, place)).map((secret) => removed.noteRetired(secret));
    for (const each of await Promise.allSettled(noting))
      if (each.status === 'rejected') log.debug('a retired key cannot be read', describeError(each.reason));
  };
  for (const each of await Promise.allSettled(LABELS.map(noteAll)))
    if (each.status === 'rejected') log.debug('no retired keys can be read', describeError(each.reason));
}

/** Whether a key Secret is marked as retired, of whatever kind; no if the server does not answer. */
export async function isRetired(name: string, place: KeyPlace): Promise<boolean> {
  const named = async (label: string) =>
    (await listRetired(label, place)).some(({ metadata }) => metadata.name === name);
  const answers = await Promise.allSettled(LABELS.map(named));
  return answers.some((answer) => answer.status === 'fulfilled' && answer.value);
}

async function listRetired(label: string, { client, namespace }: KeyPlace): Promise<readonly KubeObject[]> {
  return (await client.list(SECRETS, { namespace, labelSelector: `${label}=${RETIRED}` })).items;
}

/** The fingerprint of a key by what every kind of Secret holds in the clear: certificate or public key. */
async function publicIdOf(secret: KubeObject): Promise<string> {
  if (Object.hasOwn(recordOf(secret['data']), 'tls.crt'))
    return (await parseCertificate(certificateTextOf(secret))).recipient.id;
  return (await import('./x-wing-secret.ts')).publicIdOfV2(secret);
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
