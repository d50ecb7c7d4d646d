// Over 200 lines: one table of differences.
/** Where upstream's controller v0.27.1 does not pass a test of these suites. */
export interface Difference {
  /** What upstream does instead. */
  readonly why: string;
  /** Subject of docs/compatibility.md or heading of docs/controller.md that explains it, or NEWER. */
  readonly see: string;
  /** Part of the message with which the test must fail there. */
  readonly fails: string;
}

/** Upstream does the same as ours in a later version. */
export const NEWER = "newer than v0.27.1, the newest of upstream's that `go install` takes";

/** Files of which no test would be left, and why. */
export const ABSENT_FILES: Readonly<Record<string, string>> = {
  'test/e2e/abuse.test.ts':
    'one such template takes all the memory of upstream and of whatever runs beside it',
  'test/e2e/audit.test.ts': 'upstream writes no audit log',
  'test/e2e/audit-lines.test.ts': 'upstream writes no audit log',
  'test/e2e/clusters.test.ts': 'it starts two controllers of ours, each with a key of its own',
  'test/e2e/command-line.test.ts': 'it starts our program, and no cluster',
  'test/e2e/day-two.test.ts': 'it runs kubeseal, and no cluster',
  'test/e2e/keys-command.test.ts':
    'upstream cannot be asked for a new key, and its certificates name no controller',
  'test/e2e/logs.test.ts': 'it starts our program by hand, to tell its two streams apart',
  'test/e2e/lost-logs.test.ts': 'it starts our program by hand, to take its log away, and no cluster',
  'test/e2e/post-quantum.test.ts': 'upstream knows no format v2',
  'test/e2e/process.test.ts':
    'how our program begins and ends; that of upstream ends in the middle of a reconcile, and whether that shows is chance',
  'test/e2e/re-encrypt.test.ts': 'it asks for bulk requests, which upstream does not know',
  'test/e2e/replicas.test.ts': 'upstream runs as one replica and knows no Lease',
  'test/e2e/require-signer.test.ts': 'upstream knows no signatures',
  'test/e2e/signer-replicas.test.ts': 'upstream knows no signatures',
  'test/e2e/served-page.test.ts': 'upstream serves no page',
  'test/e2e/start-up.test.ts': 'it starts our program by hand, with an environment or a place of its own',
  'test/e2e/split-keys.test.ts': 'upstream knows no format v2',
  'test/e2e/v2-keys.test.ts': 'upstream knows no format v2',
};

const OUR_REASON = { why: 'a condition has no reason', see: 'Conditions', fails: 'to match object { reason' };
const STATIC_KEYS = { why: 'keys are read once, at the start', see: 'Key Secrets' };

