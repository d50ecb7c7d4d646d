// Over 200 lines: one table of marks, each with an example.
import { WRITTEN_FOR } from '../../packages/controller/src/reconcile/secret/ownership.ts';
import { SEALING_NOTE } from '../../packages/crypto-core/src/diagnosis/sealing-note.ts';
import {
  ANNOTATIONS,
  KEY_ANNOTATIONS,
  KEY_LABEL,
  KEY_TYPES,
  SEALING_KEY_LABEL,
} from '../../packages/crypto-core/src/secret/resource.ts';
import { SIGNATURE } from '../../packages/crypto-core/src/signature/signed-content.ts';
import { block, code, paragraphs, table } from './markdown.ts';

/** An annotation or a label that kubeseal or the controller knows. */
export interface Mark {
  readonly name: string;
  readonly value: string;
  /** The kind of object that carries it. */
  readonly on: string;
  readonly writtenBy: string;
  readonly readBy: string;
  readonly meaning: string;
  readonly example: string;
}

const onSealedSecret = (name: string, value = 'true') => `apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: db
  namespace: shop
  annotations:
    ${name}: ${JSON.stringify(value)}
`;
const inTemplate = (name: string) => `apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: db
  namespace: shop
spec:
  template:
    metadata:
      annotations:
        ${name}: "true"
`;
const onSecret = (name: string, value: string) => `apiVersion: v1
kind: Secret
metadata:
  name: db
  namespace: shop
  annotations:
    ${name}: ${JSON.stringify(value)}
`;

const onKey = (name: string, value: string) => `apiVersion: v1
kind: Secret
metadata:
  name: sealed-secrets-key2v7kq
  namespace: kube-system
  labels:
    ${KEY_LABEL}: active
  annotations:
    ${name}: ${JSON.stringify(value)}
type: kubernetes.io/tls
`;

