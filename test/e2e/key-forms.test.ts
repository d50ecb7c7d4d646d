import { createHash, X509Certificate } from 'node:crypto';
import { exportPrivateKey, generateKeyPair } from '@fuin/crypto-core';
import { createCertificate, parseCertificate } from '@fuin/crypto-core/x509';
import { describe, expect } from 'vitest';
import { readKubeconfig } from '../support/api/kubeconfig.ts';
import type { ApiObject } from '../support/api/types.ts';
import { textsOf } from '../support/objects.ts';
import { eventually } from '../support/time/eventually.ts';
import { isUpstream, useWorld } from '../support/use-world.ts';
import { it } from './it.ts';

const LABEL = 'sealedsecrets.bitnami.com/sealed-secrets-key';
/**
 * DER of basicConstraints, critical, cA TRUE (RFC 5280 §4.2.1.9). OpenSSL sees no CA, since keyUsage lacks
 * keyCertSign.
 */
const CA = '0603551d130101ff040530030101ff';
/** DER of keyUsage, critical, with encipherOnly alone (RFC 5280 §4.2.1.3). */
const ENCIPHER_ONLY = '0603551d0f0101ff040403020001';
const TEN_YEARS_MS = 87_600 * 3_600_000;
/** Before the controller is started, in whole seconds as in a certificate. */
const BEGIN_MS = Math.floor(Date.now() / 1000) * 1000;
const holder = useWorld();

const secretsPath = () => `/api/v1/namespaces/${holder.world.home}/secrets`;
const oneSecond = () => new Promise((resolve) => setTimeout(resolve, 1_100));

/** One more key Secret than there were. */
async function madeAfter(before: readonly ApiObject[]): Promise<ApiObject> {
  const known = new Set(before.map(({ metadata }) => metadata.name));
  return eventually('another key', async () =>
    (await holder.world.keySecrets()).find(({ metadata }) => !known.has(metadata.name)),
  );
}

/** Stores a key pair of one's own; with the certificate of another key if asked for. */
async function store(name: string, notBefore: Date, certified?: Awaited<ReturnType<typeof generateKeyPair>>) {
  const keyPair = await generateKeyPair(2048);
  const notAfter = new Date(notBefore.getTime() + 86_400_000);
  const certificate = await createCertificate(certified ?? keyPair, {
    commonName: name,
    notBefore,
    notAfter,
  });
  const stringData = { 'tls.key': exportPrivateKey(keyPair), 'tls.crt': certificate };
  const metadata = { name, labels: { [LABEL]: 'active' } };
  await holder.world.client.create(secretsPath(), { apiVersion: 'v1', kind: 'Secret', metadata, stringData });
  return { keyPair, certificate };
}

/** What our controller writes on its key Secrets, and upstream's does not. */
async function annotationsOf(certificatePem: string): Promise<Record<string, string>> {
  const { recipient } = await parseCertificate(certificatePem);
  const { validFromDate, validToDate } = new X509Certificate(certificatePem);
  const times = [validFromDate, validToDate].map((date) => date.toISOString().replace('.000Z', 'Z'));
  return {
    'sealedsecrets.bitnami.com/key-fingerprint': recipient.id,
    'sealedsecrets.bitnami.com/key-validity': times.join('/'),
  };
}

/** Whose key it is, as certificates of our controller say; upstream's say nothing. */
async function ownName(): Promise<string> {
  const { home, cluster } = holder.world;
  const { ca } = await readKubeconfig(cluster.adminKubeconfig); // none where the server speaks HTTP
  const mark = ca && createHash('sha256').update(ca.trim()).digest('hex').slice(0, 12);
  return [`CN=sealed-secrets-controller.${home}`.slice(0, 67), ...(mark ? [`O=cluster ${mark}`] : [])].join(
    '\n',
  );
}

