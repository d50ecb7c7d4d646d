import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE_MS } from '../time/patience.ts';

/** A mounted hierarchy of cgroup v1, and where this process stands in it. */
export interface Hierarchy {
  /** Its controllers as the mount names them: `memory`, `cpu,cpuacct` or `name=systemd`. */
  readonly controllers: string;
  /** Directory of the cgroup of this process. */
  readonly own: string;
}

const PREFIX = 'fuin-node-';
const PAUSE_MS = 50;

/** The hierarchies of cgroup v1 on this machine; none where there is only v2. */
export function cgroupHierarchies(): Hierarchy[] {
  const memberships = parseCgroups(readFileSync('/proc/self/cgroup', 'utf8'));
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n').flatMap(parseCgroupMount);
  return [...memberships].flatMap(([controllers, path]) => {
    const mount = mounts.find(({ options }) => controllers.split(',').every((name) => options.has(name)));
    if (controllers === '' || mount === undefined) return [];
    const below = path.startsWith(mount.root) ? path.slice(mount.root.length) : path;
    return [{ controllers, own: join(mount.point, below) }];
  });
}

/** Paths of the cgroups of a process by their controllers, from /proc/PID/cgroup; v2 has no controllers. */
export function parseCgroups(text: string): ReadonlyMap<string, string> {
  const lines = text.matchAll(/^\d+:([^:]*):(.*)$/gm);
  return new Map(lines.map(([, controllers = '', path = '']) => [controllers, path]));
}

function parseCgroupMount(line: string) {
  const [fields = '', source = ''] = line.split(' - ');
  const [, , , root = '', point = ''] = fields.split(' ');
  const [type, , options = ''] = source.split(' ');
  return type === 'cgroup' ? [{ root, point, options: new Set(options.split(',')) }] : [];
}

/** A name for the cgroups of a node; it tells removeAbandonedCgroups() whose they are. */
export function cgroupName(index: number): string {
  return `${PREFIX}${process.pid}-${index}`;
}

/** Makes a cgroup in each hierarchy, below our own; gives their directories. */
export async function makeCgroups(name: string): Promise<string[]> {
  const made = cgroupHierarchies().map(async ({ controllers, own }) => {
    const directory = join(own, name);
    await mkdir(directory);
    if (controllers.split(',').includes('cpuset')) await copyCpuset(own, directory);
    return directory;
  });
  return Promise.all(made);
}

/** A new cpuset has no processor and takes no process. */
async function copyCpuset(from: string, to: string): Promise<void> {
  for (const file of ['cpuset.cpus', 'cpuset.mems'])
    await writeFile(join(to, file), await readFile(join(from, file), 'utf8'));
}

/** Removes cgroups with all below them, as soon as the last process in them has ended. */
export async function removeCgroups(directories: readonly string[]): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(PAUSE_MS)) {
    const results = await Promise.allSettled(directories.map(removeTree));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed === undefined) return;
    if (Date.now() > deadline) throw failed.reason;
  }
}

async function removeTree(directory: string): Promise<void> {
  if (!existsSync(directory)) return;
  const entries = await readdir(directory, { withFileTypes: true });
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(directory, entry.name));
  await rmdir(directory);
}

/** Removes the cgroups of processes that were killed before they could. */
export async function removeAbandonedCgroups(): Promise<void> {
  const abandoned = cgroupHierarchies().flatMap(({ own }) =>
    readdirSync(own)
      .filter((name) => name.startsWith(PREFIX) && !existsSync(`/proc/${name.split('-')[2]}`))
      .map((name) => join(own, name)),
  );
  await removeCgroups(abandoned);
}
