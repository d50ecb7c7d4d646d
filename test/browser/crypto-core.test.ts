import {
  decodeBase64,
  encodeBase64,
  encryptionLabel,
  importKeyPair,
  type KeyPair,
  KeyRing,
  openValue,
  parseSealedSecret,
  type SealedSecret,
  type Secret,
  sealSecret,
  unsealSecret,
} from '@fuin/crypto-core';
import { XWingKeyPair } from '@fuin/crypto-core/v2';
import { parseCertificate } from '@fuin/crypto-core/x509';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { isBrowserMissing } from '../support/browser/chromium.ts';
import { readVector } from '../vectors/read.ts';
import { openPage } from './browser.ts';

const SCOPES = ['cluster-wide', 'namespace-wide', 'strict'] as const;

declare global {
  /** Exists in the page only. */
  var fuin: {
    readonly core: typeof import('@fuin/crypto-core');
    readonly x509: typeof import('@fuin/crypto-core/x509');
    readonly v2: typeof import('@fuin/crypto-core/v2');
  };
}

const pem = readVector('keys/rsa2048-a.pkcs1.pem');
const certificate = readVector('x509/rsa-a.crt');
const secret: Secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'db', namespace: 'blue' },
  data: { password: 'czNjcmV0', binary: 'AAEC//79', empty: '' },
};
/** Opens a SealedSecret in the page and gives its data, or the code of the error. */
const openInPage = (page: Page, sealed: SealedSecret, privateKey: string) =>
  page.evaluate(
    async (given) => {
      const { core } = globalThis.fuin;
      const ring = core.KeyRing.of(await core.importKeyPair(given.privateKey));
      return core.unsealSecret(core.parseSealedSecret(given.sealed), ring).then(
        ({ secret }) => secret.data,
        (error) => error.code as string,
      );
    },
    { sealed, privateKey },
  );

/** Node seals a value of format v2 and the page opens it, and the other way round. */
async function bothWays(page: Page): Promise<void> {
  const material = await XWingKeyPair.generate();
  const pair = await XWingKeyPair.of(material);
  const label = encryptionLabel('strict', 'blue', 'db');
  const sealed = await pair.seal(new TextEncoder().encode('s3cret'), label, { item: 'a' });
  const answer = await page.evaluate(
    async (given) => {
      const { core, v2 } = globalThis.fuin;
      const [seed, publicKey] = [given.seed, given.publicKey].map(core.decodeBase64);
      if (!seed || !publicKey) throw new Error('no key');
      const own = await v2.XWingKeyPair.of({ seed, publicKey });
      const place = core.encryptionLabel('strict', 'blue', 'db');
      const value = core.decodeBase64(given.sealed);
      const opened = await core.openItems(
        {
          kind: 'SealedSecret',
          apiVersion: 'bitnami.com/v1alpha1',
          metadata: { name: 'db', namespace: 'blue' },
          spec: { encryptedData: { a: given.sealed } },
        },
        core.KeyRing.of(own),
      );
      const again = await own.seal(new TextEncoder().encode('from the page'), place);
      return {
        length: value.length,
        text: new TextDecoder().decode(opened.values.get('a')),
        again: core.encodeBase64(again),
        id: own.id,
      };
    },
    {
      sealed: encodeBase64(sealed),
      seed: encodeBase64(material.seed),
      publicKey: encodeBase64(material.publicKey),
    },
  );
  expect(answer).toMatchObject({ length: 1310, text: 's3cret', id: pair.id });
  const opened = await openValue(decodeBase64(answer.again), KeyRing.of(pair), label);
  expect(new TextDecoder().decode(opened)).toBe('from the page');
}