describe('a key that the controller makes', () => {
  it('is a Secret like those of upstream', async () => {
    const [secret] = await holder.world.keySecrets();
    const { name, generateName, labels, annotations, ownerReferences } = secret?.metadata ?? {};
    expect(secret).toMatchObject({ type: 'kubernetes.io/tls' });
    expect(secret).not.toHaveProperty('immutable');
    expect({ generateName, labels, annotations, ownerReferences }).toEqual({
      generateName: 'sealed-secrets-key',
      labels: { [LABEL]: 'active' },
      annotations: isUpstream ? undefined : await annotationsOf(await holder.world.certificate()),
    });
    expect(name).toMatch(/^sealed-secrets-key[a-z0-9]{5}$/);
    const texts = textsOf(secret);
    expect(Object.keys(texts).sort()).toEqual(['tls.crt', 'tls.key']);
    expect(texts['tls.crt']).toBe(await holder.world.certificate());
    expect(texts['tls.key']).toMatch(
      /^-----BEGIN RSA PRIVATE KEY-----\n[^-]+-----END RSA PRIVATE KEY-----\n$/,
    );
  });
  it('has a certificate signed by itself: ten years, a CA, for enciphering alone', async () => {
    const certificate = new X509Certificate(await holder.world.certificate());
    // an empty name has no string at all
    const names = [certificate.subject ?? '', certificate.issuer ?? ''];
    const name = isUpstream ? '' : await ownName();
    expect(names).toEqual([name, name]);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.signatureAlgorithm).toBe('sha256WithRSAEncryption');
    for (const extension of [CA, ENCIPHER_ONLY]) expect(certificate.raw.toString('hex')).toContain(extension);
    expect(certificate.serialNumber.length).toBeGreaterThan(24); // of 128 random bits
    const beginsMs = certificate.validFromDate.getTime();
    expect(certificate.validToDate.getTime() - beginsMs).toBe(TEN_YEARS_MS);
    expect(beginsMs).toBeGreaterThanOrEqual(BEGIN_MS);
    expect(beginsMs).toBeLessThanOrEqual(Date.now());
  });
  it('keeps its label whatever --privatekey-labels says', async () => {
    const { world } = holder;
    await world.restart(`--privatekey-labels=${LABEL}=off,team=a`);
    const before = await world.keySecrets();
    await world.controller.signal('SIGUSR1');
    const { metadata } = await madeAfter(before);
    expect(metadata.labels).toEqual({ [LABEL]: 'active', team: 'a' });
  });
  it('is made by --rotate-period too, which is deprecated', async () => {
    const { world } = holder;
    const before = await world.keySecrets();
    await oneSecond();
    await world.restart('--rotate-period=1s');
    await madeAfter(before);
    expect(await world.controller.logs()).toContain(
      'rotate-period has been deprecated, please use key-renew-period instead',
    );
  });
});

describe('the key that seals', () => {
  it('is the earlier one of two of the same age', async () => {
    const { world } = holder;
    // later than what was made here so far
    const soon = new Date(Math.ceil(Date.now() / 1000) * 1000 + 60_000);
    const earlier = await store('own-z', soon);
    await oneSecond(); // creation times count in seconds
    await store('own-a', soon);
    await world.restart('--key-renew-period=0');
    expect(await world.certificate()).toBe(earlier.certificate);
  });
  it('is found as by default where --key-order-priority has an unknown value, which is reported', async () => {
    const { world } = holder;
    const served = await world.certificate();
    await world.restart('--key-renew-period=0', '--key-order-priority=Random');
    expect(await world.certificate()).toBe(served); // SecretCreationTimestamp would name another
    expect(await world.controller.logs()).toContain('Random');
  });
  it('is none whose certificate belongs to another key', async () => {
    const { world } = holder;
    const served = await world.certificate();
    const later = new Date(Date.now() + 120_000);
    await store('own-mismatched', later, await generateKeyPair(2048));
    await world.restart('--key-renew-period=0');
    expect(await world.certificate()).toBe(served);
    const complaint = 'the certificate in tls.crt does not belong to the key in tls.key';
    expect(await world.controller.logs()).toContain(complaint);
  });
});
