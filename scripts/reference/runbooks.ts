// Over 200 lines: one table, with what to do about each alert.
/** What to do about an alert. */
export interface Runbook {
  readonly means: string;
  readonly check: readonly string[];
  readonly cure: readonly string[];
}

const LOG = 'The log: `kubectl -n CONTROLLER logs -l app.kubernetes.io/name=sealed-secrets --tail=200`.';
const REPLICAS = 'The Pods: `kubectl -n CONTROLLER get pods -l app.kubernetes.io/name=sealed-secrets`.';
const RESTORE_KEY =
  'Restore the key from a [backup](../rotation.md) with `kubectl create -f BACKUP`. It is used at once, without a restart.';

/** One runbook for each alert of the chart. */
export const RUNBOOKS: Readonly<Record<string, Runbook>> = {
  SealedSecretsControllerNotReady: {
    means: `The Secret of one SealedSecret is missing or has old values. Applications that need the new values fail or keep
using the old ones. Other SealedSecrets are not affected.`,
    check: [
      'The reason and the message: `kubectl -n NAMESPACE get sealedsecret NAME -o wide`.',
      'What the reason means: [conditions and events](conditions-and-events.md).',
    ],
    cure: [
      '`NoKeyOpensValue`: the values were sealed for another cluster, name, namespace or scope. Seal them again with the certificate of this cluster, or restore the lost key.',
      '`MalformedValue`, `InvalidManifest`, `InvalidTemplate`: correct the SealedSecret as the message says.',
      '`NotOwned`, `Immutable`: delete the existing Secret, or let the SealedSecret take it over with `sealedsecrets.bitnami.com/managed`.',
      '`RejectedByServer`: grant the right, raise the quota or change the policy that the message names.',
      'Other reasons: [errors](../errors.md).',
    ],
  },
  SealedSecretsUnsealErrors: {
    means: 'SealedSecrets of one namespace fail again and again, or more and more of them fail.',
    check: [
      'Which ones fail: `kubectl -n NAMESPACE get sealedsecrets -o wide`.',
      'Their events: `kubectl -n NAMESPACE get events --field-selector involvedObject.kind=SealedSecret`.',
      'The label `reason`: `unseal` is about the values, `update` and `unmanaged` about the Secret, `status` about the right to write the status.',
    ],
    cure: ['As for [SealedSecretsControllerNotReady](#sealedsecretscontrollernotready).'],
  },
  SealedSecretsControllerDown: {
    means: `Prometheus receives no metrics of any controller. Either no controller runs, or it is not scraped. Secrets stay;
new and changed SealedSecrets wait; kubeseal cannot fetch the certificate.`,
    check: [
      REPLICAS,
      'Why a Pod does not start: `kubectl -n CONTROLLER describe pods -l app.kubernetes.io/name=sealed-secrets`.',
      'If Pods run: whether Prometheus has the target, and a NetworkPolicy lets it in (`networkPolicy.metrics.from`).',
    ],
    cure: [
      '`ImagePullBackOff`: set `image.registry` and `image.repository` to an image that the nodes can pull.',
      'Exit code 1 or 2: the log names the flag, the right or the address that is wrong.',
      '`OOMKilled`: raise `resources.limits.memory`.',
      'Not scraped: correct the ServiceMonitor (`metrics.serviceMonitor`) or the NetworkPolicy.',
    ],
  },
  SealedSecretsNoLeader: {
    means:
      'Replicas run, but none reconciles SealedSecrets or renews keys. They still serve the certificate.',
    check: [
      'The Lease: `kubectl -n CONTROLLER get lease`.',
      'The log for `lease not renewed`: `kubectl -n CONTROLLER logs -l app.kubernetes.io/name=sealed-secrets --tail=200`.',
      'The right: `kubectl -n CONTROLLER auth can-i update lease --as system:serviceaccount:CONTROLLER:ACCOUNT`.',
    ],
    cure: [
      'Grant `get`, `create` and `update` of the Lease, as the chart does.',
      'Make the API server reachable from the Pods.',
      'A Lease whose holder is gone is taken over after 15 seconds; do not delete it.',
    ],
  },
  SealedSecretsObjectUnreadable: {
    means: `The API server sent an object that the controller cannot read, such as one with far too many entries. This object is
skipped; the controller uses what it knew of it before.`,
    check: ['Which object: the log line `object cannot be read` has its namespace and name.', LOG],
    cure: [
      'Correct or delete the object.',
      'If the object looks right, report a bug with the error of the log line.',
    ],
  },
  SealedSecretsQueueStuck: {
    means: 'SealedSecrets wait in the queue, and none was reconciled successfully for 15 minutes.',
    check: [
      'The log for `error updating, will retry`: it has the reason for each SealedSecret.',
      'Whether the API server is slow or refuses requests: its metrics and audit log.',
      'Whether a webhook or policy rejects every Secret.',
    ],
    cure: [
      'Mend the API server, the webhook or the rights that the log names. The controller continues by itself.',
      'If the log shows nothing, restart the Pods: `kubectl -n CONTROLLER rollout restart deployment/DEPLOYMENT`.',
    ],
  },
  SealedSecretsKeyUnreadable: {
    means: `A Secret is labelled as a sealing key but cannot be used: it is damaged, incomplete, or was created by a SealedSecret.
Values that were sealed for it cannot be opened. All other keys work.`,
    check: [
      'The event `ErrKeyInvalid`: `kubectl -n CONTROLLER get events --field-selector reason=ErrKeyInvalid`.',
      'The keys: `kubectl -n CONTROLLER get secret -l sealedsecrets.bitnami.com/sealed-secrets-key`.',
    ],
    cure: [
      RESTORE_KEY,
      'A Secret that is no key: remove its label `sealedsecrets.bitnami.com/sealed-secrets-key`.',
      'A key that a SealedSecret created: [migration](../migration.md) explains how to keep one that is yours.',
    ],
  },
  SealedSecretsKeyLocked: {
    means: `The private key of a key Secret is wrapped by a key service, and the controller cannot have it unwrapped. Values that were
sealed for it cannot be opened after a restart. Keys that were unwrapped before stay in memory and work on, and so do all plain ones.
The controller tries again by itself, at least once a minute.`,
    check: [
      'The event `ErrKeyLocked`: `kubectl -n CONTROLLER get events --field-selector reason=ErrKeyLocked`.',
      'The log for `key cannot be unwrapped`: the field `hint` says what may be wrong.',
      'The key service itself: is it up, is its key enabled, and may the controller use it?',
    ],
    cure: [
      'Mend the key service or the right that the message names. The key is used at once, without a restart.',
      'A message that names another key wrapper: add it to `--key-wrapper`, behind the first one.',
      'The key of the key service is lost: restore the sealing key from a [backup](../rotation.md), and delete the wrapped Secret.',
    ],
  },
  SealedSecretsSignersUnreadable: {
    means: `The controller cannot use the file of \`--allowed-signers\`: it is missing, empty, too large, or has a line that is not
understood. The list before it does not count any more, since somebody may have been taken out of it. So nobody may sign: SealedSecrets
of namespaces that enforce signatures are refused, and their Secrets stay as they are. Other namespaces work on.`,
    check: [
      'The log for `allowed signers cannot be used, nobody may sign`: the field `error` names the line.',
      'The ConfigMap: `kubectl -n CONTROLLER get configmap CONFIGMAP -o yaml`, with the name of the value `allowedSigners.configMap`.',
      'The same file at your desk: `kubeseal check --allowed-signers FILE PATH` reads it by the same rules.',
    ],
    cure: [
      'Correct the ConfigMap. The Pods have it within about a minute, and everything is judged again at once, without a restart.',
      'The format: [sealer signatures](../sealer-signatures.md#check).',
    ],
  },
  SealedSecretsUnsigned: {
    means: `Namespaces ask for signatures (\`--require-signer\`), and SealedSecrets there have none that counts. With \`enforce\` they are
refused and their Secrets stay as they were; with \`warn\` they are used. It can be an oversight, a signer who was taken from the list, or
somebody who may write SealedSecrets and should not.`,
    check: [
      'Which ones: `kubectl get sealedsecrets -A -o wide`; with `warn`, those with an event `SignerRequired`.',
      'What was found: the label `finding` of the alert, and the condition `Ready` of the SealedSecret.',
      'Who wrote it: the history of the repository, or the audit log of the API server.',
    ],
    cure: [
      'Read it, sign it with `kubeseal sign`, and apply it. It is used at once.',
      '`unknown-signer`, `untimely-signer`: add the signer to the ConfigMap, or let somebody else sign.',
      'Nobody knows of the change: restore the SealedSecret from the repository, and see who may write there.',
    ],
  },
  SealedSecretsAuditFailing: {
    means: `The [audit log](../audit.md) cannot be written: the disk is full, the volume is gone, or the file belongs to somebody else. Up to
8,192 events wait in memory; further ones are lost, and a line will say how many. With \`--audit-failure=refuse\` no Secret is written.`,
    check: [
      'The log for `audit log cannot be written, will retry`: the field `errno` is the code of the operating system, such as `ENOSPC`.',
      'The volume of `auditLog.volume`: is it full, or mounted read-only?',
    ],
    cure: [
      'Make room, or mend the volume. The controller tries again each second and needs no restart.',
      'Rotate the file: rename it, and the chain goes on in a new one.',
      'Check the log afterwards with `kubeseal audit verify`: it tells whether events were lost.',
    ],
  },
  SealedSecretsCertificateExpires: {
    means: `The newest certificate expires in less than 14 days. kubeseal refuses an expired certificate, so nothing new can be
sealed then. Existing SealedSecrets can still be opened.`,
    check: [
      'The end of the certificate: `kubeseal --fetch-cert | openssl x509 -noout -enddate`, with `--controller-namespace CONTROLLER`.',
      'Whether renewal is switched off: `keyrenewperiod: "0"` in the chart, `--key-renew-period=0` on the command line.',
    ],
    cure: [
      'Create a new key now: set `keycutofftime` to the present time, see [rotation](../rotation.md).',
      'Switch renewal on again: remove `keyrenewperiod`.',
    ],
  },
  SealedSecretsKeyOld: {
    means: 'The newest sealing key is older than three renewal periods, although renewal is switched on.',
    check: [
      'The log for `cannot generate a new key, will retry`: `kubectl -n CONTROLLER logs -l app.kubernetes.io/name=sealed-secrets --tail=500`.',
      'Whether a replica leads: `sealed_secrets_controller_leader` is 1 on one of them.',
    ],
    cure: [
      'Grant the right to create Secrets in the namespace of the controller.',
      'Mend the quota or policy that refuses the new Secret.',
    ],
  },
  SealedSecretsKeyLost: {
    means: `A sealing key was removed, and some SealedSecrets can be opened with no other. Their Secrets stay until something
deletes them; then nothing can create them again.`,
    check: [
      'Which key: `kubectl -n CONTROLLER get events --field-selector reason=KeyLost`, or the log line `a key that is still needed was removed`.',
      'Which SealedSecrets: `kubectl get sealedsecrets -A -o wide` shows the fingerprints of the keys that each was opened with.',
    ],
    cure: [
      RESTORE_KEY,
      'Without a backup: read the values from the existing Secrets while they are there, and seal them again.',
    ],
  },
  SealedSecretsWatchFailing: {
    means: 'The controller cannot list or watch SealedSecrets or Secrets, so it does not see their changes.',
    check: [
      'The log line `list or watch failed`: its field `reason` says what the API server answered.',
      'The CRD: `kubectl get crd sealedsecrets.bitnami.com`.',
      'The right: `kubectl auth can-i list sealedsecrets -A --as system:serviceaccount:CONTROLLER:ACCOUNT`.',
    ],
    cure: [
      'A missing right: install the roles of the chart (`rbac.create`), or grant it in the roles that you manage.',
      'A missing CRD: apply `deploy/crd.yaml`.',
      'A namespace of `additionalNamespaces` that does not exist: create it, or remove it from the list.',
    ],
  },
  SealedSecretsBackupOld: {
    means: `A key was not backed up by \`kubeseal keys backup\` in the last 35 days, or never, although other keys were. If the
cluster is lost, what was sealed for this key cannot be opened. The alert is silent while no key was ever backed up this way,
since other backups leave no note.`,
    check: [
      'Since when: `kubectl -n CONTROLLER get secret -l sealedsecrets.bitnami.com/sealed-secrets-key -o yaml` shows the annotation `sealedsecrets.bitnami.com/last-backup`.',
      'The job that makes backups: `kubectl -n CONTROLLER get jobs`.',
      'Whether it may note the time: its log has a warning if it may not.',
    ],
    cure: [
      'Make a backup now: `kubeseal keys backup --to RECIPIENT -w FILE`, then `kubeseal keys verify -i IDENTITY --compare-cluster FILE`.',
      'A key that is out of service and no longer needed: retire it with `kubeseal keys retire`.',
    ],
  },
  SealedSecretsStale: {
    means: `SealedSecrets in the cluster still need a sealing key that is more than a year old. Anyone who gets hold of that key
can read them, also in the history of Git.`,
    check: [
      'How many: the metric `sealed_secrets_controller_stale_sealed_secrets`.',
      'Which ones: `kubectl get sealedsecrets -A -o wide` shows the fingerprints of the keys.',
    ],
    cure: [
      'Seal them again with the newest key: `kubeseal --re-encrypt FILES`, then commit and apply the files.',
      'Change the passwords themselves: sealing again does not hide what was published. See [rotation](../rotation.md).',
    ],
  },
  SealedSecretsDefinitionOutdated: {
    means: `The CRD in the cluster is that of upstream or of an older version. It drops \`status.lastUnseal\`, so every restart of
the controller decrypts all values again, and the metrics about keys in use may be absent.`,
    check: ['The event `StatusPruned` on a SealedSecret.'],
    cure: [
      'Apply the CRD of this version: `kubectl apply --server-side --force-conflicts -f deploy/crd.yaml`.',
      'With the chart: `crds.upgrade: true`.',
    ],
  },
  SealedSecretsDrift: {
    means: `Something keeps modifying Secrets that belong to SealedSecrets. With \`--drift-policy=repair\` the controller restores
them and the two work against each other; with \`warn\` the Secrets keep the foreign values.`,
    check: [
      'Which Secrets: `kubectl get events -A --field-selector reason=DriftDetected`.',
      'What modifies them: `kubectl -n NAMESPACE get secret NAME --show-managed-fields -o yaml` names the managers and the fields.',
    ],
    cure: [
      'Make the other program leave the Secret alone, or give it a Secret of its own.',
      'Let both write: mark the Secret `sealedsecrets.bitnami.com/patch`, and keep different keys in each source.',
    ],
  },
};
