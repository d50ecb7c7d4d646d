import { readFile } from 'node:fs/promises';
import { type Bytes, decodeBase64, encodeBase64, encodeUtf8 } from '@fuin/crypto-core';
import { recordOf } from '@fuin/kube/record';
import { misconfigured, refusal, rejected, unavailable } from '../faults.ts';
import { contextBytes, type KeyContext } from '../key-context.ts';
import { CALL_TIMEOUT_MS, type KeyWrapper, type WrapperWorld } from '../key-wrapper.ts';
import { openKeyServer } from '../server/key-server.ts';
import { VaultSession } from './vault-session.ts';
import { pathOf, vaultSettings } from './vault-settings.ts';

const CIPHERTEXT = /^vault:v\d{1,9}:[A-Za-z0-9+/]+=*$/;
const HINTS = {
  400: 'there is no such key, it is not derived, or it does not open this: vault read MOUNT/keys/KEY',
  403: 'the token is not valid, or its policy does not allow update on MOUNT/encrypt/KEY and MOUNT/decrypt/KEY',
  404: 'no transit engine is mounted there: vault secrets list',
  503: 'Vault is sealed or starting',
};

/**
 * A key of the transit engine of Vault or OpenBao. The key must be derived: Vault then makes a key of its own
 * for each context, so one data key cannot pass for another.
 *
 * @param reference MOUNT/KEY
 * @param timeoutMs for tests
 * @throws ERR_USAGE
 */
export function openVaultWrapper(
  reference: string,
  { env }: WrapperWorld,
  timeoutMs: number = CALL_TIMEOUT_MS,
): KeyWrapper {
  const cut = reference.lastIndexOf('/');
  if (cut < 1) throw misconfigured('vault: needs MOUNT/KEY', 'such as vault:transit/sealed-secrets');
  const mount = pathOf(reference.slice(0, cut), 'vault:');
  const key = pathOf(reference.slice(cut + 1), 'vault:');
  const settings = vaultSettings({ env });
  const { caFile } = settings;
  const tls = async () => (caFile === '' ? {} : { ca: await readFile(caFile) });
  const server = openKeyServer(settings.address, 'VAULT_ADDR', { env, tls });
  const session = new VaultSession(server, settings, () => performance.now());
  const call = async (
    operation: 'encrypt' | 'decrypt' | 'rewrap',
    field: string,
    value: string,
    context: KeyContext,
  ) => {
    const fields = { [field]: value, context: encodeBase64(contextBytes(context)) };
    const answer = await session.post(
      `/v1/${mount}/${operation}/${key}`,
      fields,
      AbortSignal.timeout(timeoutMs),
    );
    if (answer.status === 200) return recordOf(answer.fields['data']);
    throw refusal(server.origin, answer, HINTS);
  };
  const ciphertextOf = ({ ciphertext }: Readonly<Record<string, unknown>>): Bytes => {
    if (typeof ciphertext === 'string' && CIPHERTEXT.test(ciphertext)) return encodeUtf8(ciphertext);
    throw unavailable(server.origin, 'its answer holds no ciphertext');
  };
  return {
    name: `vault:${reference}`,
    describe: () => `key ${key} of ${mount} of ${server.origin}`,
    wrap: async (dataKey, context) =>
      ciphertextOf(await call('encrypt', 'plaintext', encodeBase64(dataKey), context)),
    unwrap: async (wrapped, context) => {
      const { plaintext } = await call('decrypt', 'ciphertext', textOf(wrapped, server.origin), context);
      return plaintextOf(plaintext, server.origin);
    },
    rewrap: async (wrapped, context) =>
      ciphertextOf(await call('rewrap', 'ciphertext', textOf(wrapped, server.origin), context)),
    close: () => server.close(),
  };
}

function textOf(wrapped: Bytes, origin: string): string {
  const text = Buffer.from(wrapped).toString('latin1');
  if (CIPHERTEXT.test(text)) return text;
  throw rejected(origin, 'this was not wrapped by Vault');
}

function plaintextOf(plaintext: unknown, origin: string): Bytes {
  try {
    return decodeBase64(String(plaintext));
  } catch {
    throw unavailable(origin, 'its answer holds no plaintext');
  }
}
