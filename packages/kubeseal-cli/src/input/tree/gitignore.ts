import { readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { decodeText } from '@fuin/manifests/text-encoding';
import ignore, { type Ignore } from 'ignore';
import { repositoryOf } from '../../io/repository.ts';

/** One .gitignore, as seen from a directory at or below it. */
interface Layer {
  readonly rules: string;
  readonly matcher: Ignore;
  /** The directory's path from the .gitignore on: empty, or with a slash at its end. */
  readonly at: string;
}

/** Which entries of one directory the .gitignore files at and above it ignore, by Git's rules. */
export class IgnoreRules {
  static readonly none = new IgnoreRules([]);
  /** The innermost first: it has the last word. */
  readonly #layers: readonly Layer[];

  private constructor(layers: readonly Layer[]) {
    this.#layers = layers;
  }

  /** These rules and those of a .gitignore in the directory itself. */
  with(rules: string): IgnoreRules {
    return new IgnoreRules([layerOf(rules, ''), ...this.#layers]);
  }

  /** The rules as seen from a directory in this one, which is entered although some may ignore it. */
  inside(name: string): IgnoreRules {
    const moved = this.#layers.map(({ rules, matcher, at }) => {
      const below = `${at}${name}/`;
      // an inner .gitignore has overruled this one, which would go on to ignore all in the directory
      if (matcher.test(below).ignored) return layerOf(`${rules}\n!/${escaped(below)}`, below);
      return { rules, matcher, at: below };
    });
    return new IgnoreRules(moved);
  }

  ignores(name: string, isDirectory: boolean): boolean {
    for (const { matcher, at } of this.#layers) {
      const { ignored, unignored } = matcher.test(`${at}${name}${isDirectory ? '/' : ''}`);
      if (ignored || unignored) return ignored;
    }
    return false;
  }
}

/**
 * The rules that a Git repository has for a directory above it. A directory that they ignore was named on
 * purpose, so nothing above counts in it.
 */
export function rulesAbove(directory: string): IgnoreRules {
  const root = repositoryOf(directory);
  if (root === undefined || root === directory) return IgnoreRules.none;
  let rules = IgnoreRules.none;
  let parent = root;
  for (const name of relative(root, directory).split(sep)) {
    rules = rules.with(rulesIn(parent));
    if (rules.ignores(name, true)) return IgnoreRules.none;
    rules = rules.inside(name);
    parent = join(parent, name);
  }
  return rules;
}

function rulesIn(directory: string): string {
  try {
    return decodeText(readFileSync(join(directory, '.gitignore')));
  } catch {
    return ''; // most directories have none
  }
}

function layerOf(rules: string, at: string): Layer {
  return { rules, matcher: ignore({ ignorecase: false }).add(rules), at };
}

/** The path as a pattern that matches nothing else. */
function escaped(path: string): string {
  return path.replace(/[\\*?[\]!# ]/g, '\\$&');
}
