import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packDirectory } from '../../scripts/archive.ts';
import { goTool } from '../../scripts/go-tool.ts';
import { writeOciLayout } from '../../scripts/image/oci-layout.ts';
import { imageName, OWNER, type Owner } from '../../scripts/owner.ts';
import { writeChart, writePlainManifests } from '../../scripts/release/chart.ts';
import { filesOf, runSteps } from '../../scripts/release/publish.ts';
import { publishSteps } from '../../scripts/release/publishing.ts';
import { type LoggedProcess, startLogged, untilSeen } from '../support/processes/logged-process.ts';

const run = promisify(execFile);
const VERSION = '0.1.0';
/** What can be pushed without an identity that a CI service vouches for. */
const PUSHED = /^(crane|helm) push /;

let registry: LoggedProcess;
let directory: string;
let owner: Owner;
let chart: string;

/** Starts a registry without TLS, which keeps everything in memory; gives its address. */
async function startRegistry(): Promise<string> {
  const crane = await goTool('crane');
  registry = await startLogged({
    command: () => [crane, 'registry', 'serve', '--address', '127.0.0.1:0'],
    env: process.env,
  });
  const port = await untilSeen(registry, 'the registry did not start', async () => {
    const [, found] = /serving on port (\d+)/.exec(await registry.logs()) ?? [];
    return found;
  });
  return `127.0.0.1:${port}`;
}

/** A release of an image with next to nothing in it, and the chart. */
async function makeRelease(release: string, work: string): Promise<void> {
  const layout = join(work, 'layout');
  await mkdir(join(work, 'layer'));
  await writeFile(join(work, 'layer', 'file'), 'content');
  const platforms = (['amd64', 'arm64'] as const).map((architecture) => ({
    architecture,
    layers: [join(work, 'layer')],
  }));
  await writeOciLayout(layout, { name: imageName(owner), version: VERSION }, platforms);
  await packDirectory(layout, join(release, `sealed-secrets-controller-${VERSION}.oci.tar`), false);
  chart = join(release, await writeChart(release, VERSION, owner));
  await writePlainManifests(release, VERSION, owner);
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fuin-publish-test-'));
  const release = join(directory, 'release');
  await mkdir(release);
  owner = { ...OWNER, registry: `${await startRegistry()}/team` };
  await makeRelease(release, directory);
  const steps = publishSteps(owner, VERSION, await filesOf(release));
  const pushes = steps
    .filter(({ command }) => PUSHED.test(command))
    .map((step) => ({ ...step, command: step.command.replace('helm push', 'helm push --plain-http') }));
  expect(pushes).toHaveLength(2);
  await runSteps(release, pushes, ['crane', 'helm']);
});
afterAll(async () => {
  await registry?.stop();
  await rm(directory, { recursive: true, force: true });
});

describe('what is pushed to the registry of the owner', () => {
  it('is an image for both processors', async () => {
    const { stdout } = await run(await goTool('crane'), ['manifest', `${imageName(owner)}:${VERSION}`]);
    const { manifests }: { manifests: { platform: object }[] } = JSON.parse(stdout);
    expect(manifests.map(({ platform }) => platform)).toEqual([
      { architecture: 'amd64', os: 'linux' },
      { architecture: 'arm64', os: 'linux' },
    ]);
  });
  it('is a chart that installs this image without any value, and refuses one of that name elsewhere', async () => {
    const helm = await goTool('helm');
    const address = `oci://${owner.registry}/charts/sealed-secrets`;
    const template = (...args: readonly string[]) =>
      run(helm, ['template', 'a', address, '--version', VERSION, '--plain-http', ...args], {
        env: { PATH: process.env['PATH'], HOME: directory },
      });
    expect((await template()).stdout).toContain(`image: ${imageName(owner)}:${VERSION}\n`);
    await expect(template('--set', 'image.registry=docker.io')).rejects.toMatchObject({
      stderr: expect.stringContaining('no image of this controller is published there'),
    });
    await run(helm, ['lint', '--strict', chart]);
  });
  it('is what the plain manifests name', async () => {
    const { stdout } = await run('grep', [
      '-h',
      'image: ',
      join(directory, 'release', `sealed-secrets-controller-${VERSION}.yaml`),
    ]);
    expect(stdout.trim()).toBe(`image: ${imageName(owner)}:${VERSION}`);
  });
});
