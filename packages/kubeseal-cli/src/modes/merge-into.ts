import {
  type Scope,
  type SealedSecret,
  SealedSecretsError,
  type Secret,
  scopeOf,
  sealSecret,
  withScope,
} from '@fuin/crypto-core';
import { atomicWrite } from '../atomic-write.ts';
import { openCertificate, parseCertificate } from '../certificate.ts';
import { readInput } from '../files.ts';
import { type Invocation, readWholeInput, usageError } from '../invocation.ts';
import { withProgress } from '../progress.ts';
import { rewriteManifests } from '../rewrite.ts';
import { readSealedSecrets, type SealedInput } from '../sealed-input.ts';
import { explainUnsealed, readSecrets, type SecretInput } from '../secret-input.ts';
import type { TextEdit } from '../yaml/edit.ts';

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
  const publicKey = await parseCertificate(await openCertificate(invocation), invocation);
  const bytes = await readInput(io.cwd, file, 'merge-into');
  const target = await readTarget(invocation, bytes, file);
  const { metadata } = target.sealedSecret;
  const scope = scopeOf(metadata.annotations);
  refuseOtherScope(flags.scope, scope, file);
  const secrets = await readSecrets(invocation, await readWholeInput(invocation), {
    scope,
    ...(metadata.name ? { name: metadata.name } : {}),
    ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
  });
  const edits: TextEdit[] = [];
  await withProgress(io, { doing: 'sealing', total: secrets.length }, async (step) => {
    for (const { secret, label } of secrets) {
      refuseOtherScope(scopeOf(secret.metadata.annotations), scope, file, label);
      const sealed = await sealSecret(inScope(secret, scope), publicKey).catch((error: unknown) => {
        throw explainUnsealed(error, label);
      });
      edits.push(...editsFrom(sealed, target.document.index));
      step();
    }
  });
  await atomicWrite(io.cwd, file, await rewriteManifests({ bytes, where: file, edits }));
}

async function readTarget(invocation: Invocation, bytes: Uint8Array, file: string): Promise<SealedInput> {
  const [target, ...more] = await readSealedSecrets(invocation, { bytes, where: file });
  if (target && more.length === 0) return target;
  throw usageError(`${file} holds ${more.length + 1} SealedSecrets; --merge-into needs a file with one`);
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

function editsFrom({ spec }: SealedSecret, document: number): TextEdit[] {
  const edit = (path: readonly string[], entries: Readonly<Record<string, string>>) =>
    Object.entries(entries).map(([key, text]) => ({ document, path: [...path, key], text }));
  const { annotations = {}, labels = {} } = spec.template?.metadata ?? {};
  return [
    ...edit(['spec', 'encryptedData'], spec.encryptedData),
    ...edit(['spec', 'template', 'metadata', 'annotations'], withScope(annotations, 'strict')), // the scope mark stays the file's affair
    ...edit(['spec', 'template', 'metadata', 'labels'], labels),
  ];
}
