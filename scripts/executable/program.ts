import { join } from 'node:path';
import { type Component, executableComponents } from '../licenses/components.ts';
import { ALLOWED_LICENSES, formatNotices, refusedLicenses } from '../licenses/notices.ts';
import { buildExecutable, type Executable } from './executable.ts';
import { platformOf } from './platforms.ts';
import type { Program } from './scripts.ts';

/** The project's own. */
export const LICENSE = join(import.meta.dirname, '../../LICENSE');

/** What a release contains of a program, and where it goes. */
export interface Edition {
  readonly program: Program['name'];
  readonly version: string;
  /** A name of PLATFORMS. */
  readonly platform: string;
  readonly outDir: string;
}

/** A program's executable and what others contributed to it. */
export interface Built extends Executable {
  readonly components: readonly Component[];
  readonly notices: string;
}

/**
 * Builds an executable below `directory`.
 * @throws Error when something in it has a licence that is not allowed
 */
export async function buildProgram(
  { program, platform }: Pick<Edition, 'program' | 'platform'>,
  directory: string,
): Promise<Built> {
  const extension = platformOf(platform).os === 'windows' ? '.exe' : '';
  const output = join(directory, `${program}${extension}`);
  const built = await buildExecutable(program, { platform, output });
  const components = await executableComponents(built.modules);
  const refused = refusedLicenses(components, ALLOWED_LICENSES);
  if (refused.length > 0) throw new Error(`licences that are not allowed: ${refused.join(', ')}`);
  return { ...built, components, notices: formatNotices(program, components) };
}
