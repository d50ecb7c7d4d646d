import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostPlatform } from '../../scripts/executable/platforms.ts';
import { type Built, buildProgram } from '../../scripts/executable/program.ts';
import { buildImage } from '../../scripts/image/build-image.ts';
import { imageName, OWNER } from '../../scripts/owner.ts';
import { startOwnKubeApiserver } from '../kube-apiserver/start.ts';
import { type ApiClient, apiClient } from '../support/api/api-client.ts';
import type { TestCluster } from '../support/api/types.ts';
import { grantDeployedRights } from '../support/cluster/rights.ts';
import { applySealedSecretCrd } from '../support/cluster/sealed-secret-crd.ts';
import { uniqueName } from '../support/cluster/use-cluster.ts';
import { untilSeen } from '../support/processes/logged-process.ts';
import { template } from '../support/tools/helm.ts';
import { hostArchitecture, layoutValidator } from '../support/tools/image-tools.ts';
import { type RunningContainer, startContainer } from './container.ts';
import { openedData } from './opened.ts';
import { type Image, listImage, readImage, unpackImage } from './unpack.ts';

const IMAGE = { name: imageName(OWNER), version: '0.1.0' };
const ARCHITECTURE = hostArchitecture();
const OTHER = ARCHITECTURE === 'amd64' ? 'arm64' : 'amd64';
const BUILD_TIMEOUT_MS = 180_000;
/** What Node is linked to. */
const LIBRARIES = ['atomic.so.1', 'c.so.6', 'dl.so.2', 'gcc_s.so.1', 'm.so.6', 'pthread.so.0', 'stdc++.so.6'];

let directory: string;
let layout: string;
let controller: Built;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fuin-image-test-'));
  layout = join(directory, 'layout');
  controller = await buildProgram(
    { program: 'sealed-secrets-controller', platform: hostPlatform() },
    directory,
  );
  const standIn = join(directory, 'other'); // a second program would take seconds and prove nothing more
  await writeFile(standIn, 'not run here');
  await buildImage(layout, IMAGE, { [ARCHITECTURE]: controller, [OTHER]: { ...controller, file: standIn } });
}, BUILD_TIMEOUT_MS);
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('the image', () => {
  it('is an OCI image layout in which every digest, size and media type is right, for two architectures', async () => {
    const { stdout } = await promisify(execFile)(layoutValidator(), [layout]);
    expect(stdout).toBe('linux/amd64\nlinux/arm64\n');
  });

  it("starts the program that the chart's Pod starts, as the user that it demands", async () => {
    const { config } = await readImage(layout, ARCHITECTURE);
    const { container } = await template();
    expect(config.Entrypoint).toEqual(container.command);
    expect(config.User).toBe(`${(container['securityContext'] as { runAsUser: number }).runAsUser}:1001`);
  });

  it.each(['amd64', 'arm64'])('holds every library of Node for %s', async (architecture) => {
    const files = await listImage(await readImage(layout, architecture));
    const names = files.map(({ path }) => path.split('/').at(-1));
    expect(names).toEqual(expect.arrayContaining(LIBRARIES.map((name) => `lib${name}`)));
  });

  it('holds nothing that its user may write, nothing that gains rights and no shell', async () => {
    const files = await listImage(await readImage(layout, ARCHITECTURE));
    expect(files.filter(({ owner }) => owner !== '0/0')).toEqual([]);
    const odd = files.filter(({ mode }) => !mode.startsWith('l') && /^.....w|^........w|s|t/i.test(mode));
    expect(odd.map(({ path }) => path)).toEqual(['tmp']);
    const programs = files.filter(
      ({ path, mode }) => /x/.test(mode) && mode.startsWith('-') && !/\.so\b/.test(path),
    );
    expect(programs.map(({ path }) => path)).toEqual(['usr/local/bin/controller']);
  });

  it('says what it is made of, to scanners and to readers', async () => {
    const root = join(directory, 'read');
    await mkdir(root);
    await unpackImage(withoutProgram(await readImage(layout, ARCHITECTURE)), root);
    expect(await readFile(join(root, 'etc/os-release'), 'utf8')).toContain('VERSION_ID="13"');
    expect(await readFile(join(root, 'var/lib/dpkg/status.d/libc6'), 'utf8')).toMatch(/^Version: 2\.\d+/m);
    for (const name of ['libc6', 'libstdc++6', 'libgcc-s1', 'libatomic1'])
      expect(await readFile(join(root, `usr/share/doc/${name}/copyright`), 'utf8')).toContain('GPL');
  });
});

const withoutProgram = (image: Image): Image => ({ ...image, layers: image.layers.slice(0, 1) });

describe("the image, run as the chart's Pod", () => {
  let cluster: TestCluster;
  let client: ApiClient;
  let running: RunningContainer;
  let url: string;

  beforeAll(async () => {
    cluster = await startOwnKubeApiserver(); // where nobody else's objects are complained of
    client = await apiClient(cluster.adminKubeconfig);
    const serviceAccount = { namespace: uniqueName('home'), name: 'sealed-secrets-controller' };
    await applySealedSecretCrd(client);
    await grantDeployedRights(client, serviceAccount);
    const image = await readImage(layout, ARCHITECTURE);
    const root = join(directory, 'root');
    await mkdir(root);
    await unpackImage(image, root);
    const { container } = await template({}, { release: 'sealed-secrets-controller' });
    const pod = { serviceAccount, podName: 'pod-a', container };
    running = await startContainer({ cluster, root, image: image.config, ...pod });
    url = `http://${cluster.podAddress}:8080`;
    const isReady = async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok || undefined;
    await untilSeen(running, 'the container did not get ready', isReady);
  });
  afterAll(async () => {
    await running?.kill();
    client?.close();
    await cluster?.stop();
  });

  it('has no rights on the machine: its user, no capability, no way to gain one, a root it cannot write', async () => {
    const pid = await running.pid();
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    expect(status).toMatch(/^NSpid:\t\d+\t1$/m);
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    expect(status).toMatch(/^CapPrm:\t0+$/m);
    expect(status).toMatch(/^CapEff:\t0+$/m);
    const mounts = (await readFile(`/proc/${pid}/mountinfo`, 'utf8')).trim().split('\n');
    const writable = mounts.map((line) => line.split(' ')).filter((fields) => !fields[5]?.startsWith('ro'));
    expect(writable.map((fields) => fields[4]).sort()).toEqual([
      '/dev/null',
      '/dev/urandom',
      '/proc',
      '/tmp',
    ]);
  });

  it('serves its certificate and opens what was sealed for it, templates included', async () => {
    const data = { url: 'https://{{ .password | upper }}@db' };
    expect(await openedData(client, url, data)).toEqual({
      password: btoa('hunter2'),
      url: btoa('https://HUNTER2@db'),
    });
  });

  it('ends with 0 on SIGTERM, and logged no warning', async () => {
    const logs = await running.logs();
    expect(await running.stop()).toBe(0);
    expect(logs).toContain('controller is ready');
    expect(logs).not.toMatch(/level=(ERROR|WARN)|warning|not found/i);
  });
});
