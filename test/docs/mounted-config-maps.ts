import { mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiClient } from '../support/api/api-client.ts';

/** As much of a container and its volumes as there is to mount. */
export interface Mounting {
  readonly containers: readonly {
    readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  }[];
  readonly volumes?: readonly { readonly name: string; readonly configMap?: { readonly name: string } }[];
}

/** A folder that stands in for a volume of a container. */
interface Mount {
  readonly folder: string;
  readonly mountPath: string;
  readonly configMap: string;
}

/**
 * The ConfigMaps that the Pods of one Deployment mount. Each is a folder whose files are brought up to date
 * as a kubelet does it: all at once, behind a link. The processes have no file system of their own, so their
 * command lines name the folders instead of the mount paths.
 */
export class MountedConfigMaps {
  readonly #client: ApiClient;
  readonly #namespace: string;
  readonly #mounts: readonly Mount[];
  readonly #shown = new Map<string, string>();

  private constructor(client: ApiClient, namespace: string, mounts: readonly Mount[]) {
    this.#client = client;
    this.#namespace = namespace;
    this.#mounts = mounts;
  }

  static async of(
    client: ApiClient,
    namespace: string,
    { containers, volumes = [] }: Mounting,
  ): Promise<MountedConfigMaps> {
    const mounts = (containers[0]?.volumeMounts ?? []).flatMap(({ name, mountPath }) => {
      const configMap = volumes.find((volume) => volume.name === name)?.configMap?.name;
      return configMap === undefined ? [] : [{ mountPath, configMap }];
    });
    const placed = mounts.map(async (each) => ({ ...each, folder: await mkdtemp(join(tmpdir(), 'mount-')) }));
    const mounted = new MountedConfigMaps(client, namespace, await Promise.all(placed));
    await mounted.update();
    return mounted;
  }

  /** The command line with the folders of this machine. */
  placed(args: readonly string[]): string[] {
    return args.map((arg) =>
      this.#mounts.reduce((text, { mountPath, folder }) => text.replace(mountPath, folder), arg),
    );
  }

  /** Brings the folders up to date. */
  async update(): Promise<void> {
    for (const { folder, configMap } of this.#mounts) {
      const path = `/api/v1/namespaces/${this.#namespace}/configmaps/${configMap}`;
      const { code, text } = await this.#client.request('GET', path);
      const data = code === 200 ? (JSON.parse(text) as { readonly data?: Record<string, string> }).data : {};
      const wanted = JSON.stringify(data ?? {});
      if (this.#shown.get(folder) === wanted) continue;
      this.#shown.set(folder, wanted);
      await show(folder, data ?? {});
    }
  }

  async remove(): Promise<void> {
    await Promise.all(this.#mounts.map(({ folder }) => rm(folder, { recursive: true, force: true })));
  }
}

async function show(folder: string, data: Readonly<Record<string, string>>): Promise<void> {
  const version = await mkdtemp(join(folder, '..version-'));
  const entries = Object.entries(data);
  for (const [name, text] of entries) await writeFile(join(version, name), text);
  await symlink(version, join(folder, '..data_tmp'));
  await rename(join(folder, '..data_tmp'), join(folder, '..data'));
  for (const [name] of entries)
    await symlink(join('..data', name), join(folder, name)).catch(() => undefined); // it is there already
}
