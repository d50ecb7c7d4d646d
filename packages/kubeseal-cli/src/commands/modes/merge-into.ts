import {
  printable,
  type Recipient,
  type Scope,
  type SealedSecret,
  SealedSecretsError,
  type Secret,
  scopeOf,
  sealSecret,
  type ValueFormat,
  withScope,
} from '@fuin/crypto-core';
import type { ManifestDocument } from '@fuin/manifests';
import type { TextEdit } from '@fuin/manifests/edit-in-place';
import { adviseOnScope, adviseOnSecret } from '../../input/advice.ts';
import { adviseOnLoss, factsOfValue, presentFormat, refuseDowngrade } from '../../input/sealed-format.ts';
import {
  chooseSealed,
  openSealedSecrets,
  refuseLegacyData,
  type SealedInput,
} from '../../input/sealed-secrets.ts';
import { explainUnsealed, readSecrets, type SecretInput, type SecretOverrides } from '../../input/secrets.ts';
import type { Invocation } from '../../invocation/invocation.ts';
import type { SealingFormat } from '../../invocation/sealing-format.ts';
import { usageError } from '../../invocation/usage-error.ts';
import type { Warn } from '../../invocation/warnings.ts';
import { readInput } from '../../io/files.ts';
import { readFirstInput } from '../../io/inputs.ts';
import { atomicWrite } from '../../output/atomic-write.ts';
import { withProgress } from '../../output/progress.ts';
import { openSealingKey } from '../access/certificate.ts';
import { settleSignatures } from '../access/signature/settle.ts';
import { signerOf } from '../access/signature/signer.ts';
import { noteCertificate } from '../access/used-certificate.ts';

/**
 * Seals the items of the input for the SealedSecret in a file and merges them into that file. The rest of the
 * file is unchanged.
 */
export async function mergeInto(invocation: Invocation): Promise<void> {
  const { io, mergeInto: file, inputs, output, target, kubeconfig, format: terms, warns, warn } = invocation;
  const signer = signerOf(invocation.signingKey, io);
  if (output.file !== '') {
    throw usageError(
      '--sealed-secret-file cannot be used with --merge-into',
      `--merge-into changes ${file} in place`,
    );
  }
  const bytes = await readInput(io.cwd, file, 'merge-into');
  const { file: manifests, sealed: targets } = await openSealedSecrets({ bytes, where: file }, warn);
  refuseLegacyData(targets);
  const formats = new Set(targets.map(({ sealedSecret }) => terms.asked ?? presentFormat(sealedSecret)));
  const recipients = new Map<ValueFormat, Recipient>();
  for (const format of formats) recipients.set(format, await openSealingKey(invocation, format));
  const chosen = new Map<string, SealedInput>();
  const place = { ...target, contextNamespace: kubeconfig.namespace };
  const secrets = await readSecrets(await readFirstInput(inputs, io), place, warn, (secret, label) => {
    const name = target.name || secret.metadata.name;
    const namespace = secret.metadata.namespace || target.namespace;
    const found = chooseSealed({ name, namespace }, targets, file, "the Secret's name and namespace");
    chosen.set(label, found);
    return overridesFrom(found.sealedSecret);
  });
  const edits: TextEdit[] = [];
  await withProgress(io, { doing: 'sealing', total: secrets.length }, async (step) => {
    for (const { secret, label } of secrets) {
      const { sealedSecret, document } = chosen.get(label) as SealedInput;
      const scope = scopeOf(sealedSecret.metadata.annotations);
      refuseOtherScope(target.scope, scope, file);
      refuseOtherScope(scopeOf(secret.metadata.annotations), scope, file, label);
      const recipient = recipients.get(terms.asked ?? presentFormat(sealedSecret)) as Recipient;
      const sealed = await sealSecret(inScope(secret, scope), recipient, undefined, terms).catch(
        (error: unknown) => {
          throw explainUnsealed(error, label);
        },
      );
      if (target.isStrictAsked) adviseOnScope(scope, file, warn);
      await adviseOnSecret(secret, label, warn);
      refuseLoss(sealed, sealedSecret, terms, file);
      adviseOnItems(sealed, sealedSecret, file, warn);
      edits.push(...editsFrom(sealed, document));
      step();
    }
  });
  if (warns) for (const recipient of recipients.values()) await noteCertificate(recipient, invocation);
  const changed = [...chosen.values()].map(({ document }) => document);
  const content = await manifests.rewrite(edits);
  await atomicWrite(io.cwd, file, await settleSignatures(content, file, { signer, changed, warn }));
}

