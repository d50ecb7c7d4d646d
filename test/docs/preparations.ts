/** Pages whose commands another test runs. */
export const PLAYED_ELSEWHERE: Readonly<Record<string, string>> = {
  'docs/commands/import.md': 'test/docs/import-page.test.ts',
  'docs/day-two.md': 'test/e2e/day-two.test.ts',
  'docs/key-wrapping.md': 'test/interop/key-wrapping.test.ts',
  'docs/kubeseal.md': 'packages/kubeseal-cli/src/user-manual.test.ts',
  'docs/vscode.md': 'test/vscode/extension.test.ts',
  'packages/controller/README.md': 'test/packages/packages.test.ts',
};

const INSTALLED = [
  'kubectl apply --server-side -f deploy/',
  'kubectl -n kube-system rollout status deployment/sealed-secrets-controller --timeout=60s',
];
const SEALED = [
  'kubectl create namespace shop',
  'kubectl create secret generic db -n shop --from-literal=password=hunter2 --dry-run=client -o yaml >secret.yaml',
  'kubeseal -f secret.yaml -w sealed.yaml',
  'mkdir secrets; cp sealed.yaml secrets',
  'kubectl apply -f sealed.yaml',
];
/** A backup of the sealing keys. */
const KEYS =
  'kubectl -n kube-system get secret -l sealedsecrets.bitnami.com/sealed-secrets-key -o yaml >keys.yaml';
const UNSEALED = 'kubectl -n shop wait --for=condition=Synced sealedsecret/db --timeout=60s';
/** Upstream's image does not run here, so its key is made by hand. */
const UPSTREAM_KEY = [
  'openssl req -x509 -days 3650 -nodes -newkey rsa:2048 -subj /O=sealed-secrets -keyout up.key -out up.pem 2>&1',
  'kubectl -n kube-system create secret tls sealed-secrets-keyabcde --cert up.pem --key up.key',
  'kubectl -n kube-system label secret sealed-secrets-keyabcde sealedsecrets.bitnami.com/sealed-secrets-key=active',
];
const ACTIVE = 'sealedsecrets.bitnami.com/sealed-secrets-key=active';
/** Certificates count whole seconds: a key is older than a moment only from the next second on. */
const AGED = 'sleep 1';

/** A pair that protects nothing, in place of what age-keygen makes. */
const AGE_FILES = [
  'echo AGE-SECRET-KEY-1NEZQSKGKHN36T28YKDKDJY5F85DVDT5Z80SEL5VZFJXV6JCE3ECQRS7ZYJ >identity.txt',
  'echo age1je4qjszj490fqvsvcvt8yz037tjg6mmwecz6yc6ke9x65hgh5v3s999jkz >recipients.txt',
];

/** What the reader of a page has done before, as commands. */
export const PREPARATIONS: Readonly<Record<string, readonly string[]>> = {
  'README.md': INSTALLED,
  'docs/commands/clusters.md': ['prod', 'stage', 'next'].flatMap((context) => [
    ...INSTALLED.map((command) => command.replace('kubectl', `kubectl --context ${context}`)),
    `kubectl --context ${context} create namespace shop`,
  ]),
  'docs/commands/re-encrypt.md': [
    ...INSTALLED,
    ...SEALED,
    'mkdir -p clusters/production/shop; cp sealed.yaml clusters/production/shop/db.yaml',
    'kubeseal create --quiet shop/web --generate token=hex:16 -w clusters/production/shop/web.yaml',
    AGED,
    'kubectl -n kube-system set env deployment/sealed-secrets-controller SEALED_SECRETS_KEY_CUTOFF_TIME="$(date -R)"',
    'kubectl -n kube-system rollout status deployment/sealed-secrets-controller --timeout=60s',
    `until [ "$(kubectl -n kube-system get secret -l ${ACTIVE} -o name | wc -l)" = 2 ]; do sleep 1; done`,
  ],
  'docs/post-quantum.md': [...INSTALLED, ...SEALED, UNSEALED],
  'docs/audit.md': [
    ...INSTALLED,
    'kubectl -n kube-system scale deployment/sealed-secrets-controller --replicas=1',
    'kubectl -n kube-system set env deployment/sealed-secrets-controller SEALED_SECRETS_AUDIT_LOG="$PWD/audit.jsonl"',
    'kubectl -n kube-system rollout status deployment/sealed-secrets-controller --timeout=60s',
    ...SEALED,
    UNSEALED,
    'until grep -q secret.created audit.jsonl; do sleep 0.2; done',
  ],
  'docs/commands/git.md': [...INSTALLED, ...SEALED, KEYS],
  'docs/commands/open.md': [...INSTALLED, ...SEALED, UNSEALED, KEYS],
  'docs/commands/check.md': INSTALLED,
  'docs/commands/keys.md': [...INSTALLED, ...SEALED, AGED, ...AGE_FILES],
  'docs/faq.md': [...INSTALLED, ...SEALED],
  'docs/recipes.md': [...INSTALLED, 'kubectl create namespace shop'],
  'docs/troubleshooting.md': [...INSTALLED, ...SEALED],
  'docs/migration.md': [
    'helm install sealed-secrets "$UPSTREAM_CHART" -n kube-system',
    ...UPSTREAM_KEY,
    "echo 'keyrenewperiod: 720h' >values.yaml",
  ],
  'docs/sealer-signatures.md': [
    'helm install sealed-secrets deploy/helm/sealed-secrets -n kube-system --set fullnameOverride=sealed-secrets-controller',
    'kubectl -n kube-system rollout status deployment/sealed-secrets-controller --timeout=60s',
    ...SEALED,
  ],
  'docs/sealing.md': INSTALLED,
  'docs/web.md': INSTALLED,
  'docs/terminal.md': [...INSTALLED, 'kubectl create namespace shop'],
  'docs/reference/custom-resource.md': INSTALLED,
  'docs/reference/metrics-and-alerts.md': INSTALLED,
  'docs/rotation.md': [...INSTALLED, ...SEALED, AGED, ...AGE_FILES],
  'packages/kubeseal-cli/README.md': [...INSTALLED, ...SEALED],
};

/** Contexts of the reader's kubeconfig, one cluster each; the first is current. */
export const CONTEXTS: Readonly<Record<string, readonly string[]>> = {
  'docs/commands/clusters.md': ['prod', 'stage', 'next'],
  'docs/rotation.md': ['production', 'new-cluster'],
};
