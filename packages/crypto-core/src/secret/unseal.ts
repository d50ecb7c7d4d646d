import { type Bytes, decodeUtf8, encodeBase64, encodeUtf8 } from '../bytes.ts';
import { itemsError, SealedSecretsError } from '../errors.ts';
import type { KeyRing } from '../value/key-ring.ts';
import { legacyDataError, type OpenOptions, openItems } from './open-items.ts';
import { parseSecret } from './parse.ts';
import type { ObjectMeta, SealedSecret, Secret } from './resource.ts';
import { plaintextOf } from './seal.ts';

/**
 * Renders Go templates: `templates` by output item, `values` the opened items; gives the bytes of each
 * output. A rejection with `failures` (name of a template, and a message without values) is reported per
 * item; any other is a fault of the renderer and passes through.
 */
export type RenderTemplates = (request: {
  readonly templates: ReadonlyMap<string, string>;
  readonly values: ReadonlyMap<string, Uint8Array>;
}) => Promise<ReadonlyMap<string, Uint8Array>>;

/** How a SealedSecret is opened. */
export interface UnsealOptions {
  /** Needed for objects whose `spec.template.data` holds `{{`. */
  readonly renderTemplates?: RenderTemplates;
  /** Ids of keys that likely fit. */
  readonly hints?: readonly string[];
  /** Accept the legacy `spec.data` (docs/wire-format.md §6). */
  readonly acceptV1Data?: boolean;
}

/**
 * The Secret that a SealedSecret stands for, without owner reference, and by item the id of the key that
 * opened it.
 */
export interface Unsealed {
  readonly secret: Secret;
  readonly openedBy: ReadonlyMap<string, string>;
}

/** Metadata that a template may set; the API server sets the rest. */
const OWN_METADATA = ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const;

/**
 * Opens a SealedSecret: opens the items, renders the templates, builds the Secret as the template describes
 * it. Name and namespace are always those of the SealedSecret. Sealed items win over template entries of the
 * same name, except over null: it leaves the item out of the Secret, and templates still see its value.
 *
 * @throws ERR_MANIFEST_INVALID for legacy data that is not accepted or stands beside encryptedData
 * @throws ERR_ENVELOPE_MALFORMED, ERR_NO_KEY_OPENS_VALUE, ERR_TEMPLATE_INVALID with all failing items
 *   together
 * @example
 * ```js
 * import { generateKeyPair, KeyRing, parseSecret, sealSecret, unsealSecret } from '@fuin/crypto-core';
 *
 * const pair = await generateKeyPair(2048);
 * const metadata = { namespace: 'shop', name: 'db' };
 * const sealed = await sealSecret(parseSecret({ metadata, stringData: { password: 'hunter2' } }), pair);
 *
 * const { secret } = await unsealSecret(sealed, KeyRing.of(pair));
 * console.log(secret.metadata.name, atob(secret.data.password)); // db hunter2
 * ```
 */
export async function unsealSecret(
  sealedSecret: SealedSecret,
  keyRing: KeyRing,
  options: UnsealOptions = {},
): Promise<Unsealed> {
  if (sealedSecret.spec.data !== undefined && options.acceptV1Data)
    return unsealV1(sealedSecret, keyRing, options);
  const { values, openedBy } = await openItems(sealedSecret, keyRing, hintsOf(options));
  return { openedBy, secret: await assembleSecret(sealedSecret, values, options.renderTemplates) };
}

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

function hintsOf({ hints = [] }: UnsealOptions): OpenOptions {
  return { hints };
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

/** Legacy: one envelope holds the whole Secret as JSON. */
async function unsealV1(
  sealedSecret: SealedSecret,
  keyRing: KeyRing,
  options: UnsealOptions,
): Promise<Unsealed> {
  const { spec } = sealedSecret;
  if (Object.keys(spec.encryptedData).length > 0) throw legacyDataError(spec.encryptedData);
  const whole = { ...sealedSecret, spec: { encryptedData: { data: spec.data ?? '' } } };
  const { values, openedBy } = await openItems(whole, keyRing, hintsOf(options));
  const secret = parseV1(values.get('data') ?? new Uint8Array());
  return { secret: { ...secret, metadata: ownName(secret.metadata, sealedSecret) }, openedBy };
}

function parseV1(bytes: Bytes): Secret {
  try {
    const { stringData = {}, ...secret } = parseSecret(JSON.parse(decodeUtf8(bytes)));
    const values = [...plaintextOf({ ...secret, stringData })];
    return {
      ...secret,
      data: Object.fromEntries(values.map(([item, value]) => [item, encodeBase64(value)])),
    };
  } catch {
    // without the parser's message, which would quote plaintext
    throw manifestError("the deprecated field 'data' does not hold a Secret");
  }
}

function ownName(metadata: ObjectMeta, { metadata: own }: SealedSecret): ObjectMeta {
  const kept = OWN_METADATA.map((field) => [field, metadata[field]] as const);
  return {
    ...Object.fromEntries(kept.filter(([, value]) => value !== undefined)),
    ...(own.name ? { name: own.name } : {}),
    ...(own.namespace ? { namespace: own.namespace } : {}),
  };
}

function manifestError(message: string): SealedSecretsError {
  return new SealedSecretsError('ERR_MANIFEST_INVALID', message);
}
