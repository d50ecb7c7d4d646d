import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { certificateSource } from './certificate-source.ts';
import { findSettings, MAX_SETTINGS_BYTES, namedSettings } from './find-settings.ts';
import { readSettings } from './read-settings.ts';
import { Settings } from './settings.ts';

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'kubeseal-settings-')));
  for (const path of ['.git', 'clusters/prod/shop', 'clusters/dev'])
    mkdirSync(join(root, path), { recursive: true });
  writeFileSync(join(root, '.kubeseal.yaml'), 'clusters: {prod: {context: p}}\n');
});
afterEach(() => rmSync(root, { recursive: true }));

/** The cluster that a file is for. */
function clusterOf(file: string, rules: readonly (readonly [pattern: string, cluster: string])[]) {
  const lines = rules.map(([pattern, cluster]) => `  - {paths: ["${pattern}"], cluster: ${cluster}}\n`);
  const text = `clusters: {prod: {context: p}, dev: {context: d}}\nrules:\n${lines.join('')}`;
  const place = { path: join(root, '.kubeseal.yaml'), directory: root, where: '.kubeseal.yaml' };
  return new Settings(readSettings(Buffer.from(text), 'f'), place).ruleFor(file, root)?.cluster;
}

describe('a settings file that is too large', () => {
  const read = () => Settings.read(namedSettings('.kubeseal.yaml', root));
  it('is refused by its size: nothing of more than any memory holds is read', () => {
    truncateSync(join(root, '.kubeseal.yaml'), 2 ** 40);
    expect(read).toThrow('.kubeseal.yaml is over 1 MiB');
  });
  it('begins one byte behind the limit', () => {
    const text = 'clusters: {prod: {context: p}}\n';
    writeFileSync(join(root, '.kubeseal.yaml'), `${text}#`.padEnd(MAX_SETTINGS_BYTES, ' '));
    expect([...read().values.clusters.keys()]).toEqual(['prod']);
    truncateSync(join(root, '.kubeseal.yaml'), MAX_SETTINGS_BYTES + 1);
    expect(read).toThrow('over 1 MiB');
  });
});

describe('the rule for a file', () => {
  it.each([
    ['clusters/prod/**', 'clusters/prod/shop/db.yaml', 'prod'],
    ['clusters/prod', 'clusters/prod/shop/db.yaml', 'prod'],
    ['clusters/prod/**', 'clusters/production/db.yaml', undefined],
    ['clusters/prod/**', 'CLUSTERS/prod/db.yaml', undefined],
    ['*.prod.yaml', 'a/b/db.prod.yaml', 'prod'],
    ['/db.yaml', 'a/db.yaml', undefined],
    ['clusters/*/db.yaml', 'clusters/prod/shop/db.yaml', undefined],
    ['**', 'new/file.json', 'prod'],
    ['**', '../elsewhere.yaml', undefined],
    ['**', '/etc/passwd', undefined],
  ])('%s for %s is %s', (pattern, file, cluster) => {
    expect(clusterOf(file, [[pattern, 'prod']])).toBe(cluster);
  });
  it('is the first that matches', () => {
    const rules = [
      ['clusters/dev/**', 'dev'],
      ['**', 'prod'],
    ] as const;
    expect(clusterOf('clusters/dev/db.yaml', rules)).toBe('dev');
    expect(clusterOf('clusters/x/db.yaml', rules)).toBe('prod');
    expect(clusterOf('clusters/dev/db.yaml', rules.toReversed())).toBe('prod');
  });
  it('is that of the file behind a link, also in a directory behind one', () => {
    const rules = [
      ['clusters/dev/**', 'dev'],
      ['clusters/prod/**', 'prod'],
    ] as const;
    writeFileSync(join(root, 'clusters/prod/db.yaml'), '');
    symlinkSync('../prod/db.yaml', join(root, 'clusters/dev/db.yaml'));
    symlinkSync('prod', join(root, 'clusters/devel'));
    symlinkSync('../prod/new.yaml', join(root, 'clusters/dev/new.yaml'));
    symlinkSync('loop.yaml', join(root, 'clusters/dev/loop.yaml'));
    expect(clusterOf('clusters/dev/db.yaml', rules)).toBe('prod');
    expect(clusterOf('clusters/dev/new.yaml', rules)).toBe('prod');
    expect(clusterOf('clusters/dev/loop.yaml', rules)).toBe('dev');
    expect(clusterOf('clusters/devel/shop/new.yaml', rules)).toBe('prod');
  });
});

