import { parseSealedSecret, resealSecret, type SealedSecret, SealedSecretsError } from '@fuin/crypto-core';
import { formatManifest, type ManifestFile, orderSealedSecret, type TextEdit } from '@fuin/manifests';
import { openCertificate, readSealingKey } from '../certificate/certificate.ts';
import { checkedAnswer } from '../controller/check-answer.ts';
import { inAskedPlace } from '../input/asked-place.ts';
import {
  explainUnopened,
  openSealedSecrets,
  readSealedSecrets,
  type SealedInput,
} from '../input/sealed-secrets.ts';
import { withPlace } from '../input/secrets.ts';
import { type Input, type Invocation, isStream, readAllInputs } from '../invocation/invocation.ts';
import { atomicWrite } from '../output/atomic-write.ts';
import { outputFormat, writeOutput } from '../output/output.ts';
import { withProgress } from '../output/progress.ts';

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
 * Seals SealedSecrets again with the newest key: through the controller, or offline when recovery keys and a certificate are given. With files and without -w these
 * are changed in place: only the sealed values differ afterwards.
 */
export async function reEncrypt(invocation: Invocation): Promise<void> {
  const { io } = invocation;
  const isInPlace = isChangingFiles(invocation);
  const sources: Source[] = [];
  for (const input of await readAllInputs(invocation))
    sources.push(await readSource(invocation, input, isInPlace));
  const inputs = sources.flatMap(({ objects }) => objects);
  const format = outputFormat(invocation);
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
    const texts = inputs.map((each) =>
      formatManifest(orderSealedSecret(resealed(each, results.get(each) ?? {})), format),
    );
    await writeOutput(invocation, texts.join(''));
    return;
  }
  // every text is made before the first file is written
  const texts: [file: string, content: Uint8Array | string][] = [];
  for (const { input, file, objects } of sources) {
    const edits = objects.flatMap((each) => editsFor(each, results.get(each) ?? {}));
    if (file) texts.push([input.where, await file.rewrite(edits)]);
  }
  for (const [file, text] of texts) await atomicWrite(io.cwd, file, text);
}

async function readSource(invocation: Invocation, input: Input, isInPlace: boolean): Promise<Source> {
  if (!isInPlace)
    return { input, objects: inAskedPlace(await readSealedSecrets(invocation, input), invocation) };
  const { file, sealed } = await openSealedSecrets(invocation, input);
  return { input, file, objects: inAskedPlace(sealed, invocation) };
}

/** Whether files are read and no other place is named for the result. */
function isChangingFiles({ flags, inputs }: Invocation): boolean {
  return inputs.length > 0 && !inputs.some(isStream) && flags['sealed-secret-file'] === '';
}

/** What the API server says of an object, which no file should. */
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

/** The object with its labels and annotations and with the spec that came back, without what the API server added. */
function resealed({ document, sealedSecret }: SealedInput, result: object): object {
  const { status: _status, ...object } = document.value;
  const metadata = Object.entries(object['metadata'] ?? {});
  return {
    ...object,
    metadata: Object.fromEntries(metadata.filter(([field]) => !SERVER_FIELDS.includes(field))),
    spec: withTemplates(parseSealedSecret(result), sealedSecret, result),
  };
}

/**
 * The spec of an answer, with templates that it has lost: upstream's controller renders none since 0.40 and leaves them out
 * of its answer; before, it sealed what they gave.
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
  const { flags, io } = invocation;
  const keyFiles = flags['recovery-private-key'];
  if (keyFiles.length === 0 || flags.cert === '') return openOnline(invocation);
  const { readRecoveryKeys } = await import('../input/recovery-keys.ts');
  const keyRing = await readRecoveryKeys(io.cwd, keyFiles);
  const recipient = await readSealingKey(await openCertificate(invocation), invocation);
  return {
    reseal: ({ sealedSecret }) => resealSecret(sealedSecret, keyRing, recipient),
    close: async () => undefined,
  };
}

async function openOnline(invocation: Invocation): Promise<Resealer> {
  const { codeOfAnswer, describeAnswer } = await import('../controller/service.ts');
  const { openPinnedController } = await import('../controller/pinned.ts');
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
            hint: 'the controller says no more: can it open the SealedSecret? --validate asks it',
          },
        );
      }
      return checkedAnswer(answer.body, sealedSecret);
    },
    close: () => controller.close(),
  };
}

/** New texts for the items the file has. What a controller adds (rendered templates) stays out: the file keeps its templates. */
function editsFor({ document, sealedSecret }: SealedInput, result: object): TextEdit[] {
  const fresh = parseSealedSecret(result).spec.encryptedData;
  return Object.keys(sealedSecret.spec.encryptedData).map((item) => {
    const text = Object.hasOwn(fresh, item) ? fresh[item] : undefined;
    if (!text) throw new SealedSecretsError('ERR_API_REJECTED', `the answer lacks the item ${item}`);
    return { document: document.index, path: [...document.path, 'spec', 'encryptedData', item], text };
  });
}
