import { lstatSync, statSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { objectName } from '../../input/object-name.ts';
import type { TreeFile } from '../../input/tree/tree.ts';
import { pathBelow, realPathOf } from '../../invocation/settings/find-settings.ts';
import type { PlacedRule } from '../../invocation/settings/settings.ts';
import { usageError } from '../../invocation/usage-error.ts';
import type { Warn } from '../../invocation/warnings.ts';
import type { ObjectChange, Target } from './change-file.ts';

/** Where files come from, and where each goes. */
export interface Places {
  readonly source: string;
  /** Where all copies stay; undefined where DST is the copy itself. */
  readonly directory: string | undefined;
  readonly fileFor: (input: Pick<TreeFile, 'where'>) => string;
}

/** @throws ERR_USAGE where a copy would be copied again */
export function placesOf([source = '', target = '']: readonly string[], cwd: string): Places {
  const [from, to] = [source, target].map((path) => realPathOf(resolve(cwd, path)));
  const isDirectory = statSync(resolve(cwd, source), { throwIfNoEntry: false })?.isDirectory() === true;
  if (from === to || (isDirectory && pathBelow(from ?? '', to ?? '') !== undefined))
    throw usageError('DST is SRC, or below it');
  if (isDirectory)
    return {
      source,
      directory: target,
      fileFor: ({ where }) => join(target, relative(resolve(cwd, source), resolve(cwd, where))),
    };
  const isInto =
    statSync(resolve(cwd, target), { throwIfNoEntry: false })?.isDirectory() || /[/\\]$/.test(target);
  if (isInto) return { source, directory: target, fileFor: () => join(target, basename(source)) };
  return { source, directory: undefined, fileFor: () => target };
}

/**
 * @throws ERR_USAGE for a copy that exists, be it as a link to nothing, and for one that links lead out of
 *   DST: a repository that somebody cloned must not write other files of the machine
 */
export function refuseTaken({ directory }: Places, file: string, mayReplace: boolean, cwd: string): void {
  if (!mayReplace && lstatSync(resolve(cwd, file), { throwIfNoEntry: false }))
    throw usageError(`${file} exists already`, '--force replaces it');
  const [root = '', path = ''] = [directory, file].map((each) => each && realPathOf(resolve(cwd, each)));
  if (directory !== undefined && pathBelow(root, path) === undefined)
    throw usageError(`${file} is outside of ${directory}: a link leads there`, 'remove the link');
}

/** Whether a link leads from below SRC to a file elsewhere, which may hold credentials of this machine. */
export function leadsOut({ source }: Places, { where }: Pick<TreeFile, 'where'>, cwd: string): boolean {
  const [root = '', path = ''] = [source, where].map((each) => realPathOf(resolve(cwd, each)));
  return root !== path && pathBelow(root, path) === undefined;
}

/** Moves the copies of one run into another namespace, if that is asked for. */
export class Mover {
  readonly #namespace: string;
  readonly #warn: Warn;
  readonly #moved = new Set<string>();
  readonly #warned = new Set<string>();

  /** @param namespace empty leaves every SealedSecret in its own */
  constructor(namespace: string, warn: Warn) {
    this.#namespace = namespace;
    this.#warn = warn;
  }

  /** The part of a change that moves an object. */
  get move(): Pick<ObjectChange, 'namespace'> {
    return this.#namespace === '' ? {} : { namespace: this.#namespace };
  }

  /** A target as its copy will be: its values are sealed for this place. */
  moved(target: Target): Target {
    const { sealedSecret } = target;
    const metadata = { ...sealedSecret.metadata, ...this.move };
    return { ...target, sealedSecret: { ...sealedSecret, metadata } };
  }

  /** @throws ERR_USAGE where two SealedSecrets would have the same namespace and name */
  check({ sealedSecret: { metadata } }: Target, file: string, rule: PlacedRule | undefined): void {
    if (this.#namespace === '') return;
    const place = objectName({ namespace: this.#namespace, name: metadata.name ?? '' });
    if (this.#moved.has(place))
      throw usageError(
        `another SealedSecret was copied to ${place} already`,
        'copy the files of one namespace at a time',
      );
    this.#moved.add(place);
    if (rule?.namespace === undefined || rule.namespace === this.#namespace || this.#warned.has(file)) return;
    this.#warned.add(file);
    this.#warn(
      `warning: ${file} is for namespace ${rule.namespace} by ${rule.where}, and ${this.#namespace} counts`,
    );
  }
}
