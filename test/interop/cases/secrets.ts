import { type Case, differs, sealing } from './case.ts';

const kind = differs(
  'only objects of kind Secret, or without a kind, are sealed',
  'code',
  'stderr',
  'output',
);
const kindMessage = differs('the message says what the object is', 'stderr');
const item = 'stringData: {v: x}\n';
const WIDE = 'sealedsecrets.bitnami.com';

const INPUTS = {
  'a plain Secret': `apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: blue}\ntype: Opaque\n${item}`,
  'a Secret without kind': `metadata: {name: a, namespace: blue}\n${item}`,
  'data and stringData on the same key': `metadata: {name: a, namespace: blue}\ndata: {v: aGk=, w: aGk=}\n${item}`,
  'an empty value': `metadata: {name: a, namespace: blue}\ndata: {v: ""}\n`,
  'server-side metadata': `metadata: {name: a, namespace: blue, uid: u, resourceVersion: "1", generation: 3, selfLink: /x, creationTimestamp: "2026-01-01T00:00:00Z", deletionTimestamp: "2026-01-01T00:00:00Z", deletionGracePeriodSeconds: 3}\n${item}`,
  'owner references': `metadata: {name: a, namespace: blue, ownerReferences: [{apiVersion: v1, kind: Pod, name: p, uid: u}]}\n${item}`,
  'last-applied annotations': `metadata: {name: a, namespace: blue, annotations: {kubectl.kubernetes.io/last-applied-configuration: x, kubecfg.ksonnet.io/last-applied-configuration: v, z: w}}\n${item}`,
  'only a last-applied annotation': `metadata: {name: a, namespace: blue, annotations: {kubectl.kubernetes.io/last-applied-configuration: x}}\n${item}`,
  'labels and annotations': `metadata: {name: a, namespace: blue, labels: {b: c, a: d}, annotations: {zz: z, x: w}}\n${item}`,
  generateName: `metadata: {name: a, generateName: a-, namespace: blue}\n${item}`,
  'a type': `metadata: {name: a, namespace: blue}\ntype: kubernetes.io/tls\n${item}`,
  'an empty type': `metadata: {name: a, namespace: blue}\ntype: ""\n${item}`,
  'namespace-wide by annotation': `metadata: {name: a, namespace: blue, annotations: {${WIDE}/namespace-wide: "true"}}\n${item}`,
  'cluster-wide by annotation': `metadata: {name: a, namespace: blue, annotations: {${WIDE}/cluster-wide: "true"}}\n${item}`,
  'cluster-wide without a namespace': `metadata: {name: a, annotations: {${WIDE}/cluster-wide: "true"}}\n${item}`,
  'both scope annotations': `metadata: {name: a, namespace: blue, annotations: {${WIDE}/cluster-wide: "true", ${WIDE}/namespace-wide: "true"}}\n${item}`,
  'scope annotations that do not count': `metadata: {name: a, namespace: blue, annotations: {${WIDE}/cluster-wide: "True", ${WIDE}/namespace-wide: "1"}}\n${item}`,
  'managed and patch annotations': `metadata: {name: a, namespace: blue, annotations: {${WIDE}/managed: "true", ${WIDE}/patch: "true"}}\n${item}`,
  'field names in another case': `MetaData: {Name: a, NAMESPACE: blue, Labels: {b: c}}\nType: Opaque\nStringData: {v: x, w: 123}\n`,
  'a field in two cases': `metadata: {name: a, namespace: blue, Namespace: green}\n${item}data: {w: aGk=}\nData: {z: aGk=}\n`,
  'an odd item name': `metadata: {name: a, namespace: blue}\nstringData: {"a b/c:d": x, "": w}\n`,
} as const;

export const SECRET_CASES: readonly Case[] = [
  ...sealing(INPUTS),
  ...sealing(INPUTS, ['-o', 'json']),
  ...sealing(INPUTS, ['-o', 'yaml', '--scope', 'cluster-wide']),
  ...sealing(INPUTS, ['-o', 'yaml', '--scope', 'namespace-wide']).map((each) =>
    each.title.startsWith('cluster-wide without a namespace')
      ? { ...each, differs: differs('the newer text `secret must declare a namespace`', 'stderr') }
      : each,
  ),
  ...sealing({
    finalizers: `metadata: {name: a, namespace: blue, finalizers: [x/y]}\n${item}`,
  }),
  ...sealing({
    managedFields: [
      `metadata: {name: a, namespace: blue, managedFields: [{manager: m, operation: Update, apiVersion: v1}]}\n${item}`,
      differs('managedFields mean nothing in a template and are left out', 'output'),
    ],
  }),
  ...sealing({
    'a missing name': `metadata: {namespace: blue}\n${item}`,
    'missing metadata': item,
    'missing data': 'kind: Secret\nmetadata: {name: a, namespace: blue}\n',
    'a missing namespace': [
      `metadata: {name: a}\n${item}`,
      differs('the newer text `secret must declare a namespace`', 'stderr'),
    ],
    'a ConfigMap': [`kind: ConfigMap\nmetadata: {name: a, namespace: blue}\ndata: {k: aGk=}\n`, kind],
    'a List': [
      'kind: List\napiVersion: v1\nitems: [{kind: Secret, metadata: {name: a}, data: {k: aGk=}}]\n',
      kindMessage,
    ],
    'a List with a namespace': [
      'kind: List\napiVersion: v1\nitems: [{kind: Secret, metadata: {name: a, namespace: blue}, data: {k: aGk=}}]\n',
      differs('Lists are opened', 'code', 'stderr', 'output'),
    ],
    'a SealedSecret': [
      'kind: SealedSecret\napiVersion: bitnami.com/v1alpha1\nmetadata: {name: a, namespace: blue}\nspec: {encryptedData: {k: AgA=}}\n',
      kindMessage,
    ],
  }),
  ...sealing({ 'empty data when allowed': 'metadata: {name: a, namespace: blue}\n' }, [
    '-oyaml',
    '--allow-empty-data',
  ]),
  ...sealing({ 'empty data when allowed': 'metadata: {name: a, namespace: blue}\n' }, ['--allow-empty-data']),
  ...sealing({ 'another name': `metadata: {name: a, namespace: blue}\n${item}` }, ['-oyaml', '--name', 'b']),
  ...sealing({ 'the same namespace as -n': `metadata: {name: a, namespace: blue}\n${item}` }, [
    '-oyaml',
    '-n',
    'blue',
  ]),
  ...sealing(
    {
      'another namespace than -n': [
        `metadata: {name: a, namespace: blue}\n${item}`,
        differs('v0.27.1 ignores -n here; later versions refuse', 'code', 'stderr', 'output'),
      ],
    },
    ['-oyaml', '-n', 'green'],
  ),
  ...sealing({ 'the namespace of -n': `metadata: {name: a}\n${item}` }, ['-oyaml', '-n', 'green']),
  ...sealing({ 'the namespace of the context': `metadata: {name: a}\n${item}` }, [
    '-oyaml',
    '--kubeconfig',
    'kubeconfig.yaml',
  ]),
  ...sealing({ 'the default namespace': `metadata: {name: a}\n${item}` }, [
    '-oyaml',
    '--kubeconfig',
    'kubeconfig.yaml',
    '--context',
    'bare',
  ]),
  ...sealing(
    {
      'an unknown context': [
        `metadata: {name: a}\n${item}`,
        differs('the newer text `secret must declare a namespace`', 'stderr'),
      ],
    },
    ['-oyaml', '--kubeconfig', 'kubeconfig.yaml', '--context', 'nope'],
  ),
];
