import { type Document, isMap, isPair, isSeq, parseAllDocuments, type YAMLMap } from 'yaml';

const NAME = 'sealed-secrets-controller';
const HEADER = '# Rendered from the chart by deploy/plain/render.ts. Change the chart, not this file.\n';

/** Upstream's names in its plain manifests, where the chart's scheme gives others. */
const NAMES: Readonly<Record<string, string>> = {
  [`Role/${NAME}-key-admin`]: 'sealed-secrets-key-admin',
  [`RoleBinding/${NAME}-key-admin`]: NAME,
  [`Role/${NAME}-service-proxier`]: 'sealed-secrets-service-proxier',
  [`RoleBinding/${NAME}-service-proxier`]: 'sealed-secrets-service-proxier',
};
/** What goes where, in this order. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  'rbac.yaml': [
    `ServiceAccount/${NAME}`,
    'ClusterRole/secrets-unsealer',
    `ClusterRoleBinding/${NAME}`,
    'Role/sealed-secrets-key-admin',
    `RoleBinding/${NAME}`,
    'Role/sealed-secrets-service-proxier',
    'RoleBinding/sealed-secrets-service-proxier',
  ],
  'controller.yaml': [
    `Service/${NAME}`,
    `Service/${NAME}-metrics`,
    `Deployment/${NAME}`,
    `PodDisruptionBudget/${NAME}`,
  ],
};
/**
 * Where labels or a selector stand. Upstream's manifests have one label. A Deployment's selector is fixed.
 */
const LABELS = [
  ['metadata', 'labels'],
  ['spec', 'selector', 'matchLabels'],
  ['spec', 'template', 'metadata', 'labels'],
  ['spec', 'template', 'spec', 'topologySpreadConstraints', 0, 'labelSelector', 'matchLabels'],
];

/**
 * Turns what `helm template` prints into plain manifests by file name, with comments kept.
 * @throws Error when an object is missing or has no place in a file
 */
export function toPlain(rendered: string): Record<string, string> {
  const documents = parseAllDocuments(rendered).filter(({ contents }) => isMap(contents)) as Document[];
  documents.forEach(makePlain);
  const byName = new Map(documents.map((document) => [nameOf(document), document]));
  const expected = Object.values(FILES).flat();
  const odd = [...new Set(expected).symmetricDifference(new Set(byName.keys()))];
  if (odd.length > 0) throw new Error(`missing, or without a place in a file: ${odd.join(', ')}`);
  const textOf = (name: string) => print(byName.get(name) as Document);
  const files = Object.entries(FILES).map(([file, names]) => [
    file,
    HEADER + names.map(textOf).join('---\n'),
  ]);
  return Object.fromEntries(files);
}

function makePlain(document: Document): void {
  const kind = kindOf(document);
  dropSource(document);
  for (const path of LABELS) {
    if (document.hasIn(path)) document.setIn(path, document.createNode({ name: NAME }));
  }
  if (kind === 'Service') makeServicePlain(document);
  if (kind === 'Deployment') document.setIn(['spec', 'template', 'spec', 'containers', 0, 'name'], NAME);
  const role = ['roleRef', 'name'];
  if (kind === 'RoleBinding') document.setIn(role, rename('Role', document.getIn(role)));
  document.setIn(['metadata', 'name'], rename(kind, document.getIn(['metadata', 'name'])));
}

/** Upstream's plain manifests do not name the Service's port, so kubeseal's proxy path is `http:NAME:`. */
function makeServicePlain(document: Document): void {
  document.setIn(['spec', 'selector'], document.createNode({ name: NAME }));
  document.deleteIn(['spec', 'ports', 0, 'name']);
  if (document.getIn(['metadata', 'name']) !== NAME) return;
  // tools look for the Service by it
  document.setIn(['metadata', 'labels', 'app.kubernetes.io/name'], 'sealed-secrets');
  const ports = (document.get('spec') as YAMLMap).items.find(
    (pair) => isPair(pair) && String(pair.key) === 'ports',
  );
  if (isSeq(ports?.value))
    ports.value.commentBefore = ' without a name, like upstream: kubeseal then asks for http:NAME:';
}

function rename(kind: string, name: unknown): string {
  return NAMES[`${kind}/${name}`] ?? String(name);
}

/** Helm writes above each document which template it is from. */
function dropSource(document: Document): void {
  const contents = document.contents as YAMLMap;
  const lines = (document.commentBefore ?? contents.commentBefore ?? '').split('\n');
  contents.commentBefore = lines.filter((line) => !line.startsWith(' Source: ')).join('\n');
  document.commentBefore = null;
}

function kindOf(document: Document): string {
  return String(document.get('kind'));
}

function nameOf(document: Document): string {
  return `${kindOf(document)}/${document.getIn(['metadata', 'name'])}`;
}

function print(document: Document): string {
  if (document.directives) document.directives.docStart = null;
  return `${document.toString({ lineWidth: 0, flowCollectionPadding: false }).trim()}\n`;
}
