import { SealedSecretsError } from '@fuin/crypto-core';
import { formatManifest, orderSealedSecret, readManifests, SECRET_SHAPE } from '@fuin/manifests';
import { replaceItems } from '@fuin/manifests/rendered';
import { decodeStrictly } from '@fuin/manifests/text-encoding';
import { fieldsOf, isObject } from '../../io/fields.ts';
import type { Rendered } from './seal-rendered.ts';

/** What a function has to say about one object, or about the whole list. */
export interface FunctionResult {
  readonly message: string;
  readonly severity: 'error' | 'warning' | 'info';
  readonly resourceRef?: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly name: string;
    readonly namespace?: string;
  };
}

/** A ResourceList as a function gets it: config.kubernetes.io/v1, the KRM Functions Specification. */
export interface ResourceList {
  readonly text: string;
  /** In the order of the list. */
  readonly items: readonly Rendered[];
  readonly functionConfig: unknown;
  /** About entries that YAML 1.1 reads otherwise than they look. */
  readonly warnings: readonly string[];
}

/** @throws ERR_MANIFEST_INVALID for anything but one ResourceList */
export async function readResourceList(bytes: Uint8Array): Promise<ResourceList> {
  const { documents, warnings } = await readManifests(bytes, 'stdin', SECRET_SHAPE);
  const [list, ...more] = documents;
  const { kind, apiVersion, items = [], functionConfig } = list?.value ?? {};
  const isList = kind === 'ResourceList' && String(apiVersion).startsWith('config.kubernetes.io/');
  if (more.length > 0 || !isList || !Array.isArray(items)) throw noList();
  const rendered = items.map((value: unknown, at): Rendered => {
    const label = `item ${at + 1} of the ResourceList`;
    if (!isObject(value)) throw invalid(`${label} is no object`);
    return { label, value };
  });
  const isOfSecret = (warning: string) => {
    const at = Number(/ items\[(\d+)\]\./.exec(warning)?.[1] ?? Number.NaN);
    return rendered[at]?.value['kind'] === 'Secret';
  };
  const text = decodeStrictly(bytes)?.text ?? '';
  return { text, items: rendered, functionConfig, warnings: warnings.filter(isOfSecret) };
}

/** The list with new objects in the place of others, and with results. @throws ERR_MANIFEST_INVALID */
export function writeResourceList(
  { text }: Pick<ResourceList, 'text'>,
  changed: ReadonlyMap<number, object>,
  results: readonly FunctionResult[],
): string {
  const items = new Map([...changed].map(([at, object]) => [at, orderSealedSecret(object)]));
  const fields = new Map([['results', results.map(orderSealedSecret)]]);
  return replaceItems(text, { items, fields: results.length === 0 ? new Map() : fields });
}

/** The list of a function that failed: results, and no object that could be applied or shown. */
export function failedResourceList(results: readonly FunctionResult[]): string {
  const list = { apiVersion: 'config.kubernetes.io/v1', kind: 'ResourceList', items: [], results };
  return formatManifest(orderSealedSecret(list), 'yaml').replace('---\n', '');
}

/** A result about an object. */
export function resultFor(
  { value }: Pick<Rendered, 'value'>,
  severity: FunctionResult['severity'],
  message: string,
): FunctionResult {
  const { name, namespace } = fieldsOf(value['metadata']);
  const resourceRef = {
    apiVersion: String(value['apiVersion'] ?? ''),
    kind: String(value['kind'] ?? ''),
    name: String(name ?? ''),
    ...(typeof namespace === 'string' ? { namespace } : {}),
  };
  return { message, severity, resourceRef };
}

function noList(): SealedSecretsError {
  return new SealedSecretsError('ERR_MANIFEST_INVALID', 'stdin is no ResourceList of config.kubernetes.io', {
    hint: 'kustomize and other orchestrators of KRM functions run this command; kubeseal -f FILE seals a manifest, and kubeseal post-render a stream of them',
  });
}

function invalid(message: string): SealedSecretsError {
  return new SealedSecretsError('ERR_MANIFEST_INVALID', message);
}