describe('the settings file', () => {
  it('is the nearest one in the directory of the file and above', () => {
    const top = { path: join(root, '.kubeseal.yaml'), directory: root };
    expect(findSettings('clusters/prod/new/db.yaml', root)).toEqual({ ...top, where: '.kubeseal.yaml' });
    expect(findSettings('db.yaml', join(root, 'clusters/prod'))).toEqual({
      ...top,
      where: '../../.kubeseal.yaml',
    });
    writeFileSync(join(root, 'clusters/prod/.kubeseal.yaml'), '');
    expect(findSettings('clusters/prod/shop/db.yaml', root)?.where).toBe('clusters/prod/.kubeseal.yaml');
  });
  it('is not searched for above the repository', () => {
    mkdirSync(join(root, 'clusters/prod/.git'));
    expect(findSettings('clusters/prod/shop/db.yaml', root)).toBeUndefined();
    expect(findSettings('clusters/dev/db.yaml', root)).toBeDefined();
  });
  it('of another user is refused in a directory that everybody may write to', () => {
    const path = join(root, '.kubeseal.yaml');
    if (process.getuid?.() === 0) chownSync(path, 1, 1); // a file of root is nobody else's
    const [own, other] = [statSync(path).uid, statSync(path).uid + 1];
    expect(findSettings('db.yaml', root, other)).toBeDefined();
    chmodSync(root, 0o1777);
    expect(findSettings('db.yaml', root, own)).toBeDefined();
    expect(() => findSettings('db.yaml', root, other)).toThrow('belongs to another user');
  });
  it('must exist where it is named', () => {
    expect(() => namedSettings('missing.yaml', root)).toThrow('open missing.yaml: no such file or directory');
  });
});

describe('a certificate of the settings file', () => {
  const source = (certificate: string) =>
    certificateSource(
      certificate,
      { path: '', directory: root, where: '.kubeseal.yaml' },
      join(root, 'clusters'),
    );
  it('is a file relative to the settings file, or a URL', () => {
    writeFileSync(join(root, 'clusters/prod/cert.pem'), '');
    expect(source('clusters/prod/cert.pem')).toBe('prod/cert.pem');
    expect(source('https://certs.test/a.pem')).toBe('https://certs.test/a.pem');
  });
  it.each([
    ['/etc/hostname', 'outside of the directory'],
    ['clusters/../../../etc/hostname', 'outside of the directory'],
    ['clusters/out', 'outside of the directory'],
    ['clusters/gone', 'outside of the directory'],
    ['clusters', 'is not a certificate'],
    ['missing.pem', 'missing.pem of .kubeseal.yaml: no such file or directory'],
    ['file:///etc/hostname', 'neither a file nor an https URL'],
    ['https://ann:pw@certs.test/a.pem', 'neither a file nor an https URL'],
    ['https://ann@certs.test/a.pem', 'neither a file nor an https URL'],
    ['https://:pw@certs.test/a.pem', 'neither a file nor an https URL'],
    ['ftp://certs.test/a.pem', 'neither a file nor an https URL'],
  ])('%s is refused: %s', (certificate, message) => {
    symlinkSync('/etc/hostname', join(root, 'clusters/out'));
    symlinkSync('/etc/does-not-exist', join(root, 'clusters/gone'));
    expect(() => source(certificate)).toThrow(message);
  });
});
