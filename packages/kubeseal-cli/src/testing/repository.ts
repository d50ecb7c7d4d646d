import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { inPlace, type Place, type Ran } from './kubeseal-process.ts';
import { sealedYaml } from './opened.ts';

/** Who commits, as a .gitconfig. */
export const NAMES = '[user]\n\tname = Ann\n\temail = ann@example.com\n[init]\n\tdefaultBranch = main\n';
/** A SealedSecret that repositories have as sealed.yaml. */
export const DB = `# mine\n${await sealedYaml({ a: 'one', b: 'two', c: 'three' })}`;

/** A Git repository of a test. */
export interface Repository {
  /** Runs a shell script in the repository. */
  sh(script: string): Promise<Ran>;
  read(name: string): string;
  write(name: string, text: string): void;
  has(name: string): boolean;
  path(name: string): string;
  /** Starts a program beside the repository, which is `repo`. */
  readonly start: Place['start'];
}

/** A repository with sealed.yaml committed, and kubeseal installed unless `setUp` says otherwise. */
export async function inRepository(
  test: (repository: Repository) => Promise<void>,
  setUp = 'kubeseal git install --quiet',
) {
  await inPlace({ '.gitconfig': NAMES, 'repo/sealed.yaml': DB }, async ({ run, path, start }) => {
    const at = (name: string) => path(`repo/${name}`);
    const repository: Repository = {
      sh: (script) => run(['sh', '-euc', `cd repo; ${script}`]),
      read: (name) => readFileSync(at(name), 'utf8'),
      write: (name, text) => writeFileSync(at(name), text),
      has: (name) => existsSync(at(name)),
      path: at,
      start,
    };
    const prepared = await repository.sh(`git init -q; git add .; git commit -qm one; ${setUp}`);
    expect(prepared).toMatchObject({ code: 0, stderr: '' });
    await test(repository);
  });
}
