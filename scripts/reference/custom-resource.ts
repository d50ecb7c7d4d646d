import { block, code, paragraphs, sentence, table } from './markdown.ts';

interface Schema {
  readonly description?: string;
  readonly type?: string;
  readonly format?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
}

interface Column {
  readonly name: string;
  readonly description: string;
  readonly priority?: number;
}

/** The part of a CustomResourceDefinition that the page is made from. */
export interface Definition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly additionalPrinterColumns: readonly Column[];
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

/** The fields of the custom resource. */
export function customResourcePage({ spec }: Definition): string {
  const [version] = spec.versions;
  if (!version) throw new Error('the definition has no version');
  const { openAPIV3Schema: schema } = version.schema;
  const rows = fieldsOf(schema, '').filter(([path]) => path !== 'metadata');
  return paragraphs(
    `# ${spec.names.kind}: fields`,
    schema.description ?? '',
    `The kind is \`${spec.names.kind}\` of \`${spec.group}/${version.name}\`. In a cluster kubectl shows these descriptions too:`,
    block('sh', 'kubectl explain sealedsecret.spec.encryptedData'),
    '## Fields',
    table(
      ['Field', 'Type', 'Description'],
      rows.map(([path, field, isRequired]) => [
        code(path),
        typeOf(field) + (isRequired ? ', required' : ''),
        field.description ?? '',
      ]),
    ),
    '## Columns of kubectl get',
    'The last columns are shown with `-o wide` only.',
    table(
      ['Column', 'Shown', 'Description'],
      version.additionalPrinterColumns.map(({ name, description, priority = 0 }) => [
        name.toUpperCase(),
        priority > 0 ? '`-o wide`' : 'always',
        sentence(description),
      ]),
    ),
  );
}

type Field = readonly [path: string, schema: Schema, isRequired: boolean];

/** Every field below a schema, with its path. */
export function fieldsOf({ properties = {}, required = [] }: Schema, path: string): Field[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const here = path === '' ? name : `${path}.${name}`;
    const inner = schema.items ? fieldsOf(schema.items, `${here}[]`) : fieldsOf(schema, here);
    return [[here, schema, required.includes(name)] as const, ...inner];
  });
}

function typeOf({ type = '', items, additionalProperties, properties }: Schema): string {
  if (items) return `list of ${typeOf(items)}s`;
  if (additionalProperties && !properties) return `map of ${typeOf(additionalProperties)}s`;
  return type;
}
