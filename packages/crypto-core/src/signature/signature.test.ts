import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readVector } from '../../../../test/vectors/read.ts';
import { decodeBase64, decodeUtf8, encodeBase64 } from '../bytes.ts';
import { parseSealedSecret } from '../secret/parse.ts';
import type { SealedSecret } from '../secret/resource.ts';
import { readAllowedSigners } from './allowed-signers.ts';
import { checkSignature, signatureAnnotation } from './check-signature.ts';
import { SIGNATURE, SIGNATURE_NAMESPACE, signedContent } from './signed-content.ts';

const NOW = new Date('2026-06-01T00:00:00Z');
const KINDS = {
  ed25519: [],
  'ecdsa-256': ['-b', '256'],
  'ecdsa-384': ['-b', '384'],
  rsa: ['-b', '2048'],
} as const;
type Kind = keyof typeof KINDS;

const object = (change: object = {}) => ({ ...JSON.parse(readVector('ssh/sealed-secret.json')), ...change });
const sealed = parseSealedSecret(object());

let directory = '';
const at = (name: string) => join(directory, name);
const publicKey = (kind: Kind) => readFileSync(at(`${kind}.pub`), 'utf8').trim();
const keygen = (args: readonly string[], input: Uint8Array = new Uint8Array()) =>
  execFileSync('ssh-keygen', args, { input, stdio: ['pipe', 'pipe', 'pipe'] }).toString();

async function signed(
  secret: SealedSecret,
  kind: Kind = 'ed25519',
  options: readonly string[] = [],
  namespace = SIGNATURE_NAMESPACE,
): Promise<SealedSecret> {
  const armored = keygen(
    ['-Y', 'sign', '-q', '-f', at(kind), '-n', namespace, ...options],
    await signedContent(secret),
  );
  return withSignature(secret, armored.replace(/-----.*-----|\s/g, ''));
}

function withSignature(secret: SealedSecret, signature: string): SealedSecret {
  const { metadata } = secret;
  return {
    ...secret,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [SIGNATURE]: signature } },
  };
}

/** The strings of SSH in some bytes, without their lengths. */
function stringsIn(bytes: Buffer): Buffer[] {
  const strings: Buffer[] = [];
  for (let rest = bytes; rest.length > 0; ) {
    const end = 4 + rest.readUInt32BE(0);
    strings.push(rest.subarray(4, end));
    rest = rest.subarray(end);
  }
  return strings;
}

function sshString(bytes: Buffer): readonly Buffer[] {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return [length, bytes];
}

