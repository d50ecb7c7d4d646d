import { encodeBase64, importKeyPair, type Scope, type Secret, sealSecret } from '@fuin/crypto-core';
import { formatManifest, orderSealedSecret } from '@fuin/manifests';
import { KEY, vector } from './keys.ts';

const PAIR = await importKeyPair(KEY);
/** The private key that opens, one that does not, and the flags that name the first. */
export const KEYS = { 'key.pem': KEY, 'other.pem': vector('keys/rsa2048-b.pkcs8.pem') };
export const WITH_KEY = ['--recovery-private-key', 'key.pem'];

/** How a SealedSecret is made for a test. */
interface Made {
  readonly name?: string;
  readonly namespace?: string;
  readonly scope?: Scope;
  readonly template?: object;
}

/** A SealedSecret in YAML with these items, in namespace shop unless another one is given. */
export async function sealedYaml(
  items: Readonly<Record<string, string | Uint8Array>>,
  { name = 'db', namespace = 'shop', scope = 'strict', template }: Made = {},
): Promise<string> {
  const data = Object.entries(items).map(([item, value]) => [
    item,
    encodeBase64(typeof value === 'string' ? new TextEncoder().encode(value) : value),
  ]);
  const secret: Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    data: Object.fromEntries(data),
  };
  const sealed = await sealSecret(secret, PAIR, scope);
  const spec = template
    ? { ...sealed.spec, template: { ...sealed.spec.template, ...template } }
    : sealed.spec;
  return formatManifest(orderSealedSecret({ ...sealed, spec }), 'yaml');
}
