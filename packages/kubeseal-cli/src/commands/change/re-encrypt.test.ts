import { decodeUtf8, KeyRing, openItems, parseSealedSecret, type SealedSecret } from '@fuin/crypto-core';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { makeRepository, type Repository } from '../../../../../test/support/repository/repository.ts';
import { type CliRun, runCli } from '../../testing/run-cli.ts';

const OFFLINE = ['--recovery-private-key', 'keys/dev.pem', '--cert', 'clusters/dev/cert.pem'];
let repository: Repository;
beforeAll(async () => {
  repository = await makeRepository();
});

const run = (argv: readonly string[], more: Partial<CliRun> = {}) =>
  runCli({ files: repository.files, ...more, argv: ['re-encrypt', ...argv] });
/** The SealedSecrets of one cluster, and those with stale items. */
const objectsOf = (cluster: string) => {
  const all = repository.objects.filter((object) => object.cluster === cluster);
  return { all, stale: all.filter(({ stale }) => stale.length > 0) };
};
const sealedIn = (text = ''): SealedSecret[] =>
  parseAllDocuments(text)
    .map((document) => document.toJS())
    .flatMap((object) => (object.kind === 'List' ? object.items : [object]))
    .filter(({ kind }) => kind === 'SealedSecret')
    .map(parseSealedSecret);
