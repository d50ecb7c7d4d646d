import { type FieldError, fieldError } from '../objects/field-errors.ts';
import { fieldsOf, isFields, listOf } from '../objects/json.ts';
import { evaluateJsonPath } from '../objects/json-path.ts';
import type { Fields, KubeObject } from '../objects/object.ts';
import { customResourceFields } from '../objects/selector.ts';
import type { JsonSchema } from '../schema/json-schema.ts';
import { ageColumn, formatAge, nameColumn } from './columns.ts';
import type { Column, ResourceKind } from './kind.ts';

/** Fills names and conditions as the naming and establishing controllers do, only at once. */
export function prepareCrd(crd: KubeObject): void {
  const spec = fieldsOf(crd['spec']);
  const names = fieldsOf(spec['names']);
  const kind = String(names['kind'] ?? '');
  spec['names'] = { listKind: `${kind}List`, singular: kind.toLowerCase(), ...names };
  spec['conversion'] ??= { strategy: 'None' };
  crd['spec'] = spec;
  const at = crd.metadata.creationTimestamp;
  const storage = listOf(spec['versions'])
    .map(fieldsOf)
    .find((version) => version['storage'] === true);
  crd['status'] = {
    acceptedNames: spec['names'],
    conditions: [
      {
        type: 'NamesAccepted',
        status: 'True',
        lastTransitionTime: at,
        reason: 'NoConflicts',
        message: 'no conflicts found',
      },
      {
        type: 'Established',
        status: 'True',
        lastTransitionTime: at,
        reason: 'InitialNamesAccepted',
        message: 'the initial names have been accepted',
      },
    ],
    storedVersions: [String(storage?.['name'] ?? '')],
  };
}

/** Checks what serving the kind depends on. */
export function validateCrd(crd: KubeObject): FieldError[] {
  const spec = fieldsOf(crd['spec']);
  const names = fieldsOf(spec['names']);
  const failures: FieldError[] = [];
  const expected = `${names['plural']}.${spec['group']}`;
  if (crd.metadata.name !== expected) {
    failures.push(
      fieldError.invalid('metadata.name', crd.metadata.name, `must be spec.names.plural+"."+spec.group`),
    );
  }
  if (spec['scope'] !== 'Namespaced' && spec['scope'] !== 'Cluster') {
    failures.push(fieldError.notSupported('spec.scope', spec['scope'] ?? '', ['Cluster', 'Namespaced']));
  }
  const versions = listOf(spec['versions']).map(fieldsOf);
  if (versions.filter((version) => version['storage'] === true).length !== 1) {
    failures.push(
      fieldError.invalid(
        'spec.versions',
        versions,
        'must have exactly one version marked as storage version',
      ),
    );
  }
  versions.forEach((version, i) => {
    if (!isFields(fieldsOf(version['schema'])['openAPIV3Schema'])) {
      failures.push(
        fieldError.required(`spec.versions[${i}].schema.openAPIV3Schema`, 'schemas are required'),
      );
    }
  });
  return failures;
}

function printerColumn(definition: Fields): Column {
  const path = String(definition['jsonPath'] ?? '');
  const type = String(definition['type'] ?? 'string') as Column['type'];
  return {
    name: String(definition['name']),
    type,
    ...(typeof definition['description'] === 'string' ? { description: definition['description'] } : {}),
    ...(typeof definition['priority'] === 'number' ? { priority: definition['priority'] } : {}),
    cell: (object) => printerCell(evaluateJsonPath(object, path), type),
  };
}

function printerCell(values: unknown[], type: Column['type']): unknown {
  const [value] = values;
  if (value === undefined || value === null) return null;
  if (type === 'date') return formatAge(value);
  if (type === 'string') return typeof value === 'object' ? JSON.stringify(value) : String(value);
  return value;
}

function customKind(crd: KubeObject, version: Fields): ResourceKind {
  const spec = fieldsOf(crd['spec']);
  const names = fieldsOf(fieldsOf(crd['status'])['acceptedNames']);
  const columns = listOf(version['additionalPrinterColumns']).filter(isFields);
  return {
    group: String(spec['group']),
    version: String(version['name']),
    kind: String(names['kind']),
    listKind: String(names['listKind']),
    plural: String(names['plural']),
    singular: String(names['singular']),
    shortNames: listOf(names['shortNames']).map(String),
    categories: listOf(names['categories']).map(String),
    isNamespaced: spec['scope'] === 'Namespaced',
    hasStatus: isFields(fieldsOf(version['subresources'])['status']),
    hasGeneration: true,
    isCustom: true,
    schema: fieldsOf(fieldsOf(version['schema'])['openAPIV3Schema']) as JsonSchema,
    fields: [],
    nameForm: 'subdomain',
    selectableFields: customResourceFields,
    columns: [nameColumn, ...(columns.length > 0 ? columns.map(printerColumn) : [ageColumn])],
  };
}

/** The kinds a CustomResourceDefinition makes the server serve, one per served version. */
export function kindsOfCrd(crd: KubeObject): ResourceKind[] {
  const versions = listOf(fieldsOf(crd['spec'])['versions']).map(fieldsOf);
  return versions.filter((version) => version['served'] === true).map((version) => customKind(crd, version));
}
