import { resolve } from 'node:path';
import ignore from 'ignore';
import { hintOfNames } from '../nearest-name.ts';
import { usageError } from '../usage-error.ts';
import type { ClusterEntry, Rule, SettingsValues } from './fields.ts';
import { pathBelow, realPathOf, type SettingsPlace, settingsBytes } from './find-settings.ts';
import { readSettings } from './read-settings.ts';

/** A cluster of the settings file with its name. */
export interface NamedCluster extends ClusterEntry {
  readonly name: string;
}

/** A rule, and where it stands. */
export interface PlacedRule extends Rule {
  /** `.kubeseal.yaml line 7`, for messages. */
  readonly where: string;
}

/** A settings file that was read. */
export class Settings {
  readonly place: SettingsPlace;
  readonly values: SettingsValues;
  readonly #rules: readonly { readonly rule: Rule; readonly matches: (path: string) => boolean }[];

  constructor(values: SettingsValues, place: SettingsPlace) {
    this.place = place;
    this.values = values;
    this.#rules = (values.rules ?? []).map((rule) => {
      const matcher = ignore({ ignorecase: false }).add([...rule.paths]);
      return { rule, matches: (path) => matcher.ignores(path) };
    });
  }

  /** Reads one. @throws ERR_USAGE with line and field */
  static read(place: SettingsPlace): Settings {
    return new Settings(readSettings(settingsBytes(place), place.where), place);
  }

  /** The first rule that matches a file; undefined where none does, and outside of the directory. */
  ruleFor(file: string, cwd: string): PlacedRule | undefined {
    const path = pathBelow(this.place.directory, realPathOf(resolve(cwd, file)));
    const rule = path === undefined ? undefined : this.#rules.find(({ matches }) => matches(path))?.rule;
    return rule && { ...rule, where: `${this.place.where} line ${rule.line}` };
  }

  /** @throws ERR_USAGE with the nearest name where there is no such cluster */
  cluster(name: string): NamedCluster {
    const entry = this.values.clusters.get(name);
    if (entry) return { ...entry, name };
    throw usageError(
      `${this.place.where} has no cluster ${name}`,
      hintOfNames(name, [...this.values.clusters.keys()], 'clusters'),
    );
  }
}
