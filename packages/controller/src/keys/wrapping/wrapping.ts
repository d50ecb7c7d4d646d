import type { KeyContext, PlainKey, SecretData } from '@fuin/cloud';
import { KEY_ANNOTATIONS } from '@fuin/crypto-core';
import type { KubeObject } from '@fuin/kube/client';
import { recordOf } from '@fuin/kube/record';
import { invalid } from '../key-secret.ts';

/** The key services that wrap sealing keys at rest. */
export interface Wrapping {
  /** For a person: the key by which new sealing keys are wrapped. */
  readonly description: string;
  /** The items of a wrapped key Secret out of those of a plain one. */
  wrap(data: SecretData, context: KeyContext): Promise<SecretData>;
  /** The items of the plain key Secret. */
  unwrap(data: SecretData, context: KeyContext): Promise<PlainKey>;
  /** How long to wait after an error of a call: `ownMs`, or longer where the service asks for it. */
  pauseMsAfter(error: unknown, ownMs: number): number;
  /** Whether a key may be damaged, or the service may have given a wrong data key: nobody can tell which. */
  isWrongDataKey(error: unknown): boolean;
  close(): Promise<void>;
}

/**
 * Opens the key services by their names, of which the first wraps new keys. Loads the code for them; a
 * controller without key services loads none of it. Asks no service yet.
 *
 * @throws ERR_USAGE
 */
export async function openWrapping(
  names: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<Wrapping | undefined> {
  if (names.length === 0) return undefined;
  const { isWrongDataKey, openWrapper, pauseMsAfter, unwrapSecretData, wrapSecretData } = await import(
    '@fuin/cloud'
  );
  const [first, ...others] = await Promise.all(names.map((name) => openWrapper(name, { env })));
  if (!first) return undefined;
  const wrappers = [first, ...others];
  return {
    description: first.describe(),
    wrap: (data, context) => wrapSecretData(data, context, first),
    unwrap: (data, context) => unwrapSecretData(data, context, wrappers),
    pauseMsAfter,
    isWrongDataKey,
    close: async () => void (await Promise.all(wrappers.map((each) => each.close()))),
  };
}

/** The items of a Secret. */
export function dataOf(secret: KubeObject): SecretData {
  const entries = Object.entries(recordOf(secret['data']));
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** What a wrapped key Secret is bound to. @throws ERR_KEY_SECRET_INVALID */
export function contextOf({ metadata }: KubeObject): KeyContext {
  const { namespace = '', name = '', annotations = {} } = metadata;
  const fingerprint = annotations[KEY_ANNOTATIONS.fingerprint] ?? '';
  if (fingerprint === '')
    throw invalid(name, `the annotation ${KEY_ANNOTATIONS.fingerprint} is missing, to which it is bound`);
  return { namespace, name, fingerprint };
}
