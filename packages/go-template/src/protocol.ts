import { type FailureKind, failureKinds, type TemplateFailure } from './errors.ts';

/** What one call into the sandbox renders. `context` is what templates see, by name. */
export interface Job {
  /** Name -> template text. */
  readonly templates: ReadonlyMap<string, string>;
  readonly context: ReadonlyMap<string, Uint8Array>;
  /** Limit of the sum of all outputs. */
  readonly maxOutputBytes: number;
  readonly unsafeErrorText: boolean;
}

/** Result of one template: its output, or why it failed. */
export type Outcome = { readonly output: Uint8Array } | { readonly failure: TemplateFailure };

const WORD_BYTES = 4;

/** Encodes a job for go/main.go: numbers as little-endian uint32, strings as their length and their bytes. */
export function encodeJob(job: Job): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const fields: (number | Uint8Array)[] = [
    Number(job.unsafeErrorText),
    job.maxOutputBytes,
    job.templates.size,
  ];
  for (const [name, text] of job.templates) fields.push(encoder.encode(name), encoder.encode(text));
  fields.push(job.context.size);
  for (const [name, value] of job.context) fields.push(encoder.encode(name), value);
  return concatFields(fields);
}

function concatFields(fields: readonly (number | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  const size = fields.reduce<number>(
    (sum, f) => sum + WORD_BYTES + (typeof f === 'number' ? 0 : f.length),
    0,
  );
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const field of fields) {
    view.setUint32(offset, typeof field === 'number' ? field : field.length, true);
    offset += WORD_BYTES;
    if (typeof field === 'number') continue;
    bytes.set(field, offset);
    offset += field.length;
  }
  return bytes;
}

/** Whether the sandbox's answer for one template is a failure. */
export function isFailure(result: Uint8Array): boolean {
  return result[0] !== 1;
}

/** Decodes the sandbox's answer for one template. A kind outside the list becomes `sandbox-crashed`. */
export function decodeOutcome(template: string, result: Uint8Array): Outcome {
  if (!isFailure(result)) return { output: result.subarray(1) };
  const view = new DataView(result.buffer, result.byteOffset, result.byteLength);
  const line = view.getUint32(1, true);
  const column = view.getUint32(1 + WORD_BYTES, true);
  let offset = 1 + 2 * WORD_BYTES;
  const readString = (): string => {
    const start = offset + WORD_BYTES;
    offset = start + view.getUint32(offset, true);
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(result.subarray(start, offset));
  };
  const [word, functionName, unsafeText] = [readString(), readString(), readString()];
  const kind: FailureKind = failureKinds.find((known) => known === word) ?? 'sandbox-crashed';
  return {
    failure: {
      template,
      kind,
      ...(line > 0 && { line }),
      ...(column > 0 && { column }),
      ...(functionName !== '' && { functionName }),
      ...(unsafeText !== '' && { unsafeText }),
    },
  };
}
