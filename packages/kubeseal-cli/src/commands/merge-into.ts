import {
  type Scope,
  type SealedSecret,
  SealedSecretsError,
  type Secret,
  scopeOf,
  sealSecret,
  withScope,
} from '@fuin/crypto-core';
import type { ManifestDocument, TextEdit } from '@fuin/manifests';
import { openCertificate, readSealingKey } from '../certificate/certificate.ts';
import { adviseOnScope, adviseOnSecret } from '../input/advice.ts';
import { openSealedSecrets, type SealedInput } from '../input/sealed-secrets.ts';
import { explainUnsealed, readSecrets, type SecretInput, type SecretOverrides } from '../input/secrets.ts';
import type { Flags } from '../invocation/flags.ts';
import { type Invocation, readWholeInput, usageError } from '../invocation/invocation.ts';
import { readInput } from '../io/files.ts';
import { atomicWrite } from '../output/atomic-write.ts';
import { withProgress } from '../output/progress.ts';

/** Seals the items of the input for the SealedSecret in a file and puts them into that file; everything else of it stays as it is. */
export async function mergeInto(invocation: Invocation): Promise<void> {
  const { flags, io } = invocation;
  const file = flags['merge-into'];
  if (flags['sealed-secret-file']) {
    throw usageError(
      '--sealed-secret-file cannot be used with --merge-into',
      `--merge-into changes ${file} in place`,
    );
  }
  const recipient = await readSealingKey(await openCertificate(invocation), invocation);
  const bytes = await readInput(io.cwd, file, 'merge-into');
  const { file: manifests, sealed: targets } = await openSealedSecrets(invocation, { bytes, where: file });
  refuseLegacyData(targets);
  const chosen = new Map<string, SealedInput>();
  const secrets = await readSecrets(invocation, await readWholeInput(invocation), (secret, label) => {
    const target = targetFor(secret, targets, { file, flags });
    chosen.set(label, target);
    return overridesFrom(target.sealedSecret);
  });
  const edits: TextEdit[] = [];
  await withProgress(io, { doing: 'sealing', total: secrets.length }, async (step) => {
    for (const { secret, label } of secrets) {
      const target = chosen.get(label) as SealedInput;
      const scope = scopeOf(target.sealedSecret.metadata.annotations);
      refuseOtherScope(flags.scope, scope, file);
      refuseOtherScope(scopeOf(secret.metadata.annotations), scope, file, label);
      const sealed = await sealSecret(inScope(secret, scope), recipient).catch((error: unknown) => {
        throw explainUnsealed(error, label);
      });
      adviseOnScope(scope, file, invocation);
      await adviseOnSecret(secret, label, invocation);
      noteNewItems(sealed, target.sealedSecret, invocation);
      edits.push(...editsFrom(sealed, target.document));
      step();
    }
  });
  if (invocation.warns) await (await import('../certificate/note.ts')).noteCertificate(recipient, invocation);
  await atomicWrite(io.cwd, file, await manifests.rewrite(edits));
}

/** A slip in the name of an item adds one instead of replacing it. */
function noteNewItems(sealed: SealedSecret, { spec }: SealedSecret, { flags, warn }: Invocation): void {
  const old = Object.keys(spec.encryptedData);
  const added = Object.keys(sealed.spec.encryptedData).filter((item) => !old.includes(item));
  if (added.length === 0) return;
  const beside = old.length === 0 ? '' : `; it had ${old.join(', ')}`;
  warn(`note: ${flags['merge-into']} gets new items: ${added.join(', ')}${beside}`);
}

function refuseLegacyData(targets: readonly SealedInput[]): void {
  const legacy = targets.find(({ sealedSecret }) => sealedSecret.spec.data !== undefined);
  if (!legacy) return;
  throw new SealedSecretsError(
    'ERR_MANIFEST_INVALID',
    `${legacy.label} has the deprecated field spec.data, which cannot hold further items`,
    {
      hint: 'nobody can open spec.data beside spec.encryptedData: seal all of its values anew',
    },
  );
}

/** A file with one SealedSecret takes everything; of several, the one that has the name and namespace of the Secret. */
function targetFor(
  { metadata }: Secret,
  targets: readonly SealedInput[],
  { file, flags }: { readonly file: string; readonly flags: Flags },
): SealedInput {
  const [only, ...more] = targets;
  if (only && more.length === 0) return only;
  const name = flags.name || metadata.name;
  const namespace = metadata.namespace || flags.namespace;
  const fitting = targets.filter(
    ({ sealedSecret: { metadata: own } }) =>
      own.name === name && (!namespace || (own.namespace ?? '') === namespace),
  );
  const [target, ...others] = fitting;
  if (target && others.length === 0) return target;
  const asked = namespace ? `${namespace}/${name}` : (name ?? 'of that name');
  const names = targets.map(({ sealedSecret: { metadata: own } }) =>
    [own.namespace, own.name].filter(Boolean).join('/'),
  );
  throw usageError(
    `${file} holds ${targets.length} SealedSecrets, ${fitting.length === 0 ? 'and none is' : `of which ${fitting.length} are`} ${asked}`,
    `the Secret's name and namespace say which one; there are ${names.slice(0, 10).join(', ')}`,
  );
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
    hint: 'all items of a SealedSecret share its scope: seal the Secret anew to change it',
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
    ...edit(['spec', 'template', 'metadata', 'annotations'], withScope(annotations, 'strict')), // the scope mark stays the file's affair
    ...edit(['spec', 'template', 'metadata', 'labels'], labels),
  ];
}
