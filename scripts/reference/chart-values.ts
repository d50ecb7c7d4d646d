import { isMap, isScalar, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { block, code, paragraphs, table } from './markdown.ts';

/** A value of the chart. */
export interface ChartValue {
  readonly key: string;
  readonly type: string;
  readonly default: string;
  readonly description: string;
  /** Heading of values.yaml that it stands below. */
  readonly section: string;
}

/** The part of a JSON schema that descriptions and types come from. */
export interface ValuesSchema {
  readonly $ref?: string;
  readonly description?: string;
  readonly additionalProperties?: boolean | ValuesSchema;
  readonly properties?: Readonly<Record<string, ValuesSchema>>;
}
interface RootSchema extends ValuesSchema {
  readonly $defs: Readonly<Record<string, ValuesSchema>>;
}

/** A line such as `# ===== Names =====`. */
const SECTION = /^ =+ (.+) =+$/m;
/** Defaults that are longer than this are left to values.yaml. */
const LONGEST_DEFAULT = 160;
/** Words for what the schema accepts, where the type of the default does not say it. */
const TYPES: Readonly<Record<string, string>> = {
  switch: 'bool',
  count: 'int',
  numberOrEmpty: 'number',
  numberOrPercent: 'number or percentage',
  port: 'port',
  portOrEmpty: 'port',
  duration: 'duration',
};

/** The chart's README, as helm-docs lays it out. */
export function chartPage(chart: string, values: readonly ChartValue[]): string {
  const sections = Map.groupBy(values, ({ section }) => section);
  return paragraphs(
    `# ${chart}`,
    `Helm chart of Fuin's sealed-secrets controller. It takes the values of upstream's chart as they are.`,
    block('sh', 'helm install sealed-secrets deploy/helm/sealed-secrets -n kube-system'),
    `[Installation](../../../docs/installation.md) goes through it step by step,
[migration](../../../docs/migration.md) explains how to come from upstream's chart.`,
    '## Values',
    '"Fuin only" marks a key that upstream\'s chart does not have; "upstream:" marks a default that differs on purpose.',
    ...[...sections].flatMap(([section, rows]) => [
      `### ${section}`,
      table(
        ['Key', 'Type', 'Default', 'Description'],
        rows.map((row) => [row.key, row.type, code(row.default), row.description]),
      ),
    ]),
  );
}

/** Every value of values.yaml without values below it, described by the comment above it or by the schema. */
export function chartValues(valuesYaml: string, schema: RootSchema): ChartValue[] {
  const document = parseDocument(valuesYaml);
  const values: ChartValue[] = [];
  let section = SECTION.exec(document.commentBefore ?? '')?.[1] ?? '';
  const visit = (map: YAMLMap, parent: ValuesSchema, path: string) => {
    for (const pair of map.items) {
      const key = String(pair.key);
      const comment = commentOf(map, pair);
      section = SECTION.exec(comment)?.[1] ?? section;
      const node = resolve(schema, parent.properties?.[key]);
      const here = path === '' ? key : `${path}.${key}`;
      if (isMap(pair.value) && node.additionalProperties === false) visit(pair.value, node, here);
      else
        values.push({
          ...rowOf(here, pair, node),
          description: descriptionOf(comment) || (node.description ?? ''),
          section,
        });
    }
  };
  if (isMap(document.contents)) visit(document.contents, schema, '');
  return values;
}

function rowOf(key: string, { value }: Pair, { $ref = '' }: ValuesSchema) {
  const plain: unknown = (value as { toJSON(): unknown } | null)?.toJSON() ?? null;
  const text = JSON.stringify(plain);
  return {
    key,
    type: TYPES[$ref.replace('#/$defs/', '')] ?? typeOfDefault(plain),
    default: text.length > LONGEST_DEFAULT ? 'see values.yaml' : text,
  };
}

/** helm-docs' words. */
function typeOfDefault(value: unknown): string {
  if (Array.isArray(value)) return 'list';
  return typeof value === 'number' ? 'int' : typeof value;
}

function resolve(schema: RootSchema, node: ValuesSchema = {}): ValuesSchema {
  const name = node.$ref?.replace('#/$defs/', '');
  return name === undefined ? node : { ...schema.$defs[name], ...node };
}

/** The comment above a key; above the first of a map it is the map's. */
function commentOf(map: YAMLMap, { key }: Pair): string {
  const own = isScalar(key) ? key.commentBefore : undefined;
  return own ?? (map.items[0]?.key === key ? map.commentBefore : undefined) ?? '';
}

/** helm-docs' rule: from the last line that begins with `-- ` to the end. */
function descriptionOf(comment: string): string {
  const lines = comment.split('\n').map((line) => line.trim());
  const start = lines.findLastIndex((line) => line.startsWith('-- '));
  return start < 0 ? '' : lines.slice(start).join(' ').replace(/^-- /, '');
}