/** Without sealed values, and the quotes around one that was replaced. */
const masked = (text = '') => text.replace(/(["']?)A[gQ][\w+/=]{40,}\1/g, '<sealed>');

describe('kubeseal re-encrypt with keys', () => {
  it('seals the stale items of one cluster again, and changes no other byte', async () => {
    const { code, stderr, files } = await run([...OFFLINE, 'clusters/dev']);
    const { all, stale } = objectsOf('dev');
    expect(code).toBe(0);
    expect(stderr).toContain(`note: ${stale.length} of ${all.length} SealedSecrets changed\n`);
    const { newest } = repository.keys.get('dev') ?? expect.fail();
    for (const { file, namespace, name, values, stale: items } of all) {
      const [before, after] = [repository.files, files].map((some) =>
        sealedIn(some[file]).find(
          ({ metadata }) => metadata.name === name && metadata.namespace === namespace,
        ),
      );
      const opened = await openItems(after ?? expect.fail(), KeyRing.of(newest));
      const texts = [...opened.values].map(([item, value]) => [item, decodeUtf8(value)]);
      expect(Object.fromEntries(texts)).toEqual(values);
      const changed = Object.keys(values).filter(
        (item) => before?.spec.encryptedData[item] !== after?.spec.encryptedData[item],
      );
      expect(changed).toEqual(items);
    }
    for (const [name, content] of Object.entries(repository.files)) {
      expect(masked(files[name]), name).toBe(masked(content));
      if (!objectsOf('dev').stale.some(({ file }) => file === name)) expect(files[name]).toBe(content);
    }
  });

  it('opens each value once, and tries a key in vain once in the whole run', async () => {
    const { files, objects } = await makeRepository({
      count: 60,
      clusters: ['dev'],
      staleShare: 1,
      items: 2,
    });
    const decrypt = vi.spyOn(crypto.subtle, 'decrypt');
    onTestFinished(() => void vi.restoreAllMocks());
    expect((await run([...OFFLINE, 'clusters/dev'], { files })).code).toBe(0);
    const opened = decrypt.mock.calls.filter(([, { algorithm }]) => algorithm.name === 'RSA-OAEP');
    expect(objects).toHaveLength(60);
    expect(opened).toHaveLength(2 * objects.length + 1);
  });

  it('changes nothing in a second run', async () => {
    const first = await run([...OFFLINE, 'clusters/dev']);
    const second = await run([...OFFLINE, 'clusters/dev'], { files: first.files });
    expect({ code: second.code, files: second.files }).toEqual({ code: 0, files: first.files });
    expect(second.stderr).toContain('note: 0 of 100 SealedSecrets changed\n');
  });

  it('goes on where a run ended that was stopped', async () => {
    const { stale } = objectsOf('dev');
    const last = [...new Set(stale.map(({ file }) => file))].sort().at(-1) ?? '';
    const broken = { ...repository.files, [last]: 'kind: SealedSecret\nbroken: [\n' };
    const stopped = await run([...OFFLINE, '--fail-fast', 'clusters/dev'], { files: broken });
    expect(stopped.code).toBe(1);
    const mended = { ...stopped.files, [last]: repository.files[last] ?? '' };
    const { code, files } = await run([...OFFLINE, 'clusters/dev'], { files: mended });
    expect(code).toBe(0);
    const done = Object.keys(files).filter((name) => stopped.files[name] !== repository.files[name]);
    for (const name of done.filter((each) => each !== last)) expect(files[name]).toBe(stopped.files[name]);
    const check = await run([...OFFLINE, '--check', 'clusters/dev'], { files });
    expect(check).toMatchObject({ code: 0, files });
  });

  it('with --check writes nothing, prints no diff and ends with exit code 3 if something is stale', async () => {
    const { all, stale } = objectsOf('dev');
    const { code, stdout, stderr, files } = await run([...OFFLINE, '--check', '--quiet', 'clusters/dev']);
    expect({ code, stdout, files }).toEqual({ code: 3, stdout: '', files: repository.files });
    expect(stderr).toBe(
      `error: ${stale.length} of ${all.length} SealedSecrets have items that an older key sealed\nhint: kubeseal re-encrypt seals them again\n`,
    );
  });

  it('tells programs what changed', async () => {
    const { stdout } = await run([...OFFLINE, '--json', '--dry-run', 'clusters/dev']);
    const { sealedSecrets, ...document } = JSON.parse(stdout);
    expect(document).toEqual({ schemaVersion: 1, dryRun: true, errors: [] });
    const { all } = objectsOf('dev');
    expect(sealedSecrets).toHaveLength(all.length);
    const changed = sealedSecrets.filter((each: { changed: boolean }) => each.changed);
    expect(changed).toHaveLength(objectsOf('dev').stale.length);
    expect(changed[0].items[0]).toEqual({ item: expect.any(String), change: 'changed' });
  });

  it('leaves files of other clusters as they were, names each with what it shows, and goes on', async () => {
    const { code, stderr, files } = await run([...OFFLINE, 'clusters/stage', 'clusters/dev']);
    expect(code).toBe(1);
    const stage = Object.keys(files).filter((name) => name.startsWith('clusters/stage'));
    for (const name of stage) expect(files[name]).toBe(repository.files[name]);
    expect(stderr).toContain(`${objectsOf('dev').stale.length} of 100 SealedSecrets changed`);
    expect(stderr).toMatch(
      /^error: document 1 of clusters\/stage\/.*: no key could decrypt secret \(.*\): was it sealed for this cluster/m,
    );
  });

  it('says that the newest key is missing among the given ones', async () => {
    const [, older = ''] = (repository.files['keys/dev.pem'] ?? '').split(/(?<=END RSA PRIVATE KEY-----\n)/);
    const files = { ...repository.files, old: older };
    const argv = ['--recovery-private-key', 'old', '--cert', 'clusters/dev/cert.pem', 'clusters/dev'];
    const { code, stderr } = await run(argv, { files });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^hint: the key of the certificate \(SHA256:.*\) is not among the given keys: /m);
  });

  it('writes what it reads from stdin to stdout', async () => {
    const { file } = objectsOf('dev').stale[0] ?? expect.fail();
    const text = repository.files[file] ?? '';
    const { code, stdout, files } = await run([...OFFLINE, '-'], { stdin: text });
    expect({ code, files, text: masked(stdout) }).toEqual({
      code: 0,
      files: repository.files,
      text: masked(text),
    });
    expect(stdout).not.toBe(text);
  });

  it.each([
    [['nope'], /^error: open nope: no such file or directory\n/],
    [
      ['clusters/dev/cert.pem'],
      /^error: document 1 of clusters\/dev\/cert\.pem is not a Kubernetes object\n/,
    ],
  ])('ends with exit code 1 and one line for %s', async (argv, message) => {
    const { code, stderr } = await run([...OFFLINE, ...argv, '--quiet']);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });

  it('needs a path', async () => {
    expect(await run(OFFLINE)).toMatchObject({ code: 2, stdout: '' });
  });
});
