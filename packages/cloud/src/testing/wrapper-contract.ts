import { randomBytes } from 'node:crypto';
import { type Bytes, encodeBase64, SealedSecretsError } from '@fuin/crypto-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KeyContext } from '../key-context.ts';
import type { KeyWrapper } from '../key-wrapper.ts';
import { unwrapSecretData, wrapSecretData } from '../wrapped-secret.ts';
import type { Trouble } from './fault-proxy.ts';

/** A service that a test controls, and how a wrapper of it is opened. */
export interface WrapperRig {
  open(timeoutMs?: number): KeyWrapper;
  /** From the next call on; undefined for none. */
  setTrouble(trouble: Trouble | undefined): void;
  /** False for a stand-in that decrypts what was changed, unlike the service itself. */
  readonly isTamperEvident?: false;
  /** False for a service that binds no context: then the envelope around the data key does. */
  readonly bindsContext?: false;
  /** True for a service that wraps one data key always alike, as AES-KW does. */
  readonly isDeterministic?: true;
  /** What no message may hold: tokens and keys of the test. */
  readonly secrets: readonly string[];
  close(): Promise<void>;
}

/** What each trouble must be reported as. */
export const CODES: Readonly<Record<Trouble, string>> = {
  cut: 'ERR_KEY_SERVICE_UNAVAILABLE',
  garbage: 'ERR_KEY_SERVICE_UNAVAILABLE',
  huge: 'ERR_KEY_SERVICE_UNAVAILABLE',
  silent: 'ERR_KEY_SERVICE_UNAVAILABLE',
  gone: 'ERR_KEY_SERVICE_UNAVAILABLE',
  redirect: 'ERR_KEY_SERVICE_REJECTED',
  403: 'ERR_KEY_SERVICE_REJECTED',
  404: 'ERR_KEY_SERVICE_REJECTED',
  429: 'ERR_KEY_SERVICE_UNAVAILABLE',
  500: 'ERR_KEY_SERVICE_UNAVAILABLE',
  503: 'ERR_KEY_SERVICE_UNAVAILABLE',
};
/** Only a service that never answers needs a limit that a test can wait for. */
export const IMPATIENT_MS = 300;

/** The context of every contract test. */
export const CONTEXT: KeyContext = {
  namespace: 'kube-system',
  name: 'sealed-secrets-keyabcde',
  fingerprint: `SHA256:${'a'.repeat(43)}`,
};

/** What a test works with. */
interface Scene {
  rig: WrapperRig;
  wrapper: KeyWrapper;
  /** A new one for each test. */
  dataKey: Bytes;
}

/**
 * What every wrapper promises, whatever the service behind it.
 *
 * @param troubles those that the service can be in
 */
export function describeWrapper(
  what: string,
  start: () => Promise<WrapperRig>,
  troubles: readonly Trouble[],
): void {
  describe(what, () => {
    const scene = {} as Scene;
    beforeAll(async () => {
      scene.rig = await start();
      scene.wrapper = scene.rig.open();
    });
    beforeEach(() => {
      scene.rig.setTrouble(undefined);
      scene.dataKey = new Uint8Array(randomBytes(32));
    });
    afterAll(async () => {
      await scene.wrapper?.close();
      await scene.rig?.close();
    });
    describeWork(scene);
    describeRefusals(scene);
    it.each(troubles)('reports trouble %s, shows no secret, and works again afterwards', (trouble) =>
      survive(trouble, scene),
    );
  });
}

function describeWork(scene: Scene): void {
  it('unwraps what it wrapped', async () => {
    const { wrapper, dataKey } = scene;
    const wrapped = await wrapper.wrap(dataKey, CONTEXT);
    expect(Buffer.from(wrapped).includes(dataKey)).toBe(false);
    expect(await wrapper.unwrap(wrapped, CONTEXT)).toEqual(dataKey);
  });
  it('rewraps into what opens to the same data key', async () => {
    const { rig, wrapper, dataKey } = scene;
    const wrapped = await wrapper.wrap(dataKey, CONTEXT);
    const again = await wrapper.rewrap(wrapped, CONTEXT);
    expect(Buffer.from(again).equals(Buffer.from(wrapped))).toBe(rig.isDeterministic === true);
    expect(await wrapper.unwrap(again, CONTEXT)).toEqual(dataKey);
  });
  it('describes itself without asking the service', () => {
    const { rig, wrapper } = scene;
    rig.setTrouble('gone');
    expect(rig.secrets.filter((secret) => wrapper.describe().includes(secret))).toEqual([]);
    expect(wrapper.describe()).not.toBe('');
  });
}

