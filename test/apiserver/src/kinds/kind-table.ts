import type { KubeObject } from '../objects/object.ts';
import { builtInKinds } from './built-in.ts';
import { kindsOfCrd } from './custom-resource-definition.ts';
import { apiVersionOf, type ResourceKind } from './kind.ts';

/** Every kind the server serves now: the built-in ones and those of applied CustomResourceDefinitions. */
export class KindTable {
  #custom = new Map<string, ResourceKind[]>();
  #byResource = new Map<string, ResourceKind>();

  constructor() {
    this.#index();
  }

  all(): ResourceKind[] {
    return [...builtInKinds, ...[...this.#custom.values()].flat()];
  }

  byResource(group: string, version: string, plural: string): ResourceKind | undefined {
    return this.#byResource.get(`${group}/${version}/${plural}`);
  }

  byKind(apiVersion: string, kind: string): ResourceKind | undefined {
    return this.all().find((row) => row.kind === kind && apiVersionOf(row) === apiVersion);
  }

  setCrd(crd: KubeObject): void {
    this.#custom.set(crd.metadata.name, kindsOfCrd(crd));
    this.#index();
  }

  removeCrd(name: string): void {
    this.#custom.delete(name);
    this.#index();
  }

  #index(): void {
    this.#byResource = new Map(this.all().map((row) => [`${row.group}/${row.version}/${row.plural}`, row]));
  }
}
