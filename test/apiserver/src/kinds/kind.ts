import type { FieldError } from '../objects/field-errors.ts';
import type { KubeObject } from '../objects/object.ts';
import type { SelectableFields } from '../objects/selector.ts';
import type { KindName } from '../objects/status-errors.ts';
import type { JsonSchema } from '../schema/json-schema.ts';

/** A column of `kubectl get`. */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly description?: string;
  readonly priority?: number;
  readonly cell: (object: KubeObject) => unknown;
}

/** Everything the server knows about one served kind. */
export interface ResourceKind extends KindName {
  readonly version: string;
  readonly listKind: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly isNamespaced: boolean;
  readonly hasStatus: boolean;
  readonly hasGeneration: boolean;
  readonly isCustom: boolean;
  /** Top-level fields of built-in kinds, beside kind, apiVersion and metadata. */
  readonly fields: readonly string[];
  /** Schema of custom resources; built-in kinds have none. */
  readonly schema?: JsonSchema;
  /** PUT of an absent object creates it. */
  readonly createsOnUpdate?: boolean;
  /** DELETE answers the deleted object instead of a Status. */
  readonly answersDeleted?: boolean;
  /** The form names of this kind must have. */
  readonly nameForm: 'subdomain' | 'label' | 'label1035' | 'segment';
  readonly selectableFields: SelectableFields;
  readonly columns: readonly Column[];
  /** Defaulting; may change `next`. */
  readonly prepare?: (next: KubeObject, previous: KubeObject | undefined) => void;
  readonly validate?: (next: KubeObject, previous: KubeObject | undefined) => FieldError[];
}

/** `v1` or `group/version`. */
export function apiVersionOf({ group, version }: { group: string; version: string }): string {
  return group ? `${group}/${version}` : version;
}

/** Identity of the collection that holds every version of a kind. */
export function collectionIdOf({ group, plural }: { group: string; plural: string }): string {
  return `${group}/${plural}`;
}