describe.skipIf(isBrowserMissing('crypto-core'))('crypto-core in Chromium', () => {
  let page: Page;
  let close: () => Promise<void>;
  let key: KeyPair;
  beforeAll(async () => {
    key = await importKeyPair(pem);
    ({ page, close } = await openPage());
    console.log(`test/browser: ${await page.evaluate('navigator.userAgent')}`);
  });
  afterAll(() => close?.());

  it.each(SCOPES)('opens in the browser what Node sealed, scope %s', async (scope) => {
    expect(await openInPage(page, await sealSecret(secret, key, scope), pem)).toEqual(secret.data);
  });

  it.each(SCOPES)('opens in Node what the browser sealed, scope %s', async (scope) => {
    const sealed = await page.evaluate(
      async (given) => {
        const { core, x509 } = globalThis.fuin;
        const { recipient } = await x509.parseCertificate(given.certificate);
        return core.sealSecret(core.parseSecret(given.secret), recipient, given.scope);
      },
      { secret, certificate, scope },
    );
    const opened = await unsealSecret(parseSealedSecret(sealed), KeyRing.of(key));
    expect(opened.secret.data).toEqual(secret.data);
  });

  it.each<readonly [string, string]>([
    ['kubeseal/out-strict.yaml', 'kubeseal/a.pkcs1.key'],
    ['kubeseal/out-tls.yaml', 'kubeseal/a.pkcs1.key'],
    ...SCOPES.map((scope) => [`kubeseal-v0.27.1/${scope}.json`, 'keys/rsa2048-a.pkcs1.pem'] as const),
  ])('opens in the browser what upstream sealed: %s', async (file, keyFile) => {
    const sealed = parseSealedSecret(parse(readVector(file)));
    const inNode = await unsealSecret(sealed, KeyRing.of(await importKeyPair(readVector(keyFile))));
    expect(await openInPage(page, sealed, readVector(keyFile))).toEqual(inNode.secret.data);
  });

  it('opens values of format v2 that Node sealed, and seals such that Node opens', () => bothWays(page));

  it('refuses in the browser what was moved, tampered with or sealed for another key', async () => {
    const sealed = await sealSecret({ ...secret, data: { a: 'eA==' } }, key);
    const moved = { ...sealed, metadata: { ...sealed.metadata, namespace: 'red' } };
    const text = sealed.spec.encryptedData['a'] ?? '';
    const tampered = {
      ...sealed,
      spec: {
        encryptedData: { a: `${text.slice(0, -5)}${text.at(-5) === 'A' ? 'B' : 'A'}${text.slice(-4)}` },
      },
    };
    const outcomes = [
      await openInPage(page, moved, pem),
      await openInPage(page, tampered, pem),
      await openInPage(page, sealed, readVector('keys/rsa2048-b.pkcs8.pem')),
    ];
    expect(outcomes).toEqual(Array(3).fill('ERR_NO_KEY_OPENS_VALUE'));
  });

  it('reads certificates in the browser as Node does', async () => {
    const files = ['x509/rsa-a.crt', 'x509/rsa-b.crt', 'kubeseal/a.crt'].map(readVector);
    const read = (texts: readonly string[]) =>
      page.evaluate(async (given) => {
        const { x509 } = globalThis.fuin;
        const certificates = await Promise.all(given.map((text) => x509.parseCertificate(text)));
        return Promise.all(
          certificates.map(({ recipient, notAfter }) => [recipient.id, notAfter.toISOString()]),
        );
      }, texts);
    const inNode = await Promise.all(
      files.map(async (text) => {
        const { recipient, notAfter } = await parseCertificate(text);
        return [recipient.id, notAfter.toISOString()];
      }),
    );
    expect(await read(files)).toEqual(inNode);
  });

  it('refuses keys and certificates in the browser with the codes of Node', async () => {
    const codes = await page.evaluate(
      ({ keys, certificates }) => {
        const { core, x509 } = globalThis.fuin;
        const code = (error: { code: string }) => error.code;
        return Promise.all([
          ...keys.map((text) => core.importKeyPair(text).then(() => 'read', code)),
          ...certificates.map((text) => x509.parseCertificate(text).then(() => 'read', code)),
        ]);
      },
      {
        keys: ['ec-p256.pkcs8', 'rsa-pss.pkcs8', 'rsa512.pkcs8', 'rsa2048-a.encrypted-pkcs1'].map((name) =>
          readVector(`keys/${name}.pem`),
        ),
        certificates: ['ec', 'rsa-pss', 'rsa512'].map((name) => readVector(`x509/${name}.crt`)),
      },
    );
    expect(codes).toEqual([...Array(4).fill('ERR_KEY_INVALID'), ...Array(3).fill('ERR_CERTIFICATE_INVALID')]);
  });

  it('makes a key and a certificate in the browser that Node reads', async () => {
    const made = await page.evaluate(async () => {
      const { core, x509 } = globalThis.fuin;
      const pair = await core.generateKeyPair(2048);
      const [notBefore, notAfter] = [new Date('2026-01-01T00:00:00Z'), new Date('2056-01-01T00:00:00Z')];
      return {
        privateKey: core.exportPrivateKey(pair),
        certificate: await x509.createCertificate(pair, { commonName: 'browser', notBefore, notAfter }),
        id: pair.id,
      };
    });
    expect((await importKeyPair(made.privateKey)).id).toBe(made.id);
    const read = await parseCertificate(made.certificate);
    expect(read.recipient.id).toBe(made.id);
    expect(read.notAfter).toEqual(new Date('2056-01-01T00:00:00Z'));
  });
});

describe.skipIf(isBrowserMissing('crypto-core without ML-KEM'))(
  'crypto-core in a Chromium whose Web Crypto lacks ML-KEM',
  () => {
    let page: Page;
    let close: () => Promise<void>;
    const loaded: string[] = [];
    beforeAll(async () => {
      ({ page, close } = await openPage({ hasMlKem: false }));
      page.on('request', (request) => loaded.push(new URL(request.url()).pathname));
    });
    afterAll(() => close?.());

    it('computes the same in JavaScript, which it loads with the first key', async () => {
      console.log('test/browser: a double: ML-KEM is taken out of the Web Crypto of this Chromium');
      const refusal = await page.evaluate(() =>
        crypto.subtle.generateKey({ name: 'MLKEM768-X25519' }, false, []).then(
          () => 'there',
          ({ name }) => name as string,
        ),
      );
      expect(refusal).toBe('NotSupportedError');
      expect(loaded).toEqual([]);
      await bothWays(page);
      expect(loaded).toEqual([expect.stringMatching(/^\/noble-kem-/)]);
    });
    it('seals in milliseconds', async () => {
      const publicKey = encodeBase64((await XWingKeyPair.generate()).publicKey);
      const times = await page.evaluate(async (given) => {
        const { core, v2 } = globalThis.fuin;
        const recipient = await v2.importRecipient(core.decodeBase64(given));
        const label = core.encryptionLabel('strict', 'blue', 'db');
        const spent: number[] = [];
        for (let round = 0; round < 10; round++) {
          const start = performance.now();
          await recipient.seal(new Uint8Array(32), label);
          spent.push(performance.now() - start);
        }
        return spent.sort((a, b) => a - b);
      }, publicKey);
      console.log(
        `test/browser: sealing without ML-KEM in Web Crypto: ${times[5]?.toFixed(1)} ms (median of 10)`,
      );
      expect(times).toHaveLength(10);
    });
  },
);
