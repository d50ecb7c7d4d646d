import { KEY_ANNOTATIONS, KEY_LABEL } from '@fuin/crypto-core';
import { parseCertificate } from '@fuin/crypto-core/x509';
import { type ApiClient, type KubeObject, SECRETS } from '@fuin/kube/client';
import { RecentMap } from '@fuin/kube/recent-map';
import { describeError, type Logger } from '../log.ts';
import { certificateTextOf, isMadeBySealedSecret } from './key-secret.ts';
import { LABEL_OF } from './kinds.ts';

/** A key for each month of 20 years. */
const MAX_KEYS = 240;
/** Value of the key label on a key Secret that `kubeseal keys retire` took out of service. */
const RETIRED = 'retired';

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
    const { recipient } = await parseCertificate(certificateTextOf(secret));
    const at = new Date(secret.metadata.annotations?.[KEY_ANNOTATIONS.retired] ?? '');
    const words = Number.isNaN(at.getTime()) ? 'retired' : `retired on ${dayOf(at)} by kubeseal keys retire`;
    this.#words.set(recipient.id, words);
  }
}

/** Reads the retired key Secrets. They only make messages better, so nothing depends on them. */
export async function readRetiredKeys(
  removed: RemovedKeys,
  {
    client,
    namespace,
    log,
  }: { client: Pick<ApiClient, 'list'>; namespace: string; log: Pick<Logger, 'debug'> },
): Promise<void> {
  try {
    const { items } = await client.list(SECRETS, { namespace, labelSelector: `${KEY_LABEL}=${RETIRED}` });
    const read = await Promise.allSettled(items.map((secret) => removed.noteRetired(secret)));
    for (const each of read)
      if (each.status === 'rejected') log.debug('a retired key cannot be read', describeError(each.reason));
  } catch (error) {
    log.debug('no retired keys can be read', describeError(error));
  }
}

/** Whether a key Secret is marked as retired, of whatever kind; no if the server does not answer. */
export async function isRetired(
  name: string,
  { client, namespace }: { readonly client: Pick<ApiClient, 'list'>; readonly namespace: string },
): Promise<boolean> {
  const named = async (label: string) => {
    const { items } = await client.list(SECRETS, { namespace, labelSelector: `${label}=${RETIRED}` });
    return items.some(({ metadata }) => metadata.name === name);
  };
  const answers = await Promise.allSettled([...new Set(Object.values(LABEL_OF))].map(named));
  return answers.some((answer) => answer.status === 'fulfilled' && answer.value);
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
