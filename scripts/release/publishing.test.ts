import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { OWNER } from '../owner.ts';
import { describeSteps, publishSteps } from './publishing.ts';

const FILLED = {
  ...OWNER,
  registry: 'registry.example/team',
  npmScope: '@team',
  repository: 'https://git.example.org/team/fuin',
  maintainer: 'Team <team@example.org>',
} as const;
const FILES = [
  'kubeseal-1.2.3-linux-amd64.tar.gz',
  'sealed-secrets-1.2.3.tgz',
  'sealed-secrets-controller-1.2.3.oci.tar',
  'sealed-secrets-controller-1.2.3-image-linux-amd64.cdx.json',
  'team-kubeseal-cli-1.2.3.tgz',
  'sealing-page-1.2.3.html',
  'documentation-1.2.3.tar.gz',
  'SHA256SUMS',
  'package-managers/aur/PKGBUILD',
];
const steps = publishSteps(FILLED, '1.2.3', FILES);
const commands = steps.map(({ command }) => command);
const indexOf = (start: string) => commands.findIndex((command) => command.startsWith(start));

describe('publishing', () => {
  it('pushes image, chart, npm packages and files under the names of the owner', () => {
    expect(commands).toContain(
      'crane push "$IMAGE_LAYOUT" registry.example/team/sealed-secrets-controller:1.2.3',
    );
    expect(commands).toContain('helm push sealed-secrets-1.2.3.tgz oci://registry.example/team/charts');
    expect(commands).toContain('npm publish --provenance --access public ./team-kubeseal-cli-1.2.3.tgz');
    for (const file of ['kubeseal-1.2.3-linux-amd64.tar.gz', 'sealing-page-1.2.3.html'])
      expect(commands.at(indexOf('gh release create v1.2.3'))).toContain(file);
    expect(commands.join('\n')).not.toContain('localhost');
  });
  it('signs image and chart by digest after they are there, and the files before they are', () => {
    const sign = (name: string) =>
      indexOf(`cosign sign --yes --recursive "$(crane digest --full-ref registry.example/team/${name}`);
    expect(sign('sealed-secrets-controller')).toBeGreaterThan(indexOf('crane push'));
    expect(sign('charts/sealed-secrets')).toBeGreaterThan(indexOf('helm push'));
    expect(indexOf('gh release')).toBeGreaterThan(indexOf('cosign sign-blob'));
    expect(commands.at(indexOf('gh release'))).toContain('SHA256SUMS.sigstore.json');
  });
  it('attaches the bill of materials to the image of its architecture', () => {
    expect(commands.at(indexOf('cosign attest'))).toMatch(
      /--predicate \S+-linux-amd64\.cdx\.json "\$\(crane digest --platform linux\/amd64 /,
    );
  });
  it('uploads the files to GitLab, and makes the release that links to them', async () => {
    const seen: { method: string | undefined; url: string | undefined; token: unknown; body: string }[] = [];
    const server = createServer(async (request, response) => {
      const body = (await request.setEncoding('utf8').toArray()).join('');
      seen.push({ method: request.method, url: request.url, token: request.headers['job-token'], body });
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const directory = await mkdtemp(join(tmpdir(), 'fuin-gitlab-'));
    const files = ['kubeseal-1.2.3-linux-amd64.tar.gz', 'SHA256SUMS', 'SHA256SUMS.sigstore.json'];
    for (const file of files) await writeFile(join(directory, file), `content of ${file}`);
    const release = publishSteps({ ...FILLED, forge: 'gitlab' }, '1.2.3', files.slice(0, 2)).find(
      ({ what }) => what === '3 files',
    );
    const { port } = server.address() as AddressInfo;
    const env = {
      PATH: process.env['PATH'],
      CI_API_V4_URL: `http://127.0.0.1:${port}/api`,
      CI_PROJECT_ID: '7',
      CI_JOB_TOKEN: 't0ken',
    };
    await promisify(execFile)('sh', ['-euc', release?.command ?? ''], { cwd: directory, env });
    server.close();
    await rm(directory, { recursive: true });
    const uploads = seen.slice(0, -1).map(({ method, url, body }) => [method, url, body]);
    const address = (file: string) => `/api/projects/7/packages/generic/fuin/1.2.3/${file}`;
    expect(uploads).toEqual(files.map((file) => ['PUT', address(file), `content of ${file}`]));
    expect(seen.at(-1)).toMatchObject({ method: 'POST', url: '/api/projects/7/releases' });
    const { tag_name, assets } = JSON.parse(seen.at(-1)?.body ?? '');
    expect(tag_name).toBe('v1.2.3');
    const links = assets.links.map((link: { direct_asset_path: string }) => link.direct_asset_path);
    expect(links).toEqual(files.map((file) => `/${file}`));
    expect(new Set(seen.map(({ token }) => token))).toEqual(new Set(['t0ken']));
  });
  it('leaves to a person what belongs into repositories of others', () => {
    const left = steps.filter(({ command, by }) => command === '' && by === undefined);
    expect(left.map(({ what }) => what)).toEqual(['package-managers/aur']);
  });
  it('leaves the documentation to a workflow that comes after the release, and says so', () => {
    const [release, pages] = ['gh release create', '(by .github/workflows/pages.yml)'].map((text) =>
      describeSteps(FILLED, steps).indexOf(text),
    );
    expect(pages).toBeGreaterThan(release ?? 0);
    expect(commands.at(indexOf('gh release create v1.2.3'))).toContain('documentation-1.2.3.tar.gz');
    expect(existsSync(join(import.meta.dirname, '../../.github/workflows/pages.yml'))).toBe(true);
  });
  it('says which names are missing, as long as any is', () => {
    expect(describeSteps(OWNER, publishSteps(OWNER, '1.2.3', FILES))).toMatch(
      /Nothing can be published before .*scripts\/owner\.ts: registry, repository, maintainer\.$/,
    );
    expect(describeSteps(FILLED, steps)).toContain('publish.ts pushes all of it');
  });
});
