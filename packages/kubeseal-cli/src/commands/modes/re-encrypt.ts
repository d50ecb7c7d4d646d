import { parseSealedSecret, resealSecret, type SealedSecret, SealedSecretsError } from '@fuin/crypto-core';
import { formatManifest, orderSealedSecret } from '@fuin/manifests';
import type { ManifestFile, TextEdit } from '@fuin/manifests/edit-in-place';
import { checkedAnswer } from '../../controller/check-answer.ts';
import { inAskedPlace } from '../../input/asked-place.ts';
import {
  explainUnopened,
  openSealedSecrets,
  readSealedSecrets,
  type SealedInput,
} from '../../input/sealed-secrets.ts';
import { withPlace } from '../../input/secrets.ts';
import type { Invocation } from '../../invocation/invocation.ts';
import { isStream } from '../../io/files.ts';
import { type Input, readAllInputs } from '../../io/inputs.ts';
import { atomicWrite } from '../../output/atomic-write.ts';
import { outputFormat, writeOutput } from '../../output/output.ts';
import { withProgress } from '../../output/progress.ts';
import { openSealingKey } from '../access/certificate.ts';
import { settleSignatures, withoutSignature } from '../access/signature/settle.ts';
import { signerOf, withSignature } from '../access/signature/signer.ts';

/** One input, the SealedSecrets in it, and the file that is changed in place. */
interface Source {
  readonly input: Input;
  readonly file?: ManifestFile;
  readonly objects: readonly SealedInput[];
}

/** Seals again, one object at a time. */
interface Resealer {
  reseal(input: SealedInput): Promise<object>;
  close(): Promise<void>;
}

/**
 * Seals SealedSecrets again with the newest key: through the controller, or offline if recovery keys and a
 * certificate are given. Without -w, files are changed in place, and only their sealed values.
 */
export async function reEncrypt(invocation: Invocation): Promise<void> {
  const { io, output } = invocation;
  const isInPlace = isChangingFiles(invocation.inputs, output.file);
  const sources: Source[] = [];
  for (const input of await readAllInputs(invocation.inputs, io))
    sources.push(await readSource(input, isInPlace, invocation));
  const inputs = sources.flatMap(({ objects }) => objects);
  const format = outputFormat(output.file, output.format);
  const signer = signerOf(invocation.signingKey, io);
  const resealer = await openResealer(invocation);
  const results = new Map<SealedInput, object>();
  try {
    await withProgress(io, { doing: 're-encrypting', total: inputs.length }, async (step) => {
      for (const each of inputs) {
        const result = await resealer.reseal(each).catch((error: unknown) => {
          throw withPlace(explainUnopened(error), each.label);
        });
        results.set(each, result);
        step();
      }
    });
  } finally {
    await resealer.close();
  }
  if (!isInPlace) {
    const texts: string[] = [];
    for (const each of inputs) {
      const bare = resealed(each, results.get(each) ?? {});
      const object = signer ? await withSignature(bare, signer) : bare;
      texts.push(formatManifest(orderSealedSecret(object), format));
    }
    await writeOutput(output.file, texts.join(''), io);
    return;
  }
  // every text is made before the first file is written
  const texts: [file: string, content: Uint8Array | string][] = [];
  for (const { input, file, objects } of sources) {
    const edits = objects.flatMap((each) => editsFor(each, results.get(each) ?? {}));
    if (!file) continue;
    const changed = objects.map(({ document }) => document);
    const content = await file.rewrite(edits);
    const settling = { signer, changed, warn: invocation.warn };
    texts.push([input.where, await settleSignatures(content, input.where, settling)]);
  }
  for (const [file, text] of texts) await atomicWrite(io.cwd, file, text);
}

async function readSource(
  input: Input,
  isInPlace: boolean,
  { target, typedPlace, warn }: Invocation,
): Promise<Source> {
  const inPlace = (objects: readonly SealedInput[]) => inAskedPlace(objects, target.namespace, typedPlace);
  if (!isInPlace) return { input, objects: inPlace(await readSealedSecrets(input, warn)) };
  const { file, sealed } = await openSealedSecrets(input, warn);
  return { input, file, objects: inPlace(sealed) };
}

