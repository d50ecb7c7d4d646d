import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VERSION } from '../../packages/controller/src/version.ts';
import { platformOf } from '../../scripts/executable/platforms.ts';
import { buildProgram } from '../../scripts/executable/program.ts';
import { buildImage } from '../../scripts/image/build-image.ts';
import { imageName, OWNER } from '../../scripts/owner.ts';
import { type ApiClient, apiClient } from '../support/api/api-client.ts';
import { type EmbeddedCluster, startEmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { storeKey, testKey } from '../support/cluster/key-secret.ts';
import { applySealedSecretCrd } from '../support/cluster/sealed-secret-crd.ts';
import { freshNamespace } from '../support/cluster/use-cluster.ts';
import { type Controller, startController } from '../support/processes/controller-process.ts';
import { OTHER_PLATFORM } from '../support/tools/image-tools.ts';
import { EMULATOR } from './emulated.ts';
import { openedData } from './opened.ts';
import { readImage, unpackImage } from './unpack.ts';

const { arch } = platformOf(OTHER_PLATFORM);

/**
 * The image for the other architecture: its program on its libraries, by an emulator that looks for every
 * file there first. What the machine has cannot stand in for a library: it is of another architecture.
 */
describe(`the image for ${OTHER_PLATFORM}, under ${EMULATOR}`, () => {
  let directory: string;
  let root: string;
  let program: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fuin-emulated-test-'));
    const controller = await buildProgram(
      { program: 'sealed-secrets-controller', platform: OTHER_PLATFORM },
      directory,
    );
    const layout = join(directory, 'layout');
    await buildImage(layout, { name: imageName(OWNER), version: VERSION }, { [arch]: controller });
    const image = await readImage(layout, arch);
    root = join(directory, 'root');
    await mkdir(root);
    await unpackImage(image, root);
    program = join(root, 'usr/local/bin', image.config.Entrypoint[0] ?? '');
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('starts', async () => {
    const { stdout, stderr } = await promisify(execFile)(EMULATOR, ['-L', root, program, '--version'], {
      env: {},
    });
    expect({ stdout, stderr }).toEqual({ stdout: `controller version: ${VERSION}\n`, stderr: '' });
  });

  describe('as a controller', () => {
    let cluster: EmbeddedCluster;
    let client: ApiClient;
    let controller: Controller;
    beforeAll(async () => {
      cluster = await startEmbeddedCluster();
      client = await apiClient(cluster.adminKubeconfig);
      await applySealedSecretCrd(client);
      const { name: namespace } = await freshNamespace(client);
      await storeKey(client, namespace, { key: await testKey('a', 1), name: 'sealed-secrets-keyabcde' });
      const env = { QEMU_LD_PREFIX: root }; // what -L says
      controller = await startController({ cluster, namespace, node: EMULATOR, program, env });
    });
    afterAll(async () => {
      await controller?.kill();
      client?.close();
      await cluster?.stop();
    });

    it('opens what was sealed for the certificate that it serves', async () => {
      // no template: under emulation the sandbox takes longer than it is given
      expect(await openedData(client, controller.url)).toEqual({ password: btoa('hunter2') });
    });
    it('ends with 0 on SIGTERM, and logged no warning', async () => {
      const logs = await controller.logs();
      expect(await controller.stop()).toBe(0);
      expect(logs).toContain('controller is ready');
      expect(logs).not.toMatch(/level=(ERROR|WARN)/);
    });
  });
});