function describeRefusals(scene: Scene): void {
  it.each(['namespace', 'name', 'fingerprint'] as const)(
    'opens no key Secret under another %s',
    async (part) => {
      const { rig, wrapper, dataKey } = scene;
      const wrapped = await wrapper.wrap(dataKey, CONTEXT);
      const other = { ...CONTEXT, [part]: `${CONTEXT[part]}x` };
      if (rig.bindsContext !== false)
        expect(await failureOf(wrapper.unwrap(wrapped, other))).toMatchObject({ code: REFUSES });
      const data = { 'tls.crt': 'AAAA', 'tls.key': encodeBase64(dataKey) };
      const secret = await wrapSecretData(data, CONTEXT, wrapper);
      expect((await unwrapSecretData(secret, CONTEXT, [wrapper])).data).toEqual(data);
      await expect(unwrapSecretData(secret, other, [wrapper])).rejects.toThrow(SealedSecretsError);
    },
  );
  it('refuses what is cut, changed, or of another service', async () => {
    const { rig, wrapper, dataKey } = scene;
    const wrapped = await wrapper.wrap(dataKey, CONTEXT);
    const changed = wrapped.map((byte, at) => (at === wrapped.length - 8 ? byte ^ 1 : byte));
    for (const bad of [wrapped.subarray(0, wrapped.length - 9), changed]) {
      const opened = await wrapper.unwrap(bad, CONTEXT).catch((error: unknown) => error);
      // then the envelope is what refuses the data key
      if (rig.isTamperEvident === false) expect(opened).not.toEqual(dataKey);
      else expect(opened).toMatchObject({ code: REFUSES });
    }
    const foreign = new Uint8Array([1, 2, 3]);
    expect(await failureOf(wrapper.unwrap(foreign, CONTEXT))).toMatchObject({ code: REFUSES });
  });
}

async function survive(trouble: Trouble, { rig, wrapper, dataKey }: Scene): Promise<void> {
  const wrapped = await wrapper.wrap(dataKey, CONTEXT);
  const impatient = trouble === 'silent' ? rig.open(IMPATIENT_MS) : wrapper;
  rig.setTrouble(trouble);
  const failures = [
    await failureOf(impatient.unwrap(wrapped, CONTEXT)),
    await failureOf(impatient.wrap(dataKey, CONTEXT)),
    await failureOf(impatient.rewrap(wrapped, CONTEXT)),
  ];
  expect(failures.map(({ code }) => code)).toEqual(Array(3).fill(CODES[trouble]));
  expectNothingOf([...rig.secrets, ...[dataKey, wrapped].map(encodeBase64)], failures);
  rig.setTrouble(undefined);
  expect(await wrapper.unwrap(wrapped, CONTEXT)).toEqual(dataKey);
  if (impatient !== wrapper) await impatient.close();
}

const REFUSES = 'ERR_KEY_SERVICE_REJECTED';

/** Fails if an error shows one of these texts, wherever a person may read it. */
export function expectNothingOf(hidden: readonly string[], failures: readonly SealedSecretsError[]): void {
  const said = failures.map(({ message, hint, cause }) => `${message} ${hint} ${String(cause)}`).join('\n');
  expect(hidden.filter((text) => said.includes(text))).toEqual([]);
}

/** The error that a call fails with. */
export async function failureOf(calling: Promise<unknown>): Promise<SealedSecretsError> {
  const error = await calling.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof SealedSecretsError) return error;
  throw new Error(`should have failed with an error that a person can read, but: ${String(error)}`);
}