const stateOf = async (secret: SealedSecret, lines?: string) => {
  const signers = lines === undefined ? undefined : await readAllowedSigners(lines);
  return (await checkSignature(secret, { signers, now: NOW })).state;
};

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'signature-test-'));
  for (const [kind, options] of Object.entries(KINDS))
    keygen(['-q', '-t', kind.split('-')[0] ?? '', ...options, '-N', '', '-C', '', '-f', at(kind)]);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('signatures of sealers', () => {
  it.each(Object.keys(KINDS) as Kind[])(
    'by ssh-keygen with %s count, and ssh-keygen accepts them',
    async (kind) => {
      const secret = await signed(sealed, kind);
      const line = `ann@example.com ${publicKey(kind)}`;
      expect(await stateOf(secret, line)).toBe('good');
      writeFileSync(at('allowed'), `${line}\n`);
      const signature = secret.metadata.annotations?.[SIGNATURE] ?? '';
      writeFileSync(
        at('sig'),
        `-----BEGIN SSH SIGNATURE-----\n${signature.replace(/.{70}/g, '$&\n')}\n-----END SSH SIGNATURE-----\n`,
      );
      const verify = [
        '-Y',
        'verify',
        '-f',
        at('allowed'),
        '-I',
        'ann@example.com',
        '-n',
        SIGNATURE_NAMESPACE,
        '-s',
        at('sig'),
      ];
      expect(keygen(verify, await signedContent(secret))).toMatch(/^Good "sealedsecret@fuin" signature/);
    },
  );
  it('count with either hash', async () => {
    expect(await stateOf(await signed(sealed, 'ed25519', ['-O', 'hashalg=sha256']))).toBe('good');
  });
  it.each([
    ['a value', { spec: { ...object().spec, encryptedData: { password: 'AgBx', user: 'AgBz' } } }],
    [
      'values that change places',
      { spec: { ...object().spec, encryptedData: { password: 'AgBz', user: 'AgBy' } } },
    ],
    ['an item that goes', { spec: { ...object().spec, encryptedData: { password: 'AgBy' } } }],
    [
      'an item that comes',
      { spec: { ...object().spec, encryptedData: { password: 'AgBy', user: 'AgBz', x: 'AgB0' } } },
    ],
    ['legacy data', { spec: { ...object().spec, data: 'AgBy' } }],
    ['the name', { metadata: { name: 'web', namespace: 'shop' } }],
    ['the namespace', { metadata: { name: 'db', namespace: 'bank' } }],
    [
      'the scope',
      {
        metadata: { ...object().metadata, annotations: { 'sealedsecrets.bitnami.com/cluster-wide': 'true' } },
      },
    ],
    [
      'the type',
      { spec: { ...object().spec, template: { ...object().spec.template, type: 'kubernetes.io/tls' } } },
    ],
    [
      'a label of the template',
      {
        spec: { ...object().spec, template: { ...object().spec.template, metadata: { labels: { a: 'c' } } } },
      },
    ],
    [
      'an annotation of the template',
      {
        spec: {
          ...object().spec,
          template: {
            ...object().spec.template,
            metadata: { labels: { a: 'b' }, annotations: { 'sealedsecrets.bitnami.com/managed': 'true' } },
          },
        },
      },
    ],
    [
      'a template',
      {
        spec: {
          ...object().spec,
          template: { ...object().spec.template, data: { url: 'y={{ .password }}', off: null } },
        },
      },
    ],
    [
      'an item that is no longer left out',
      {
        spec: {
          ...object().spec,
          template: { ...object().spec.template, data: { url: 'x={{ .password }}' } },
        },
      },
    ],
    ...[
      { finalizers: ['a.example/b'] },
      { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'x', uid: '1' }] },
    ].map((metadata): [string, object] => [
      `${Object.keys(metadata)} of the template`,
      {
        spec: {
          ...object().spec,
          template: { ...object().spec.template, metadata: { labels: { a: 'b' }, ...metadata } },
        },
      },
    ]),
    ['immutable', { spec: { ...object().spec, template: { ...object().spec.template, immutable: true } } }],
  ])('are broken by a change of %s', async (_, change) => {
    const signature = (await signed(sealed)).metadata.annotations?.[SIGNATURE] ?? '';
    expect(await stateOf(withSignature(parseSealedSecret(object(change)), signature))).toBe('stale');
  });
  it.each([
    ['labels', { metadata: { ...object().metadata, labels: { team: 'ops' } } }],
    ['other annotations', { metadata: { ...object().metadata, annotations: { note: 'x' } } }],
    ['the status', { status: { observedGeneration: 3 } }],
    [
      'fields that API servers leave out',
      {
        spec: {
          ...object().spec,
          template: {
            ...object().spec.template,
            metadata: { creationTimestamp: null, labels: { a: 'b' }, annotations: {} },
          },
        },
      },
    ],
    [
      'the order of fields',
      { spec: { template: object().spec.template, encryptedData: { user: 'AgBz', password: 'AgBy' } } },
    ],
  ])('do not depend on %s', async (_, change) => {
    const signature = (await signed(sealed)).metadata.annotations?.[SIGNATURE] ?? '';
    expect(await stateOf(withSignature(parseSealedSecret(object(change)), signature))).toBe('good');
  });
  it('that are missing, of another purpose, or no signature at all do not count', async () => {
    expect(await stateOf(sealed)).toBe('missing');
    expect(await stateOf(await signed(sealed, 'ed25519', [], 'git'))).toBe('unreadable');
    for (const text of ['', 'x', 'AAAA', 'A'.repeat(9000)])
      expect(await stateOf(withSignature(sealed, text))).toBe('unreadable');
  });
  type Change = (fields: readonly Buffer[]) => readonly Buffer[];
  it.each<[string, Change]>([
    ['something in the reserved field', (fields) => fields.with(2, Buffer.from('x'))],
    ['a hash that is a property of every object', (fields) => fields.with(3, Buffer.from('constructor'))],
    ['something behind them', (fields) => [...fields, Buffer.from('x')]],
    [
      'something behind the bytes of the key',
      (fields) => fields.with(0, Buffer.concat([fields[0] ?? expect.fail(), Buffer.from('x')])),
    ],
    [
      'something behind the bytes of the signature',
      (fields) => fields.with(4, Buffer.concat([fields[4] ?? expect.fail(), Buffer.from('x')])),
    ],
  ])('do not count with %s', async (_, change) => {
    const secret = await signed(sealed);
    const blob = Buffer.from(secret.metadata.annotations?.[SIGNATURE] ?? '', 'base64');
    const [head, fields] = [blob.subarray(0, 10), stringsIn(blob.subarray(10))];
    const withFields = (texts: readonly Buffer[]) =>
      withSignature(secret, encodeBase64(Buffer.concat([head, ...texts.flatMap(sshString)])));
    expect(await stateOf(withFields(fields))).toBe('good');
    expect(await stateOf(withFields(change(fields)))).toBe('unreadable');
  });
  it('are short: nothing is read of a long one, were it blanks', async () => {
    const secret = await signed(sealed);
    const signature = secret.metadata.annotations?.[SIGNATURE] ?? '';
    expect(await stateOf(withSignature(secret, signature.padEnd(8192)))).toBe('good');
    expect(await stateOf(withSignature(secret, signature.padEnd(8193)))).toBe('unreadable');
  });
  it.each(Object.keys(KINDS) as Kind[])(
    'with %s do not count after any byte was flipped or cut',
    async (kind) => {
      const secret = await signed(sealed, kind);
      const lines = `ann@example.com ${publicKey(kind)}`;
      const bytes = decodeBase64(secret.metadata.annotations?.[SIGNATURE] ?? '');
      const states = new Set<string>();
      for (const [index, byte] of bytes.entries()) {
        states.add(await stateOf(withSignature(secret, encodeBase64(bytes.with(index, byte ^ 0x01))), lines));
        states.add(await stateOf(withSignature(secret, encodeBase64(bytes.subarray(0, index))), lines));
      }
      expect([...states].filter((state) => !['unreadable', 'stale'].includes(state))).toEqual([]);
    },
  );
  it('need a name and a namespace', async () => {
    const signature = (await signed(sealed)).metadata.annotations?.[SIGNATURE] ?? '';
    for (const metadata of [{ name: 'db' }, { namespace: 'shop' }]) {
      const nameless = parseSealedSecret(object({ metadata }));
      await expect(signedContent(nameless)).rejects.toMatchObject({ code: 'ERR_MANIFEST_INVALID' });
      expect(await stateOf(withSignature(nameless, signature))).toBe('unreadable');
    }
  });
  it('do not count for a template that is nested too deeply', async () => {
    const { metadata } = (await signed(sealed)) as { readonly metadata: object };
    let deep: object = {};
    for (let level = 0; level < 100_000; level++) deep = { deep };
    const template = { metadata: { ownerReferences: [deep] } };
    const nested = parseSealedSecret(object({ metadata, spec: { ...object().spec, template } }));
    expect(await stateOf(nested)).toBe('unreadable');
    await expect(signedContent(nested)).rejects.toMatchObject({ code: 'ERR_MANIFEST_INVALID' });
  });
  it('sign bytes that the specification shows', async () => {
    expect(decodeUtf8(await signedContent(sealed))).toBe(readVector('ssh/content.json'));
  });
  it.each(['ed25519', 'rsa'])('of the vectors count, made with %s', async (kind) => {
    const armored = readVector(`ssh/${kind}.sig`);
    const secret = withSignature(sealed, await signatureAnnotation(armored, await signedContent(sealed)));
    expect(await stateOf(secret, `* ${readVector(`ssh/${kind}.pub`)}`)).toBe('good');
  });
  it('become an annotation only if they fit what was signed', async () => {
    const content = await signedContent(sealed);
    const armored = keygen(['-Y', 'sign', '-q', '-f', at('ed25519'), '-n', SIGNATURE_NAMESPACE], content);
    expect(await stateOf(withSignature(sealed, await signatureAnnotation(armored, content)))).toBe('good');
    await expect(signatureAnnotation(armored, content.subarray(1))).rejects.toMatchObject({
      code: 'ERR_KEY_INVALID',
    });
  });
});
