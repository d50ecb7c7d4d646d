import { SealedSecretsError } from '@fuin/crypto-core';
import { importRecipient, parseRecipient, type XWingRecipient } from '@fuin/crypto-core/v2';
import type { Warn } from '../invocation/warnings.ts';
import { fieldsOf } from '../io/fields.ts';
import { endsSoon } from './certificate/certificate.ts';
import { nativeSuite } from './suite.ts';

/** Room for far more keys than a controller keeps. */
const MAX_BYTES = 1024 * 1024;
/** Clocks differ: like a certificate, a key that begins a little later counts. */
const CLOCK_SKEW_MS = 300_000;

/** One key of format v2 that a controller opens values with. */
export interface ServedRecipient {
  readonly recipient: XWingRecipient;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/**
 * The keys that a controller serves, newest first (docs/post-quantum.md). Entries of another format or suite
 * are passed over: a later controller may have them.
 *
 * @throws ERR_API_REJECTED for anything else, and for a name that is not the key's
 */
export async function readServed(body: Uint8Array): Promise<ServedRecipient[]> {
  if (body.length > MAX_BYTES) throw invalid('it is over 1 MiB');
  const served: ServedRecipient[] = [];
  for (const each of entriesOf(body)) {
    const { id, recipient: text, suite, format, notBefore, notAfter } = fieldsOf(each);
    if (format !== 'v2' || suite !== 1) continue;
    const [from, to] = [notBefore, notAfter].map((time) => new Date(String(time)));
    if (typeof text !== 'string' || !from || !to || Number.isNaN(from.getTime() + to.getTime()))
      throw invalid('an entry lacks its recipient, or its times');
    const recipient = await recipientIn(text);
    if (recipient.id !== id) throw invalid('an entry has the name of another key');
    served.push({ recipient, notBefore: from, notAfter: to });
  }
  return served;
}

/**
 * The newest of them that may be sealed for now.
 *
 * @throws ERR_CERTIFICATE_INVALID where all have expired, or none has begun
 */
export function newestServed(served: readonly ServedRecipient[], now: Date, warn: Warn): XWingRecipient {
  const usable = served.find(
    ({ notBefore, notAfter }) =>
      notBefore.getTime() <= now.getTime() + CLOCK_SKEW_MS && now.getTime() <= notAfter.getTime(),
  );
  if (!usable)
    throw new SealedSecretsError(
      'ERR_CERTIFICATE_INVALID',
      'no key of format v2 of the controller is valid now',
      {
        hint: 'the controller renews its keys: --key-renew-period. Is the clock of this machine right?',
      },
    );
  if (endsSoon(usable.notAfter, now))
    warn(`warning: the controller's key of format v2 expires on ${usable.notAfter.toISOString()}`);
  return usable.recipient;
}

async function recipientIn(text: string): Promise<XWingRecipient> {
  try {
    return await importRecipient(parseRecipient(text), nativeSuite());
  } catch (error) {
    throw error instanceof SealedSecretsError ? invalid(error.message) : error;
  }
}

function entriesOf(body: Uint8Array): readonly unknown[] {
  let answer: unknown;
  try {
    answer = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    throw invalid('it is not JSON');
  }
  const { recipients } = fieldsOf(answer);
  if (!Array.isArray(recipients) || recipients.length === 0) throw invalid('it lists no recipients');
  return recipients;
}

function invalid(reason: string): SealedSecretsError {
  return new SealedSecretsError(
    'ERR_API_REJECTED',
    `the answer of the controller at /v2/recipients: ${reason}`,
  );
}
