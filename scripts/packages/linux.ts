import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { PACKAGE_EPOCH_S } from '../archive.ts';
import { goTool } from '../go-tool.ts';
import type { Owner } from '../owner.ts';
import { DESCRIPTION } from './archives.ts';

const run = promisify(execFile);
const FORMATS = ['deb', 'rpm'] as const;

/** An archive of kubeseal for Linux, from which a package is made. */
export interface LinuxArchive {
  readonly file: string;
  readonly version: string;
  readonly arch: 'amd64' | 'arm64';
}

/** Where the files of an archive go, and those that are written for a package alone. */
const FILES: Readonly<Record<string, string>> = {
  kubeseal: '/usr/bin/kubeseal',
  'man/kubeseal.1.gz': '/usr/share/man/man1/kubeseal.1.gz',
  'completions/kubeseal.bash': '/usr/share/bash-completion/completions/kubeseal',
  'completions/kubeseal.fish': '/usr/share/fish/vendor_completions.d/kubeseal.fish',
  'completions/kubeseal.zsh': '/usr/share/zsh/vendor-completions/_kubeseal',
  'THIRD-PARTY-NOTICES.txt': '/usr/share/doc/kubeseal/THIRD-PARTY-NOTICES.txt',
  copyright: '/usr/share/doc/kubeseal/copyright',
};
const DEBIAN_FILES: Readonly<Record<string, string>> = {
  'changelog.gz': '/usr/share/doc/kubeseal/changelog.gz',
  overrides: '/usr/share/lintian/overrides/kubeseal',
};

/** What lintian would otherwise complain of: the program is Node's official executable. */
const OVERRIDES = [
  '# Node is linked to libraries of its own on purpose: those that it is tested with.',
  'kubeseal: embedded-library *',
  '# Node is no position independent executable.',
  'kubeseal: hardening-no-pie *',
];

/**
 * Writes a package for each format, named like the archive: the same bytes for the same archive. Needs Go for
 * nfpm.
 */
export async function writeLinuxPackages(
  outDir: string,
  archive: LinuxArchive,
  owner: Owner,
): Promise<string[]> {
  const work = await mkdtemp(join(tmpdir(), 'fuin-package-'));
  try {
    await run('tar', ['-xzf', archive.file, '-C', work]);
    for (const [name, content] of Object.entries(await writtenFiles(work, archive, owner)))
      await writeFile(join(work, name), content);
    const nfpm = await goTool('nfpm');
    return await Promise.all(
      FORMATS.map(async (format) => {
        const config = join(work, `${format}.json`);
        await writeFile(config, JSON.stringify(configOf(format, archive, owner)));
        const file = `kubeseal-${archive.version}-linux-${archive.arch}.${format}`;
        const args = ['package', '--config', config, '--packager', format, '--target', join(outDir, file)];
        await run(nfpm, args, {
          cwd: work,
          env: { ...process.env, SOURCE_DATE_EPOCH: String(PACKAGE_EPOCH_S) },
        });
        return file;
      }),
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function writtenFiles(work: string, { version }: LinuxArchive, owner: Owner) {
  await mkdir(join(work, 'man'), { recursive: true });
  const date = new Date(PACKAGE_EPOCH_S * 1_000).toUTCString().replace('GMT', '+0000');
  const changelog = `kubeseal (${version}) stable; urgency=medium\n\n  * Release ${version}: ${owner.repository}\n\n -- ${owner.maintainer}  ${date}\n`;
  const copyright = `kubeseal, from ${owner.repository}\nCopyright (c) 2026 the authors of Fuin\n\nLicensed under the Apache License, Version 2.0; on Debian systems the text is in\n/usr/share/common-licenses/Apache-2.0. THIRD-PARTY-NOTICES.txt beside this file has the\nlicences of the software of others that it holds.\n`;
  return {
    'man/kubeseal.1.gz': gzipSync(await readFile(join(work, 'man/kubeseal.1')), { level: 9 }),
    'changelog.gz': gzipSync(changelog, { level: 9 }),
    copyright,
    overrides: `${OVERRIDES.join('\n')}\n`,
  };
}

/** nfpm.goreleaser.com/docs/configuration. Libraries are those that Node's executables are linked to. */
function configOf(format: (typeof FORMATS)[number], { version, arch }: LinuxArchive, owner: Owner) {
  const isDebian = format === 'deb';
  const files = { ...FILES, ...(isDebian ? DEBIAN_FILES : {}) };
  const mtime = new Date(PACKAGE_EPOCH_S * 1_000).toISOString();
  return {
    name: 'kubeseal',
    arch,
    platform: 'linux',
    version,
    section: 'utils',
    maintainer: owner.maintainer,
    homepage: owner.repository,
    license: 'Apache-2.0',
    description: `${DESCRIPTION}\nThe controller of that cluster opens them. This is one file that needs no Node.`,
    mtime,
    depends: isDebian
      ? ['libc6 (>= 2.28)', 'libstdc++6', 'libgcc-s1', 'libatomic1']
      : ['glibc >= 2.28', 'libstdc++', 'libgcc', 'libatomic'],
    contents: Object.entries(files).map(([src, dst]) => ({
      src,
      dst,
      file_info: { mode: src === 'kubeseal' ? 0o755 : 0o644, owner: 'root', group: 'root', mtime },
    })),
    rpm: { buildhost: 'localhost', group: 'Applications/System', compression: 'zstd' },
  };
}