export const ANNOTATION_MARKS: readonly Mark[] = [
  {
    name: 'sealedsecrets.bitnami.com/cluster-wide',
    value: '`true`',
    on: 'Secret before sealing; SealedSecret',
    writtenBy: 'kubeseal with `--scope cluster-wide`, or a person on the Secret before sealing',
    readBy: 'kubeseal, the controller',
    meaning: `The values can be opened under any name and in any namespace of the cluster. It wins over \`namespace-wide\`.
The annotation must be the one that the values were sealed with: it cannot be changed afterwards.`,
    example: onSealedSecret('sealedsecrets.bitnami.com/cluster-wide'),
  },
  {
    name: 'sealedsecrets.bitnami.com/namespace-wide',
    value: '`true`',
    on: 'Secret before sealing; SealedSecret',
    writtenBy: 'kubeseal with `--scope namespace-wide`, or a person on the Secret before sealing',
    readBy: 'kubeseal, the controller',
    meaning: `The values can be opened under any name in the namespace that they were sealed for. Without an annotation of
scope they can be opened under one name in one namespace only (\`strict\`).`,
    example: onSealedSecret('sealedsecrets.bitnami.com/namespace-wide'),
  },
  {
    name: ANNOTATIONS.managed,
    value: '`true`',
    on: 'existing Secret; template of a SealedSecret',
    writtenBy: 'a person, or `--additional-secret-annotations`',
    readBy: 'the controller',
    meaning: `A SealedSecret of the same name may take over this existing Secret. Its data, labels, annotations and owner
references are replaced, and it is deleted with the SealedSecret. Without the annotation the controller leaves a Secret that
it did not create alone and reports \`NotOwned\`.`,
    example: onSecret(ANNOTATIONS.managed, 'true'),
  },
  {
    name: ANNOTATIONS.patch,
    value: '`true`',
    on: 'existing Secret',
    writtenBy: 'a person',
    readBy: 'the controller',
    meaning: `A SealedSecret of the same name may add its data, labels and annotations to this existing Secret. Everything
else stays. The Secret is not deleted with the SealedSecret, unless it carries \`managed\` as well.`,
    example: onSecret(ANNOTATIONS.patch, 'true'),
  },
  {
    name: ANNOTATIONS.skipSetOwnerReferences,
    value: '`true`',
    on: 'template of a SealedSecret',
    writtenBy: 'a person',
    readBy: 'the controller',
    meaning: 'The Secret gets no owner reference, so it stays when the SealedSecret is deleted.',
    example: inTemplate(ANNOTATIONS.skipSetOwnerReferences),
  },
  {
    name: WRITTEN_FOR,
    value: '`NAMESPACE/NAME`',
    on: 'Secret',
    writtenBy: 'the controller (Fuin only)',
    readBy: 'the controller',
    meaning: `Says which SealedSecret a Secret without owner reference was written for, so that the controller may update it
later. It is ignored in templates.`,
    example: onSecret(WRITTEN_FOR, 'shop/db'),
  },
  {
    name: SEALING_NOTE,
    value: 'JSON: fingerprints of keys, each with items and the last characters of their sealed values',
    on: 'SealedSecret',
    writtenBy: 'kubeseal `create` and `set`, without `--no-note` (Fuin only)',
    readBy: 'kubeseal `inspect`, `check` and `why`; the controller, for the message of `Ready`',
    meaning: `A note of the key that sealed each item. It is a hint: nothing is opened or refused because of it. It says nothing
of an item whose value has changed since, so that other programs need not keep it up to date. It can be deleted.`,
    example: onSealedSecret(
      SEALING_NOTE,
      '{"SHA256:C/Jg8H3nJulW7dkigIiVbQscSRQYQjvmv/77YzO5kXs":{"password":"fmnRi/ho"}}',
    ),
  },
  {
    name: SIGNATURE,
    value: 'a signature of SSH (SSHSIG) in base64',
    on: 'SealedSecret',
    writtenBy: 'kubeseal `sign`, and `create`, `set` and others with `--sign` (Fuin only)',
    readBy: 'kubeseal `check`',
    meaning: `The signature of the person who sealed, over everything that decides what Secret comes of the SealedSecret
([how](../sealer-signatures.md)). Commands that change the SealedSecret renew or remove it.`,
    example: onSealedSecret(SIGNATURE, 'U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg...'),
  },
  {
    name: KEY_ANNOTATIONS.fingerprint,
    value: 'a fingerprint',
    on: 'key Secret',
    writtenBy: 'the controller, when it creates the key (Fuin only)',
    readBy: 'kubeseal',
    meaning: `Fingerprint of the sealing key, so that \`kubeseal keys list\` need not read the private key. A key Secret without
the annotation is as good: existing ones are not changed.`,
    example: onKey(KEY_ANNOTATIONS.fingerprint, 'SHA256:fL2pDLx5HzSU1nqXLrLOSSOCFmJj2VPCsnHz5oCdRvQ'),
  },
  {
    name: KEY_ANNOTATIONS.validity,
    value: '`START/END`',
    on: 'key Secret',
    writtenBy: 'the controller, when it creates the key (Fuin only)',
    readBy: 'kubeseal',
    meaning: 'From when to when the certificate of the key is valid, in UTC.',
    example: onKey(KEY_ANNOTATIONS.validity, '2026-06-01T00:00:00Z/2036-05-29T00:00:00Z'),
  },
  {
    name: KEY_ANNOTATIONS.retired,
    value: 'a moment in ISO 8601',
    on: 'key Secret',
    writtenBy: '`kubeseal keys retire` (Fuin only)',
    readBy: 'kubeseal `keys list`; the controller, for the message of `Ready`',
    meaning: `When the key was taken out of service. The label \`${KEY_LABEL}\` is \`retired\` then; without that label, the
annotation means nothing.`,
    example: onKey(KEY_ANNOTATIONS.retired, '2026-06-01T00:00:00.000Z').replace(': active', ': retired'),
  },
  {
    name: KEY_ANNOTATIONS.replace,
    value: 'any text',
    on: 'key Secret',
    writtenBy: '`kubeseal keys rotate`, or a person',
    readBy: 'the controller (Fuin only)',
    meaning: `Asks the controller for one new key. It counts only on the key that is sealed with now; \`kubeseal\` writes the
time of the request. It may stay: on an older key it has no effect. Backups leave it out.`,
    example: onKey(KEY_ANNOTATIONS.replace, '2026-06-01T00:00:00.000Z'),
  },
  {
    name: KEY_ANNOTATIONS.lastBackup,
    value: 'a time in ISO 8601',
    on: 'key Secret',
    writtenBy: '`kubeseal keys backup`, after it has read the backup back (Fuin only)',
    readBy: 'the controller (Fuin only)',
    meaning: `When the key was last backed up. The controller exports it as a metric. Backups leave it out, and a
restored key starts without it.`,
    example: onKey(KEY_ANNOTATIONS.lastBackup, '2026-06-01T00:00:00.000Z'),
  },
];

