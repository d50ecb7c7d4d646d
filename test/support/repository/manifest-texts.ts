import type { Scope } from '@fuin/crypto-core';

/** What a manifest says of one SealedSecret. */
export interface SealedObject {
  readonly namespace: string;
  readonly name: string;
  readonly scope: Scope;
  /** Sealed values by item, in order. */
  readonly sealed: Readonly<Record<string, string>>;
}

/** How the SealedSecrets of a file are written. */
export type FileStyle = 'plain' | 'commented' | 'windows' | 'stream' | 'list' | 'json';

const HEAD = 'apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\n';

/** The text of one manifest in the style that a team writes. */
export function manifestText(objects: readonly SealedObject[], style: FileStyle): string {
  if (style === 'json') return `${objects.map(jsonText).join('\n')}\n`;
  if (style === 'list') return listText(objects);
  if (style === 'stream') return `${configText(objects)}---\n${objects.map(yamlText).join('---\n')}`;
  if (style === 'commented') return objects.map(commentedText).join('---\n');
  const text = objects.map(yamlText).join('---\n');
  return style === 'windows' ? text.replaceAll('\n', '\r\n') : text;
}

/** A manifest without secrets, as most files of a repository are. */
export function deploymentText(namespace: string): string {
  return [
    'apiVersion: apps/v1',
    'kind: Deployment',
    `metadata: {name: web, namespace: ${namespace}}`,
    'spec:',
    '  selector: {matchLabels: {app: web}}',
    '  template:',
    '    metadata: {labels: {app: web}}',
    `    spec: {containers: [{name: web, image: registry.example/${namespace}/web:1.4.2}]}`,
    '',
  ].join('\n');
}

/** Such a Secret must not be committed: .gitignore keeps it out. */
export function draftText(namespace: string): string {
  return `apiVersion: v1\nkind: Secret\nmetadata: {name: draft, namespace: ${namespace}}\nstringData: {token: not-sealed-yet}\n`;
}

function metadataLines({ namespace, name, scope }: SealedObject): string {
  const annotation = `  annotations:\n    sealedsecrets.bitnami.com/${scope}: "true"\n`;
  return `metadata:\n  name: ${name}\n  namespace: ${namespace}\n${scope === 'strict' ? '' : annotation}`;
}

function yamlText(object: SealedObject): string {
  const items = Object.entries(object.sealed).map(([item, value]) => `    ${item}: ${value}\n`);
  const template = `  template:\n    metadata:\n      name: ${object.name}\n      namespace: ${object.namespace}\n    type: Opaque\n`;
  return `${HEAD}${metadataLines(object)}spec:\n  encryptedData:\n${items.join('')}${template}`;
}

/** Comments at every place, and quotes of both kinds. */
function commentedText(object: SealedObject): string {
  const items = Object.entries(object.sealed).map(([item, value], at) => {
    const quote = at % 2 === 0 ? '"' : "'";
    return `    # ${item}: ask the team before it changes\n    ${item}: ${quote}${value}${quote}   # sealed\n`;
  });
  return `# owner: team ${object.namespace}\n${HEAD}${metadataLines(object)}spec:\n\n  encryptedData:\n${items.join('')}# end\n`;
}

function listText(objects: readonly SealedObject[]): string {
  const items = objects.map((object) => {
    const lines = yamlText(object).trimEnd().split('\n');
    return `- ${lines.join('\n  ')}\n`;
  });
  return `apiVersion: v1\nkind: List\nitems:\n${items.join('')}`;
}

function configText([first]: readonly SealedObject[]): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${first?.name}-config\n  namespace: ${first?.namespace}\ndata:\n  log: info\n`;
}

function jsonText({ namespace, name, scope, sealed }: SealedObject): string {
  const annotations =
    scope === 'strict' ? {} : { annotations: { [`sealedsecrets.bitnami.com/${scope}`]: 'true' } };
  const object = {
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    metadata: { name, namespace, ...annotations },
    spec: { encryptedData: sealed },
  };
  return JSON.stringify(object, undefined, 2);
}