/** Whether the result replaces the content of the files that are read. */
function isChangingFiles(inputs: readonly string[], output: string): boolean {
  return inputs.length > 0 && !inputs.some(isStream) && output === '';
}

/** Fields that the API server owns, and that do not belong in a file. */
const SERVER_FIELDS = [
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
];

/**
 * The object with the spec of the result and its own labels and annotations, without the fields of the API
 * server.
 */
function resealed({ document, sealedSecret }: SealedInput, result: object): object {
  const { status: _status, ...object } = document.value;
  const metadata = Object.entries(object['metadata'] ?? {});
  return {
    ...object,
    metadata: withoutSignature(
      Object.fromEntries(metadata.filter(([field]) => !SERVER_FIELDS.includes(field))),
    ),
    spec: withTemplates(parseSealedSecret(result), sealedSecret, result),
  };
}

/**
 * The spec of an answer, with the templates that it lacks: since 0.40 upstream's controller omits them from
 * its answer. Before, it rendered them and sealed the results.
 */
function withTemplates(answer: SealedSecret, { spec: sent }: SealedSecret, result: object): unknown {
  const { spec } = result as { readonly spec?: object };
  const lost = Object.entries(sent.template?.data ?? {}).filter(
    ([item, template]) => template === null || !Object.hasOwn(answer.spec.encryptedData, item),
  );
  if (answer.spec.template?.data !== undefined || lost.length === 0) return spec;
  return { ...spec, template: { ...answer.spec.template, data: Object.fromEntries(lost) } };
}

async function openResealer(invocation: Invocation): Promise<Resealer> {
  const { io, recoveryKeys, certificate } = invocation;
  if (recoveryKeys.length === 0 || certificate.source === '') return openOnline(invocation);
  const { readRecoveryKeys } = await import('../../input/recovery-keys.ts');
  const keyRing = await readRecoveryKeys(io.cwd, recoveryKeys);
  const recipient = await openSealingKey(invocation, 'v1');
  return {
    reseal: ({ sealedSecret }) => resealSecret(sealedSecret, keyRing, recipient),
    close: async () => undefined,
  };
}

async function openOnline(invocation: Invocation): Promise<Resealer> {
  const { codeOfAnswer, describeAnswer } = await import('../../controller/service.ts');
  const { openPinnedController } = await import('../access/pinned-controller.ts');
  const controller = await openPinnedController(invocation);
  return {
    reseal: async ({ document, sealedSecret }) => {
      const answer = await controller.send('/v1/rotate', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(document.value),
      });
      if (answer.status === 409) {
        throw new SealedSecretsError('ERR_NO_KEY_OPENS_VALUE', 'unable to rotate secret');
      }
      if (answer.status >= 300) {
        throw new SealedSecretsError(
          codeOfAnswer(answer),
          `cannot re-encrypt secret: ${describeAnswer(answer)}`,
          {
            hint: 'the controller gives no details; check with kubeseal --validate whether it can open the SealedSecret',
          },
        );
      }
      return checkedAnswer(answer.body, sealedSecret);
    },
    close: () => controller.close(),
  };
}

/**
 * New values for the items of the file. Items that a controller adds (rendered templates) are left out: the
 * file keeps its templates.
 */
function editsFor({ document, sealedSecret }: SealedInput, result: object): TextEdit[] {
  const fresh = parseSealedSecret(result).spec.encryptedData;
  return Object.keys(sealedSecret.spec.encryptedData).map((item) => {
    const text = Object.hasOwn(fresh, item) ? fresh[item] : undefined;
    if (!text) throw new SealedSecretsError('ERR_API_REJECTED', `the answer lacks the item ${item}`);
    return { document: document.index, path: [...document.path, 'spec', 'encryptedData', item], text };
  });
}
