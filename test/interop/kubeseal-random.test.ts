import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { runCli } from '../../packages/kubeseal-cli/src/testing/run-cli.ts';
import { peerProblem, upstreamKubeseal } from '../support/tools/peer.ts';
import { readVector } from '../vectors/read.ts';

const COUNT = 2_000;
/** Names that the Secrets share, in five namespaces: what is sealed for one name can stand in one object. */
const NAMES = 20;
/** Upstream's kubeseal opens one object per process; this many at once keep two cores busy. */
const AT_ONCE = 4;
const FILES = { 'cert.pem': readVector('x509/rsa-a.crt'), 'key.pem': readVector('keys/rsa2048-a.pkcs1.pem') };
const SCOPES = ['strict', 'namespace-wide', 'cluster-wide'];

/** Items are unique among all Secrets. */
interface RandomSecret {
  readonly kind: 'Secret';
  readonly apiVersion: 'v1';
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly annotations: Record<string, string>;
  };
  readonly data: Readonly<Record<string, string>>;
}

/** A small generator with a seed (mulberry32), so that a failure can be repeated. */
function generator(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

function randomSecrets(seed: number): RandomSecret[] {
  const random = generator(seed);
  return Array.from({ length: COUNT }, (_, index) => {
    const scope = SCOPES[random(3)] ?? 'strict';
    const items = Array.from({ length: 1 + random(2) }, (_item, at) => {
      const size = random(20) === 0 ? random(65_536) : random(200);
      const value = Buffer.from(Array.from({ length: size }, () => random(256)));
      return [`${index}-${at}${'abc.-_09'.slice(random(8))}`, value.toString('base64')];
    });
    return {
      kind: 'Secret',
      apiVersion: 'v1',
      metadata: {
        name: `secret-${random(NAMES)}`,
        namespace: `space-${random(5)}`,
        annotations:
          scope === 'strict'
            ? { note: 'é'.repeat(random(60)) }
            : { [`sealedsecrets.bitnami.com/${scope}`]: 'true' },
      },
      data: Object.fromEntries(items),
    };
  });
}

const objectsOf = <T>(stream: string): T[] =>
  parseAllDocuments(stream).map((document) => document.toJS() as T);

/** All items of objects; null counts as an empty value. */
function itemsOf(objects: readonly Pick<RandomSecret, 'data'>[]): Record<string, string> {
  const items = objects.flatMap(({ data }) => Object.entries(data));
  return Object.fromEntries(items.map(([item, value]) => [item, value ?? '']));
}

const nameOf = ({ metadata: { namespace, name } }: RandomSecret) => `${namespace}/${name}`;

interface RandomSealedSecret {
  readonly spec: { readonly encryptedData: Readonly<Record<string, string>> };
}

/** Whatever is sealed for the same scope, namespace and name, in one object. */
function merge(sealed: readonly RandomSealedSecret[]): RandomSealedSecret[] {
  const byLabel = Object.values(Object.groupBy(sealed, (_each, index) => labelOf(secrets[index])));
  return byLabel.flatMap((group = []) => {
    const [first] = group;
    const encryptedData = Object.assign({}, ...group.map(({ spec }) => spec.encryptedData));
    return first ? [{ ...first, spec: { ...first.spec, encryptedData } }] : [];
  });
}

function labelOf(secret: RandomSecret | undefined): string {
  const { name, namespace, annotations } = secret?.metadata ?? { annotations: {} };
  if ('sealedsecrets.bitnami.com/cluster-wide' in annotations) return '';
  return 'sealedsecrets.bitnami.com/namespace-wide' in annotations ? `${namespace}` : `${namespace}/${name}`;
}

const seed = Number(process.env['FUIN_SEED'] ?? randomInt(2 ** 31));
const secrets = randomSecrets(seed);
const stdin = secrets.map((secret) => JSON.stringify(secret)).join('\n');
const unsealing = ['--recovery-unseal', '--recovery-private-key', 'key.pem', '-oyaml'];

describe.skipIf(peerProblem() !== undefined)(`${COUNT} random Secrets (FUIN_SEED=${seed})`, () => {
  it('sealed by upstream open here', async () => {
    const cert = new URL('../vectors/x509/rsa-a.crt', import.meta.url).pathname;
    const sealed = await upstreamKubeseal(['--cert', cert, '-oyaml'], { stdin });
    expect(sealed).toMatchObject({ code: 0, stderr: '' });
    const opened = await runCli({ argv: unsealing, files: FILES, stdin: sealed.stdout });
    expect(opened).toMatchObject({ code: 0, stderr: '' });
    const objects = objectsOf<RandomSecret>(opened.stdout);
    expect(objects.map(nameOf)).toEqual(secrets.map(nameOf));
    expect(itemsOf(objects)).toEqual(itemsOf(secrets));
  });

  it('sealed here open with upstream', async () => {
    const sealed = await runCli({ argv: ['--cert', 'cert.pem', '-oyaml'], files: FILES, stdin });
    expect(sealed).toMatchObject({ code: 0, stderr: '' });
    const objects = objectsOf<RandomSealedSecret>(sealed.stdout);
    expect(objects).toHaveLength(COUNT);
    const waiting = merge(objects);
    const key = new URL('../vectors/keys/rsa2048-a.pkcs1.pem', import.meta.url).pathname;
    const opened: string[] = [];
    const open = async (): Promise<void> => {
      for (let object = waiting.pop(); object; object = waiting.pop()) {
        const answer = await upstreamKubeseal(unsealing.with(2, key), {
          stdin: JSON.stringify(object),
        });
        expect(answer).toMatchObject({ code: 0, stderr: '' });
        opened.push(answer.stdout);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, open));
    expect(itemsOf(opened.flatMap((text) => objectsOf<RandomSecret>(text)))).toEqual(itemsOf(secrets));
  });
});