/** By title as it stands in the test file. */
export const DIFFERENCES: Readonly<Record<string, Difference>> = {
  // client-rate.test.ts
  'limit how often the API server is asked': {
    why: 'it has no such flag yet, and 5 requests a second always',
    see: NEWER,
    fails: 'unknown flag: --kubeclient-qps',
  },
  // diagnosis.test.ts
  'says in Ready under which scope a value opens, while Synced keeps the words of upstream': {
    why: 'it has no condition Ready',
    see: 'Conditions',
    fails: 'waited in vain for a condition Ready with evidence',
  },
  'of inspect says which key the controller opened an item with': {
    why: 'its status does not say which key opened what',
    see: 'Restart',
    fails: 'to match object [',
  },
  // flags.test.ts
  '--additional-namespaces: also one that is made later': {
    why: 'a namespace that is missing at the start is skipped for good',
    see: 'A namespace of `--additional-namespaces` that is not there yet',
    fails: 'waited in vain for item password of later-',
  },
  '--drift-policy=off: leaves a Secret that was edited, and makes a deleted one again': {
    why: 'it has no such flag',
    see: 'A Secret changed by hand',
    fails: 'unknown flag: --drift-policy',
  },
  '--metrics-omit-secret-labels: shows no conditions': {
    why: 'it has no such flag yet',
    see: NEWER,
    fails: 'unknown flag: --metrics-omit-secret-labels',
  },
  // ownership.test.ts
  'keeps labels, annotations and owner references with a new value, and loses what the template gives up': {
    why: 'an update replaces the metadata as a whole',
    see: 'What others add to a Secret',
    fails: `to deeply equal { app: 'shop', team: 'ops' }`,
  },
  'keeps a random value of its template, also over a restart': {
    why: 'every restart renders anew',
    see: 'A template that renders something else each time (`htpasswd`, `uuidv4`, `now`)',
    fails: 'to deeply equal { ',
  },
  // http.test.ts
  'say at /readyz when the controller is ready': {
    why: 'it has no such path',
    see: '`/readyz`',
    fails: 'expected 404 to be 200',
  },
  'show every reason of a failure before there was one': {
    why: 'a reason shows when it first counts',
    see: '`unseal_errors_total`',
    fails: 'to match /^sealed_secrets_controller_unseal_er',
  },
  // http-bodies.test.ts
  'rotate takes one document, not two': {
    why: 'it takes the first one',
    see: '`/v1/verify`, `/v1/rotate`',
    fails: 'expected { status: 200, …(2) } to deeply equal { status: 500',
  },
  'answer 413 to a body of more than 3 MiB: %s': {
    why: 'it waits for any body to its end',
    see: '`/v1/verify`, `/v1/rotate`',
    fails: 'no answer',
  },
  'has the template byte for byte, and the scope of the label that opened it': {
    why: 'rotate writes the metadata of the SealedSecret and of the rendered Secret into it',
    see: '`/v1/rotate`',
    fails: `to be '{"metadata":{"annotations"`,
  },
  // http-limits.test.ts
  'holds for /v1/rotate too, and whatever headers a peer sends': {
    why: 'it does not hold for /v1/rotate',
    see: 'Rate limits and the service proxy',
    fails: 'to be 5',
  },
  // key-forms.test.ts
  'is found as by default where --key-order-priority has an unknown value, which is reported': {
    why: 'it has no such flag yet',
    see: NEWER,
    fails: 'unknown flag: --key-order-priority',
  },
  'is none whose certificate belongs to another key': {
    why: 'nobody looks whether key and certificate belong together',
    see: 'A damaged key, or one from the future',
    fails: "to be '-----BEGIN",
  },
  // keys.test.ts
  'open at once what waited for them: any RSA size, PKCS#8, made by hand': {
    ...STATIC_KEYS,
    fails: 'waited in vain for item password',
  },
  'are served when they are the newest, and no more once they are marked compromised': {
    ...STATIC_KEYS,
    fails: 'waited in vain for another certificate',
  },
  'count no more once they are deleted': { ...STATIC_KEYS, fails: 'waited in vain for item password' },
  'are named in Ready, with the day on which kubeseal keys retire retired them': {
    ...STATIC_KEYS,
    fails: 'waited in vain for item password',
  },
  'are ordered by --key-order-priority=SecretCreationTimestamp': {
    why: 'it has no such flag yet',
    see: NEWER,
    fails: 'unknown flag: --key-order-priority',
  },
  'full of garbage hurt nobody, at start and at run time': {
    why: 'one of them ends it at its next start',
    see: 'Key Secrets',
    fails: 'waited in vain for all of them in the metrics',
  },
  // metrics.test.ts
  'show with a condition which instance its object belongs to': {
    why: 'the metric does not have that label yet',
    see: NEWER,
    fails: 'waited in vain for condition_info',
  },
  // ownership.test.ts
  'has no finalizers, whatever the template says': {
    why: 'those of the template are written',
    see: 'Owner references and finalizers of a template',
    fails: 'to not have property "finalizers"',
  },
  'without owner and without a mark is made, and reported as made': {
    why: 'it is made, then reported as not managed',
    see: 'skip-set-owner-references without `managed` or `patch`',
    fails: 'waited in vain for Synced=True',
  },
  'is a word for machines: %s': OUR_REASON,
  'is Immutable where the Secret is': OUR_REASON,
  // runtime-metrics.test.ts
  "tell of Node's runtime and the process, not of Go's": {
    why: "it tells of Go's",
    see: 'Metrics of the runtime',
    fails: 'to match /^nodejs_version_info',
  },
  // recovery.test.ts
  'that are null leave their item out, by the controller and by kubeseal --recovery-unseal': {
    why: 'null counts as an empty string',
    see: NEWER,
    fails: "to deeply equal { copy: 's3cret' }",
  },
  // secrets.test.ts
  'of types that mint credentials are refused': {
    why: 'they are written',
    see: 'Types that mint credentials',
    fails: 'waited in vain for Synced=False',
  },
  // templates.test.ts
  'prints its siblings as they are written': {
    why: 'a template does not see its siblings yet',
    see: NEWER,
    fails: "to deeply equal { a: '1', one: '1', two: '[{{ .a }}]' }",
  },
  'leaves out the sealed item that it sets to null, and sees its value': {
    why: 'null counts as an empty string',
    see: NEWER,
    fails: "to deeply equal { b: '2', c: '1<no value>' }",
  },
  'yields to a sealed item of its name': {
    why: 'the template still wins',
    see: NEWER,
    fails: "expected { a: 'template', b: 'sealed' } to deeply equal",
  },
  'fails the whole object for {{ %s }}': {
    why: "it still prints the controller's environment and asks the resolver",
    see: NEWER,
    fails: 'waited in vain for Synced=False',
  },
  // watch-scope.test.ts
  'is the deletion of a Secret that has neither owner nor mark': {
    why: "such a Secret is nobody's",
    see: 'skip-set-owner-references without `managed` or `patch`',
    fails: 'waited in vain for item a',
  },
  // unseal.test.ts
  'puts the Secret back when somebody edits it': {
    why: 'an edit stays until the next restart',
    see: 'A Secret changed by hand',
    fails: 'waited in vain for item password',
  },
  'ignores a key Secret with garbage in it': {
    why: 'it ends it at its next start, and no event tells of it',
    see: 'Key Secrets',
    fails: 'waited in vain for event ErrKeyInvalid',
  },
  'prints no value anywhere': {
    why: 'a template that fails prints its arguments into log, status and event',
    see: '`spec.template.data`',
    fails: "not to contain 'canary-7f3a'",
  },
};
