import {
  parseSecret,
  type Recipient,
  type SealedSecret,
  type Secret,
  scopeOf,
  sealSecret,
} from '@fuin/crypto-core';
import { type ManifestDocument, SECRET_SHAPE, withOwnNames } from '@fuin/manifests';
import { sealStream } from '../commands/render/seal-stream.ts';
import { adviseOnSecret, adviseOnType } from '../input/advice.ts';
import { explainUnsealed } from '../input/secrets.ts';
import { usageError } from '../invocation/usage-error.ts';
import type { Warn } from '../invocation/warnings.ts';
import type { Sealing } from './sealing.ts';
import { type EditorText, whereOf } from './world.ts';

/** A text whose Secrets were sealed. */
export interface SealedText {
  readonly text: string;
  /** How many Secrets it had. */
  readonly count: number;
  /** Id of the key, or of the keys, that open the values. */
  readonly sealedWith: string;
}

/**
 * Seals every Secret of a text, as kubeseal does. Other documents stay byte for byte; comments inside of a
 * Secret go, because they may quote a value.
 *
 * @throws ERR_MANIFEST_INVALID where there is no Secret in the clear, ERR_USAGE, the errors of the key
 */
export async function sealText(source: EditorText, sealing: Sealing, warn: Warn): Promise<SealedText> {
  const where = whereOf(source);
  let opening: Promise<Recipient> | undefined;
  let count = 0;
  const seal = async (document: ManifestDocument) => {
    opening ??= sealing.recipientFor(sealing.terms.asked ?? 'v1');
    const sealed = await sealOne(document, await opening, sealing, warn);
    count += 1;
    return sealed;
  };
  const format = /^\s*\{/.test(source.text) ? 'json' : 'yaml';
  const text = await sealStream({ text: source.text, where, format }, seal, warn);
  if (!opening) throw usageError(`${where} holds no Secret in the clear`);
  return { text, count, sealedWith: (await opening).id };
}

async function sealOne(
  { label, value }: ManifestDocument,
  recipient: Recipient,
  { terms, rule }: Sealing,
  warn: Warn,
): Promise<SealedSecret> {
  try {
    const secret = placed(parseSecret(withOwnNames(value, SECRET_SHAPE)), rule, label);
    await adviseOnSecret(secret, label, warn);
    adviseOnType(secret, label, warn);
    return await sealSecret(secret, recipient, rule?.scope ?? 'strict', terms);
  } catch (error) {
    throw explainUnsealed(error, label);
  }
}

/** The Secret with the namespace of the rule where it names none. @throws ERR_USAGE */
function placed(secret: Secret, rule: Sealing['rule'], label: string): Secret {
  const { name = '', namespace: own = '', annotations } = secret.metadata;
  const scope = rule?.scope === undefined || rule.scope === 'strict' ? scopeOf(annotations) : rule.scope;
  if (name === '') throw usageError(`${label} has no name`, 'add metadata.name');
  const namespace = own || (scope === 'cluster-wide' ? '' : (rule?.namespace ?? ''));
  if (namespace === '' && scope !== 'cluster-wide')
    throw usageError(
      `${label} has no namespace`,
      'add metadata.namespace, or a rule with it to .kubeseal.yaml',
    );
  return { ...secret, metadata: { ...secret.metadata, ...(namespace === '' ? {} : { namespace }) } };
}
