import { type FieldError, fieldError } from '../objects/field-errors.ts';
import { sameJson } from '../objects/json.ts';
import type { KubeObject, OwnerReference } from '../objects/object.ts';
import type { ResourceKind } from './kind.ts';
import { validateAnnotations, validateLabels, validateName } from './names.ts';

function validateOwners(owners: readonly OwnerReference[]): FieldError[] {
  const field = 'metadata.ownerReferences';
  const failures = owners.flatMap((owner, i) =>
    (['apiVersion', 'kind', 'name', 'uid'] as const)
      .filter((part) => !owner[part])
      .map((part) => fieldError.required(`${field}[${i}].${part}`, 'must not be empty')),
  );
  const controllers = owners.filter((owner) => owner.controller === true);
  if (controllers.length > 1) {
    const [first, second] = controllers.map(({ kind, name }) => `${kind} ${name}`);
    failures.push(
      fieldError.invalid(
        field,
        owners,
        `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${second}`,
      ),
    );
  }
  return failures;
}

/** Validation of metadata that holds for every kind. */
export function validateMetadata(kind: ResourceKind, { metadata }: KubeObject): FieldError[] {
  return [
    ...validateName(kind, metadata.name),
    ...validateLabels(metadata.labels ?? {}),
    ...validateAnnotations(metadata.annotations ?? {}),
    ...validateOwners(metadata.ownerReferences ?? []),
  ];
}

/** Validation of a metadata change: no new finalizers once deletion began. */
export function validateMetadataUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  if (!previous.metadata.deletionTimestamp) return [];
  const known = new Set(previous.metadata.finalizers ?? []);
  const added = (next.metadata.finalizers ?? []).filter((finalizer) => !known.has(finalizer));
  if (added.length === 0) return [];
  return [
    fieldError.forbidden(
      'metadata.finalizers',
      `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((item) => JSON.stringify(item)).join(', ')}}`,
    ),
  ];
}

const EMPTY_DROPPED = ['labels', 'annotations', 'ownerReferences', 'finalizers', 'generateName'] as const;

/** Drops what Go omits when empty, unknown metadata fields and nulls. */
export function normaliseMetadata(object: KubeObject): void {
  const { metadata } = object;
  for (const field of EMPTY_DROPPED) {
    const value: unknown = metadata[field];
    const isEmpty =
      value === null || value === '' || (typeof value === 'object' && Object.keys(value ?? {}).length === 0);
    if (isEmpty) delete metadata[field];
  }
  for (const field of ['creationTimestamp', 'deletionTimestamp'] as const) {
    if ((metadata[field] as unknown) === null) delete (metadata as Partial<typeof metadata>)[field];
  }
}

/** Carries over what only the server may set. */
export function keepServerMetadata(next: KubeObject, previous: KubeObject): void {
  const from = previous.metadata;
  const to = next.metadata;
  to.name = from.name;
  to.uid = from.uid;
  to.creationTimestamp = from.creationTimestamp;
  to.resourceVersion = from.resourceVersion;
  for (const field of [
    'namespace',
    'generateName',
    'generation',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
  ] as const) {
    if (from[field] === undefined) delete to[field];
    else Object.assign(to, { [field]: from[field] });
  }
}

/** Tells whether anything but metadata and status differs, which is what bumps the generation. */
export function isSpecChanged(next: KubeObject, previous: KubeObject): boolean {
  const strip = ({ metadata: _metadata, status: _status, ...rest }: KubeObject) => rest;
  return !sameJson(strip(next), strip(previous));
}
