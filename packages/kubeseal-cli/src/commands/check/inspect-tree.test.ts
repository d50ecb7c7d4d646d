import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BACKUP,
  FOREIGN,
  inspect,
  itemsOf,
  KEYS,
  NEW,
  NEW_CERT,
  OLD,
  sealed,
} from '../../testing/inspected.ts';

/** A SealedSecret of a made-up repository. */
const object = fc.record({
  cluster: fc.constantFrom('blue', 'green', 'red'),
  team: fc.constantFrom('shop', 'bank/eu', 'web'),
  scope: fc.constantFrom('strict', 'namespace-wide', 'cluster-wide'),
  key: fc.constantFrom(OLD, NEW, FOREIGN),
  value: fc.string({ maxLength: 60, unit: 'binary' }),
});
const [objects = []] = fc.sample(fc.array(object, { minLength: 90, maxLength: 90 }), {
  seed: 14,
  numRuns: 1,
});
const STATUS = new Map([
  [OLD.id, 'stale'],
  [NEW.id, 'current'],
  [FOREIGN.id, 'unknown'],
]);

describe('kubeseal inspect, over a made-up repository of three clusters', () => {
  it('tells of each object what it was made of, in the order of the paths', async () => {
    const made = await Promise.all(
      objects.map(async ({ cluster, team, scope, key, value }, at) => {
        const file = `${cluster}/${team}/s${at + 100}.json`;
        const text = await sealed(`s${at}`, { value }, { key, scope });
        return { file, text, scope, key: key.id, bytes: Buffer.byteLength(value) };
      }),
    );
    const others = {
      '.gitignore': 'drafts/\n',
      'blue/drafts/x.json': made[0]?.text ?? '',
      'blue/values.yaml': 'image: SealedSecret\n',
      'keys.yaml': BACKUP,
      'cert.pem': NEW_CERT,
    };
    const files = { ...Object.fromEntries(made.map(({ file, text }) => [file, text])), ...others };
    const { code, report } = await inspect(files, [...KEYS, '--cert', 'cert.pem', '.']);
    const sorted = made.toSorted((a, b) => (a.file < b.file ? -1 : 1));
    expect({ code, errors: report.errors }).toEqual({ code: 0, errors: [] });
    expect(report.sealedSecrets.map(({ file, scope }) => [file, scope])).toEqual(
      sorted.map(({ file, scope }) => [file, scope]),
    );
    expect(itemsOf(report)).toEqual(
      sorted.map(({ key, bytes }) =>
        expect.objectContaining({
          valueBytes: bytes,
          keyStatus: STATUS.get(key),
          keyFingerprint: key === FOREIGN.id ? null : key,
        }),
      ),
    );
  });
});