/**
 * Refuses what nobody asks for in so many words, since the advice of this mode is shown at a terminal only.
 *
 * @throws ERR_USAGE for a value of v2 that would become one of v1, or one for fewer keys
 */
function refuseLoss(
  sealed: SealedSecret,
  { spec }: SealedSecret,
  { isTyped, recipients }: SealingFormat,
  file: string,
): void {
  for (const [item, text] of Object.entries(sealed.spec.encryptedData)) {
    const before = Object.hasOwn(spec.encryptedData, item) ? spec.encryptedData[item] : undefined;
    const [old, fresh] = [before ?? '', text].map(factsOfValue);
    if (old?.format !== 'v2' || !fresh) continue;
    const where = `${file}: ${printable(item)}`;
    if (!isTyped) refuseDowngrade(old, fresh.format, where);
    const isForFewer = fresh.format === 'v2' && fresh.recipients.length < old.recipients.length;
    if (isForFewer && recipients.length === 0)
      throw usageError(
        `${where} is sealed for ${old.recipients.length} keys, and must not become a value for fewer`,
        'name all of them: --recipient',
      );
  }
}

/**
 * Names the added items, since a mistyped name adds an item instead of replacing one, and what replaced ones
 * lose.
 */
function adviseOnItems(sealed: SealedSecret, { spec }: SealedSecret, file: string, warn: Warn): void {
  for (const [item, text] of Object.entries(sealed.spec.encryptedData))
    if (Object.hasOwn(spec.encryptedData, item))
      adviseOnLoss(spec.encryptedData[item] ?? '', text, `${file}: ${printable(item)}`, warn);
  const old = Object.keys(spec.encryptedData);
  const added = Object.keys(sealed.spec.encryptedData).filter((item) => !old.includes(item));
  if (added.length === 0) return;
  const beside = old.length === 0 ? '' : `; it had ${old.join(', ')}`;
  warn(`note: ${file} gets new items: ${added.join(', ')}${beside}`);
}

function overridesFrom({ metadata }: SealedSecret): SecretOverrides {
  return {
    scope: scopeOf(metadata.annotations),
    ...(metadata.name ? { name: metadata.name } : {}),
    ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
  };
}

/** Items sealed for another scope than the file's could never be opened. */
function refuseOtherScope(asked: Scope, scope: Scope, file: string, label?: SecretInput['label']): void {
  if (asked === 'strict' || asked === scope) return;
  const who = label === undefined ? `--scope is ${asked}` : `${label} asks for scope ${asked}`;
  throw new SealedSecretsError('ERR_USAGE', `${who} but ${file} has scope ${scope}`, {
    hint: 'all items of a SealedSecret share its scope: seal the Secret again to change it',
  });
}

function inScope(secret: Secret, scope: Scope): Secret {
  return {
    ...secret,
    metadata: { ...secret.metadata, annotations: withScope(secret.metadata.annotations ?? {}, scope) },
  };
}

function editsFrom({ spec }: SealedSecret, { index, path: place }: ManifestDocument): TextEdit[] {
  const edit = (path: readonly string[], entries: Readonly<Record<string, string>>) =>
    Object.entries(entries).map(([key, text]) => ({ document: index, path: [...place, ...path, key], text }));
  const { annotations = {}, labels = {} } = spec.template?.metadata ?? {};
  return [
    ...edit(['spec', 'encryptedData'], spec.encryptedData),
    // the file keeps its own scope annotation
    ...edit(['spec', 'template', 'metadata', 'annotations'], withScope(annotations, 'strict')),
    ...edit(['spec', 'template', 'metadata', 'labels'], labels),
  ];
}
