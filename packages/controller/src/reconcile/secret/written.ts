import { isTemplate, type ObjectMeta, type SealedSecret, type Secret } from '@fuin/crypto-core';
import { recordOf } from '@fuin/kube/record';

/**
 * Name under which the API server keeps account of what this controller writes (`metadata.managedFields`).
 * Never renamed: it tells what an earlier version wrote.
 */
export const FIELD_MANAGER = 'sealed-secrets-controller';

/**
 * The managers whose writes count as this controller's: its own name and that of upstream's controller, which
 * it replaced. See docs/adr/0013-what-was-written.md.
 */
const MANAGERS: ReadonlySet<unknown> = new Set([FIELD_MANAGER, 'controller']);

/** What the controller wrote last in a live Secret. Only names, taken from `metadata.managedFields`. */
interface Written {
  readonly items: ReadonlySet<string>;
  readonly labels: ReadonlySet<string>;
  readonly annotations: ReadonlySet<string>;
}

/**
 * The labels and annotations to write. Those that the controller wrote last give way to the present ones;
 * those that others added stay. If the controller never wrote the Secret, all of them are replaced.
 */
export function mergedTexts(
  actual: Secret,
  { labels = {}, annotations = {} }: ObjectMeta,
): Required<Pick<ObjectMeta, 'labels' | 'annotations'>> {
  const written = writtenIn(actual);
  if (!written) return { labels, annotations };
  return {
    labels: merged(actual.metadata.labels, labels, written.labels),
    annotations: merged(actual.metadata.annotations, annotations, written.annotations),
  };
}

/**
 * The Secret to write, with the live values of rendered items. A template may render another value each time
 * (a salt, a random password, the time), which is not a change. Only for a Secret that holds this version of
 * the SealedSecret already, and for items that only the controller has written since.
 */
export function keepRendered(desired: Secret, actual: Secret, { spec }: SealedSecret): Secret {
  const items = writtenIn(actual)?.items;
  const kept = Object.entries(spec.template?.data ?? {}).flatMap(([item, text]) => {
    const value = actual.data?.[item];
    const isRendered = isTemplate(text) && !Object.hasOwn(spec.encryptedData, item);
    return isRendered && items?.has(item) && value !== undefined ? [[item, value]] : [];
  });
  return { ...desired, data: { ...desired.data, ...Object.fromEntries(kept) } };
}

type Texts = Readonly<Record<string, string>>;

function merged(actual: Texts = {}, desired: Texts, written: ReadonlySet<string>): Texts {
  const others = Object.entries(actual).filter(([key]) => !written.has(key));
  return { ...Object.fromEntries(others), ...desired };
}

/** Undefined if the controller wrote nothing in the Secret, or `managedFields` is gone. */
function writtenIn({ metadata }: Secret): Written | undefined {
  const { managedFields } = recordOf(metadata);
  const entries: readonly unknown[] = Array.isArray(managedFields) ? managedFields : [];
  const fields = entries.map(recordOf).filter(({ manager }) => MANAGERS.has(manager));
  if (fields.length === 0) return undefined;
  const names = (...path: readonly string[]) => {
    const elements = fields.flatMap(({ fieldsV1 }) => elementsBelow(fieldsV1, path));
    return new Set(elements.flatMap((element) => (element.startsWith('f:') ? [element.slice(2)] : [])));
  };
  return {
    items: names('f:data'),
    labels: names('f:metadata', 'f:labels'),
    annotations: names('f:metadata', 'f:annotations'),
  };
}

function elementsBelow(fieldsV1: unknown, path: readonly string[]): string[] {
  return Object.keys(path.reduce<unknown>((node, element) => recordOf(node)[element], fieldsV1) ?? {});
}
