import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { guideTool } from '../support/tools/guide-tools.ts';

/** A schema in Swagger's dialect, as a kube-apiserver serves it; extensions start with `x-kubernetes-`. */
type Schema = Readonly<Record<string, unknown>>;

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** As much of an answer to /openapi/v2 as is used. */
export interface Swagger {
  readonly definitions: Readonly<Record<string, Schema>>;
}

/** One thing that kubeconform has to say about a manifest. */
export interface Finding {
  readonly filename: string;
  readonly kind: string;
  readonly name: string;
  readonly status: string;
  readonly msg: string;
}

const REFERENCE = '#/definitions/';
const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';

/**
 * Writes a JSON schema for each kind that the server knows into a directory, named as kubeconform looks for
 * them. Fields that a kind does not have are errors, as they are for `kubectl apply --validate=strict`.
 */
export async function writeSchemas({ definitions }: Swagger, directory: string): Promise<void> {
  const strict = Object.fromEntries(
    Object.entries(definitions).map(([name, schema]) => [name, name === QUANTITY ? {} : toStrict(schema)]),
  );
  const kinds = Object.entries(definitions).flatMap(([name, schema]) => {
    const of = (schema['x-kubernetes-group-version-kind'] ?? []) as readonly GroupVersionKind[];
    // DeleteOptions and the like are no manifests
    return of.length === 1 ? of.map((each) => ({ name, ...each })) : [];
  });
  await writeFile(join(directory, 'definitions.json'), JSON.stringify({ definitions: strict }));
  await Promise.all(
    kinds.map(({ name, group, version, kind }) => {
      const [firstOfGroup = ''] = group.split('.'); // all that {{ .KindSuffix }} has of it
      const parts = [kind, firstOfGroup, version]
        .filter((part) => part !== '')
        .join('-')
        .toLowerCase();
      const apiVersion = { const: group === '' ? version : `${group}/${version}` };
      const schema = {
        allOf: [{ $ref: `definitions.json${REFERENCE}${name}` }],
        properties: { apiVersion, kind: { const: kind } },
        required: ['apiVersion', 'kind', 'metadata'],
      };
      return writeFile(join(directory, `${parts}.json`), JSON.stringify(schema));
    }),
  );
}

/** A part of Swagger's dialect as JSON Schema, closed where its fields are listed. */
function toStrict(schema: Schema): Schema {
  if ('$ref' in schema) return { $ref: schema['$ref'] };
  const { type, format, items, properties, additionalProperties, required, enum: choices } = schema;
  if (format === 'int-or-string' || schema['x-kubernetes-int-or-string'] === true)
    return { type: ['integer', 'string'] };
  const fields = Object.entries((properties ?? {}) as Readonly<Record<string, Schema>>);
  const isOpen = schema['x-kubernetes-preserve-unknown-fields'] === true;
  return {
    ...(type === undefined ? {} : { type }),
    ...(items === undefined ? {} : { items: toStrict(items as Schema) }),
    ...(required === undefined ? {} : { required }),
    ...(choices === undefined ? {} : { enum: choices }),
    ...(fields.length === 0
      ? {}
      : {
          properties: Object.fromEntries(fields.map(([name, field]) => [name, toStrict(field)])),
          additionalProperties: isOpen,
        }),
    ...(typeof additionalProperties === 'object' && additionalProperties !== null
      ? { additionalProperties: toStrict(additionalProperties as Schema) }
      : {}),
  };
}

/** Has kubeconform -strict judge the manifests in a directory by those schemas and no others. */
export async function kubeconform(schemas: string, manifests: string): Promise<readonly Finding[]> {
  const location = join(schemas, '{{ .ResourceKind }}{{ .KindSuffix }}.json');
  const args = ['-strict', '-verbose', '-output', 'json', '-schema-location', location, manifests];
  const { promise, resolve } = Promise.withResolvers<string>();
  execFile(guideTool('kubeconform'), args, { maxBuffer: 64 * 1024 * 1024 }, (_error, stdout, stderr) =>
    resolve(stdout === '' ? JSON.stringify({ resources: [{ status: 'statusError', msg: stderr }] }) : stdout),
  );
  return (JSON.parse(await promise) as { readonly resources: readonly Finding[] }).resources;
}
