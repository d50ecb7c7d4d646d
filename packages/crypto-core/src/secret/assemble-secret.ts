import { type Bytes, encodeBase64, encodeUtf8 } from '../bytes.ts';
import { itemsError } from '../errors.ts';
import type { ObjectMeta, SealedSecret, Secret } from './resource.ts';

/**
 * Renders Go templates: `templates` by output item, `values` the opened items; gives the bytes of each
 * output. A rejection with `failures` (name of a template, and a message without values) is reported per
 * item; any other is a fault of the renderer and passes through.
 */
export type RenderTemplates = (request: {
  readonly templates: ReadonlyMap<string, string>;
  readonly values: ReadonlyMap<string, Uint8Array>;
}) => Promise<ReadonlyMap<string, Uint8Array>>;

/** Metadata that a template may set; the API server sets the rest. */
const OWN_METADATA = ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const;

/**
 * Builds the Secret of a SealedSecret from the values of its items, however they were opened. Templates and
 * names count like in unsealSecret.
 *
 * @throws ERR_TEMPLATE_INVALID with all failing templates together
 * @example
 * ```js
 * import { assembleSecret, generateKeyPair, parseSecret, sealSecret } from '@fuin/crypto-core';
 *
 * const metadata = { namespace: 'shop', name: 'db' };
 * const secret = parseSecret({ metadata, stringData: { password: 'hunter2' } });
 * const sealed = await sealSecret(secret, await generateKeyPair(2048));
 *
 * const values = new Map([['password', new TextEncoder().encode('hunter2')]]);
 * const { data } = await assembleSecret(sealed, values);
 * console.log(atob(data.password)); // hunter2
 * ```
 */
export async function assembleSecret(
  sealedSecret: SealedSecret,
  values: ReadonlyMap<string, Bytes>,
  renderTemplates?: RenderTemplates,
): Promise<Secret> {
  const rendered = await renderData(sealedSecret, values, renderTemplates);
  const { template } = sealedSecret.spec;
  const isOmitted = (item: string) => ownEntry(template?.data, item) === null;
  const items = [...rendered, ...values].filter(([item]) => !isOmitted(item));
  const data = items.map(([item, bytes]) => [item, encodeBase64(bytes)]);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: ownName(template?.metadata ?? {}, sealedSecret),
    ...(template?.type ? { type: template.type } : {}),
    ...(template?.immutable === undefined ? {} : { immutable: template.immutable }),
    data: Object.fromEntries(data),
  };
}

/**
 * Whether a value of `spec.template.data` must be rendered: any other string stands for itself.
 *
 * @example
 * ```js
 * import { isTemplate } from '@fuin/crypto-core';
 *
 * console.log(isTemplate('user={{ .user }}'), isTemplate('user=fern')); // true false
 * ```
 */
export function isTemplate(text: unknown): boolean {
  return typeof text === 'string' && text.includes('{{');
}

async function renderData(
  { spec }: SealedSecret,
  values: ReadonlyMap<string, Bytes>,
  renderTemplates: RenderTemplates | undefined,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const entries = Object.entries(spec.template?.data ?? {}).filter(
    (entry): entry is [string, string] => entry[1] !== null,
  );
  const isPlain = entries.every(([, text]) => !isTemplate(text));
  if (isPlain) return new Map(entries.map(([item, text]) => [item, encodeUtf8(text)]));
  if (!renderTemplates) {
    throw itemsError(
      entries
        .filter(([, text]) => isTemplate(text))
        .map(([item]) => ({ item, code: 'ERR_TEMPLATE_INVALID', message: 'no template engine here' })),
    );
  }
  return renderTemplates({ templates: new Map(entries), values }).catch((error: unknown) => {
    throw templateError(error);
  });
}

/** An item may have the name of a property that every object inherits. */
function ownEntry<T>(map: Readonly<Record<string, T>> | null | undefined, key: string): T | undefined {
  return map && Object.hasOwn(map, key) ? map[key] : undefined;
}

function templateError(error: unknown): unknown {
  const failures = (error as { failures?: unknown } | null)?.failures;
  if (!Array.isArray(failures)) return error;
  const items = failures as readonly { readonly template: string; readonly message: string }[];
  return itemsError(
    items.map(({ template, message }) => ({ item: template, code: 'ERR_TEMPLATE_INVALID', message })),
  );
}

/** Metadata of a template with the name and namespace of the SealedSecret. */
export function ownName(metadata: ObjectMeta, { metadata: own }: SealedSecret): ObjectMeta {
  const kept = OWN_METADATA.map((field) => [field, metadata[field]] as const);
  return {
    ...Object.fromEntries(kept.filter(([, value]) => value !== undefined)),
    ...(own.name ? { name: own.name } : {}),
    ...(own.namespace ? { namespace: own.namespace } : {}),
  };
}
