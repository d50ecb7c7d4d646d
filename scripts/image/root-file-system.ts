import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, readdir, rm, rmdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Architecture } from '../executable/platforms.ts';
import { writeFiles } from '../files.ts';
import { fetchPackages, pinnedPackages } from './debian.ts';

const run = promisify(execFile);
/** As upstream's image and the chart's Pod. */
export const USER_ID = 1001;

/**
 * What the image takes from Debian's packages: shared libraries, their authors and licences. No shell, no
 * program.
 */
const KEPT = [
  /^lib(64)?$/, // links to the same below usr
  /^usr\/lib(64)?\/([^/]+-linux-gnu\/)?[^/]+\.so(\.[0-9.]+)?$/,
  /^usr\/lib\/os-release$/,
  /^etc\/(os-release|debian_version|ld\.so\.conf(\.d\/.+)?)$/,
  /^usr\/share\/doc\/[^/]+(\/copyright)?$/,
  /^usr\/share\/common-licenses\/.+$/,
];

/** Accounts without a shell; name resolution as glibc does it anyway, written down. */
const ETC = {
  'etc/passwd': `root:x:0:0:root:/root:/sbin/nologin\nsealed-secrets:x:${USER_ID}:${USER_ID}::/:/sbin/nologin\n`,
  'etc/group': `root:x:0:\nsealed-secrets:x:${USER_ID}:\n`,
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
};

/** Where a runtime mounts something, so that a read-only root has a place for it. */
const MOUNT_POINTS = ['dev', 'proc', 'sys', 'run', 'var'];

/**
 * Fills an empty directory with what the controller needs of a system: glibc, libstdc++ and Node's other
 * libraries.
 */
export async function writeSystem(root: string, architecture: Architecture): Promise<void> {
  for (const file of await fetchPackages(architecture)) await run('dpkg-deb', ['--extract', file, root]);
  await dropUnwanted(root);
  for (const [index, file] of (await fetchPackages(architecture)).entries())
    await noteInstalled(root, file, (await pinnedPackages(architecture))[index]?.name ?? '');
  await writeFiles(root, Object.entries(ETC));
  await Promise.all(MOUNT_POINTS.map((name) => mkdir(join(root, name), { recursive: true })));
  await symlink('../run', join(root, 'var/run')); // where Pods find their service account
  await mkdir(join(root, 'tmp'));
  await makeModesPlain(root);
  await chmod(join(root, 'tmp'), 0o1777);
}

/** Adds the controller under the name that the chart calls, and the texts that must go with it. */
export async function writeProgram(
  root: string,
  { executable, texts }: { readonly executable: string; readonly texts: Readonly<Record<string, string>> },
): Promise<void> {
  const bin = join(root, 'usr/local/bin');
  await mkdir(bin, { recursive: true });
  await copyFile(executable, join(bin, 'controller'));
  const doc = (name: string) => `usr/share/doc/sealed-secrets-controller/${name}`;
  await writeFiles(
    root,
    Object.entries(texts).map(([name, text]) => [doc(name), text]),
  );
  await makeModesPlain(root);
}

/** Removes every file of the packages that is not to be kept, and the directories that are empty then. */
async function dropUnwanted(root: string): Promise<void> {
  const entries = await entriesOf(root);
  const isKept = (path: string) => KEPT.some((kept) => kept.test(path.slice(root.length + 1)));
  const unwanted = entries.filter(({ path, isDirectory }) => !isDirectory && !isKept(path));
  await Promise.all(unwanted.map(({ path }) => rm(path)));
  for (const { path } of entries.filter(({ isDirectory }) => isDirectory).reverse()) {
    if ((await readdir(path)).length === 0) await rmdir(path);
  }
}

interface Entry {
  readonly path: string;
  readonly isDirectory: boolean;
  readonly isLink: boolean;
}

/**
 * Everything below a directory, each directory before its content. Follows no link, like Node's recursion.
 */
async function entriesOf(directory: string): Promise<Entry[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const nested = await Promise.all(
    entries.map(async (entry) => {
      const path = join(directory, entry.name);
      const self = { path, isDirectory: entry.isDirectory(), isLink: entry.isSymbolicLink() };
      return self.isDirectory ? [self, ...(await entriesOf(path))] : [self];
    }),
  );
  return nested.flat();
}

/** What dpkg knows of a package, in the place where scanners of images without dpkg look for it. */
async function noteInstalled(root: string, file: string, name: string): Promise<void> {
  const { stdout } = await run('dpkg-deb', ['--field', file]);
  await writeFiles(root, [[`var/lib/dpkg/status.d/${name}`, stdout]]);
}

/** Modes that ignore the umask: everybody reads, only root writes; programs and the library loader run. */
async function makeModesPlain(root: string): Promise<void> {
  await chmod(root, 0o755);
  for (const { path, isDirectory, isLink } of await entriesOf(root)) {
    const runs = isDirectory || /\/bin\/|\/ld-linux|\/libc\.so/.test(path);
    if (!isLink) await chmod(path, runs ? 0o755 : 0o644);
  }
}
