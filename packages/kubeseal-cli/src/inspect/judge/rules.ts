/** How bad a finding is: errors make `kubeseal check` fail, warnings only with --strict. */
export type Severity = 'error' | 'warning';

/** One row of the table of rules. */
export interface Rule {
  readonly severity: Severity;
  /** What is wrong, in a few words. */
  readonly title: string;
  /** What to do about it. */
  readonly hint: string;
}

const SEAL =
  'seal a Secret with kubeseal -f secret.yaml -w sealed.yaml and keep it out of Git; the value of one item is sealed with kubeseal --raw. A value that was committed or pushed counts as known: change it';
const DAMAGED =
  'a sealed value was cut or changed, perhaps while it was copied: take it from where it was sealed, or seal it again';

const error = (title: string, hint: string): Rule => ({ severity: 'error', title, hint });
const warning = (title: string, hint: string): Rule => ({ severity: 'warning', title, hint });

/** What `kubeseal check` finds. A rule is never renamed: baselines and code scanning know it by its id. */
export const RULES = {
  'plain-secret': error('A Secret is in the clear', SEAL),
  'maybe-secret': warning('A string seems to hold a Secret in the clear', SEAL),
  'not-sealed': error('An item of a SealedSecret is not sealed', SEAL),
  'cut-value': error('A sealed value was cut or changed', DAMAGED),
  'wrapped-value': error(
    'A sealed value was wrapped into several lines',
    'a sealed value must be one line without spaces: remove the spaces, or seal it again',
  ),
  'secret-in-annotation': error('An annotation holds a copy of a Secret in the clear', SEAL),
  'secret-in-template': error('The template of a SealedSecret has items in the clear', SEAL),
  'fixed-template': warning(
    'The template of a SealedSecret has fixed text that may be secret',
    'seal the value as an item, and refer to it in the template as {{ index . "ITEM" }}',
  ),
  'kustomize-literals': error(
    'A secretGenerator has values in the clear',
    'put a SealedSecret into resources instead of the secretGenerator. A value that was committed counts as known: change it',
  ),
  'kustomize-files': warning(
    'A secretGenerator reads values in the clear from files',
    'keep these files out of Git, or put a SealedSecret into resources instead of the secretGenerator',
  ),
  'moved-value': warning(
    'The template contradicts the name or the namespace',
    'seal the values again for the new place: a strict SealedSecret cannot be renamed or moved',
  ),
  'scope-contradiction': warning(
    'Annotations contradict each other about the scope',
    'the annotations of the SealedSecret itself count, and must be those that its values were sealed with',
  ),
  'scope-ignored': warning(
    'An annotation of scope has no effect',
    'the value of the annotation must be "true", with quotes',
  ),
  'duplicate-key': warning(
    'A key appears twice',
    'Kubernetes uses the last one, or refuses the object: remove the other',
  ),
  'duplicate-object': warning(
    'Two SealedSecrets of one cluster have the same namespace and name',
    'the one that is applied last replaces the other: remove one, or give it another name',
  ),
  'several-keys': warning(
    'The items of a SealedSecret were sealed with several keys',
    'seal all of them with the newest certificate: kubeseal --re-encrypt',
  ),
  'other-key': error(
    'An item was sealed with a key that is not that of the certificate',
    'seal it again with the certificate of its cluster',
  ),
  'stale-key': warning(
    'An item was sealed with an older key',
    'seal it again with the newest certificate: kubeseal --re-encrypt',
  ),
  'downgraded-value': error(
    'A sealed value is of format v1 where the settings ask for v2',
    'seal it again: kubeseal re-encrypt --to v2. What was pushed in v1 stays open to a quantum computer of later years: change the secret itself',
  ),
  'other-recipients': error(
    'A sealed value is not for the recipients that the settings name',
    'seal it again for all of them, and for nobody else: kubeseal re-encrypt --to v2',
  ),
  'expired-value': error(
    'A sealed value has expired',
    'change the secret itself, and seal the new one: kubeseal set FILE ITEM --expires 90d',
  ),
  'expiring-value': warning(
    'A sealed value expires soon',
    'change the secret itself, and seal the new one: kubeseal set FILE ITEM --expires 90d',
  ),
  'expired-certificate': error(
    'A pinned certificate has expired',
    'fetch the present one: kubeseal --fetch-cert > cert.pem, or kubeseal cert update with a settings file',
  ),
  'missing-label': error(
    'A SealedSecret lacks a label that the settings require',
    'add the label to spec.template.metadata.labels, from where the Secret gets it',
  ),
  'other-namespace': warning(
    'A SealedSecret is in another namespace than the settings say',
    'seal the values again for the namespace of the rule, or correct the rule',
  ),
  'wider-scope': warning(
    'A SealedSecret has a wider scope than the settings say',
    'seal the values again with the scope of the rule: anyone who may write to other namespaces can open them there',
  ),
  'stale-signature': error(
    'The signature of a SealedSecret does not fit',
    'somebody who vouches for the present content signs it again: kubeseal sign',
  ),
  'missing-signature': error(
    'A SealedSecret has no signature',
    'one of the people in the file of --allowed-signers signs it: kubeseal sign',
  ),
  'unknown-signer': error(
    'A SealedSecret is signed by somebody who is not allowed to',
    'one of the people in the file of --allowed-signers signs it, or the file is extended',
  ),
  'not-checked': error(
    'Something is too complex to be checked',
    'no manifest is nested that deeply: take it out of the files that are checked, or write it in another way',
  ),
} as const satisfies Readonly<Record<string, Rule>>;

/** The id of a rule. */
export type RuleId = keyof typeof RULES;

/** The severity of a rule. */
export function severityOf(rule: RuleId): Severity {
  return RULES[rule].severity;
}