export const LABEL_MARKS: readonly Mark[] = [
  {
    name: KEY_LABEL,
    value: '`active`, `retired`, `refused` or another text',
    on: "Secret in the controller's namespace",
    writtenBy: 'the controller, `kubeseal keys retire`, or a person',
    readBy: 'the controller, kubeseal',
    meaning: `\`active\` makes the Secret a sealing key. With any other value the key is not used. \`kubeseal keys retire\` sets
\`retired\`, and takes it back with \`--undo\`. The controller sets
\`refused\` on a key that a SealedSecret created or may write, since the author of that SealedSecret knows the private key.`,
    example: `apiVersion: v1
kind: Secret
metadata:
  name: sealed-secrets-key2v7kq
  namespace: kube-system
  labels:
    ${KEY_LABEL}: active
type: kubernetes.io/tls
`,
  },
  {
    name: SEALING_KEY_LABEL,
    value: '`active`, `retired`, `refused` or another text',
    on: "Secret in the controller's namespace",
    writtenBy: 'the controller with `--v2-keys` or `--key-wrapper`, `kubeseal keys wrap`, or a person',
    readBy: 'the controller, kubeseal (Fuin only)',
    meaning: `The same for kinds of sealing keys that Fuin alone knows: post-quantum keys, and keys wrapped by a key service. The type of the
Secret says the kind. Other controllers do not select by this label and leave such Secrets alone. A Secret with both labels is not used. A key
without a readable annotation \`key-validity\` opens values and is not sealed with.`,
    example: `apiVersion: v1
kind: Secret
metadata:
  name: sealed-secrets-key-v2-2v7kq
  namespace: kube-system
  labels:
    ${SEALING_KEY_LABEL}: active
  annotations:
    ${KEY_ANNOTATIONS.validity}: "2026-06-01T00:00:00Z/2036-05-29T00:00:00Z"
type: ${KEY_TYPES.xWing}
`,
  },
  {
    name: 'app.kubernetes.io/instance',
    value: 'any text',
    on: 'SealedSecret',
    writtenBy: 'a person, Helm or Argo CD',
    readBy: 'the controller',
    meaning: 'Becomes the label `ss_app_kubernetes_io_instance` of the metric `condition_info`.',
    example: `apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: db
  namespace: shop
  labels:
    app.kubernetes.io/instance: shop-production
`,
  },
  {
    name: 'app.kubernetes.io/name',
    value: '`sealed-secrets`',
    on: 'Service of the controller',
    writtenBy: 'the chart, the plain manifests',
    readBy: 'kubeseal',
    meaning:
      'If no Service has the name that kubeseal looks for, kubeseal uses the one Service with this label in the same namespace.',
    example: `apiVersion: v1
kind: Service
metadata:
  name: sealed-secrets
  namespace: kube-system
  labels:
    app.kubernetes.io/name: sealed-secrets
`,
  },
];

/** The annotations and labels that mean something to kubeseal or the controller. */
export function annotationsPage(annotations: readonly Mark[], labels: readonly Mark[]): string {
  return paragraphs(
    '# Annotations and labels',
    'An annotation that switches something on has the value `"true"`, with quotes, since YAML reads `true` as a boolean.',
    overview(annotations, 'Annotation'),
    ...annotations.flatMap(section),
    '## Labels',
    overview(labels, 'Label'),
    ...labels.flatMap(section),
  );
}

function overview(marks: readonly Mark[], head: string): string {
  return table(
    [head, 'Value', 'On', 'Written by', 'Read by'],
    marks.map(({ name, value, on, writtenBy, readBy }) => [code(name), value, on, writtenBy, readBy]),
  );
}

function section({ name, meaning, example }: Mark): string[] {
  return [`### ${name}`, meaning, block('yaml', example)];
}
