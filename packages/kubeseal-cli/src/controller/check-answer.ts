import {
  API_VERSION,
  KIND,
  looksSealed,
  parseSealedSecret,
  printable,
  type SealedSecret,
  SealedSecretsError,
  scopeOf,
  valueFactsOf,
} from '@fuin/crypto-core';

/**
 * A controller's answer to a request to re-encrypt a SealedSecret, without the fields that the API server
 * owns. Upstream's controller omits kind and apiVersion, and adds sealed results of templates. Any other
 * difference is refused: a wider scope or another name would be a way to steal values, another type or label
 * a way to use them.
 *
 * @throws ERR_API_REJECTED, ERR_MANIFEST_INVALID
 */
export function checkedAnswer(body: Uint8Array, before: SealedSecret): object {
  return checkedObject(parseAnswer(body), before);
}

/** The same for an answer that was parsed already. @throws ERR_API_REJECTED, ERR_MANIFEST_INVALID */
export function checkedObject(given: object, before: SealedSecret): object {
  const value = { kind: KIND, apiVersion: API_VERSION, ...given };
  const answer = parseSealedSecret(value);
  const difference = differenceOf(answer, before);
  if (difference) {
    throw new SealedSecretsError(
      'ERR_API_REJECTED',
      `the controller answered with another ${difference} than the SealedSecret has`,
    );
  }
  for (const [item, value] of Object.entries(before.spec.encryptedData))
    refuseDowngrade(value, answer.spec.encryptedData[item] ?? '', item);
  const {
    creationTimestamp: _created,
    deletionTimestamp: _deleted,
    generation: _generation,
    ...kept
  } = answer.metadata;
  return { ...value, metadata: kept };
}

/**
 * Refuses a value of format v1 in the place of one of v2: that is not for a controller to decide.
 *
 * @throws ERR_API_REJECTED
 */
function refuseDowngrade(before: string, after: string, item: string): void {
  const [was, is] = [before, after].map(
    (text) => looksSealed(text) === 'sealed' && valueFactsOf(text).format,
  );
  if (was === 'v2' && is === 'v1')
    throw new SealedSecretsError(
      'ERR_API_REJECTED',
      `the controller answered with a value of format v1 for the item ${printable(item)}, which is of v2`,
    );
}

function parseAnswer(body: Uint8Array): object {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // falls through
  }
  throw new SealedSecretsError('ERR_API_REJECTED', 'cannot re-encrypt secret: the answer is not JSON');
}

function differenceOf(answer: SealedSecret, before: SealedSecret): string | undefined {
  const [own, sent] = [answer.spec.template ?? {}, before.spec.template ?? {}];
  const sealable = { ...before.spec.encryptedData, ...sent.data };
  const checks: Readonly<Record<string, boolean>> = {
    scope: scopeOf(answer.metadata.annotations) === scopeOf(before.metadata.annotations),
    name: answer.metadata.name === before.metadata.name,
    namespace: (answer.metadata.namespace ?? '') === (before.metadata.namespace ?? ''),
    type: (own.type ?? '') === (sent.type ?? ''),
    'set of items': Object.keys(answer.spec.encryptedData).every((item) => Object.hasOwn(sealable, item)),
    template:
      (own.immutable ?? false) === (sent.immutable ?? false) &&
      addsNothing(own.data, sent.data) &&
      addsNothing(own.metadata?.labels, sent.metadata?.labels) &&
      addsNothing(own.metadata?.annotations, sent.metadata?.annotations),
  };
  return Object.keys(checks).find((name) => !checks[name]);
}

type Texts = Readonly<Record<string, string | null>> | null;

function addsNothing(after: Texts = {}, before: Texts = {}): boolean {
  return Object.entries(after ?? {}).every(
    ([key, value]) => Object.hasOwn(before ?? {}, key) && (before?.[key] ?? '') === (value ?? ''),
  );
}
