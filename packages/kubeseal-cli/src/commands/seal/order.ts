import { type Scope, type Secret, scopeOf } from '@fuin/crypto-core';
import type { Format } from '@fuin/manifests';
import { adviseOnNamespace } from '../../input/secrets.ts';
import type { PlacedRule } from '../../invocation/settings/settings.ts';
import { usageError } from '../../invocation/usage-error.ts';
import type { Warn } from '../../invocation/warnings.ts';
import { outputFormat } from '../../output/output.ts';
import type { Sealer } from '../access/sealer.ts';
import type { Destination } from './destinations.ts';

/** The flags that settings may stand in for. */
interface Given {
  readonly flags: { readonly scope: Scope; readonly format: string };
  readonly changed: ReadonlySet<string>;
}

/** What the command line says about a new Secret. */
interface NewSecret {
  readonly name: string;
  /** Empty where the command line does not say it. */
  readonly namespace: string;
  readonly metadata: Pick<Secret['metadata'], 'labels' | 'annotations'>;
}

/** One SealedSecret to make. */
export interface Order extends Destination {
  readonly namespace: string;
  readonly scope: Scope;
  readonly format: Format;
  /** How messages call it. */
  readonly label: string;
  /** What the settings file decided, for the note. */
  readonly says: string;
}

/** What one destination asks for, by command line and settings. @throws ERR_USAGE */
export async function orderOf(
  { flags, changed }: Given,
  { name, namespace: own, metadata }: NewSecret,
  { file, sealer, isMade }: Destination,
  warn: Warn,
): Promise<Order> {
  const rule = await sealer.ruleFor(file);
  refuseMissingLabels(rule, metadata.labels ?? {}, file);
  const isScopeOfRule = rule?.scope !== undefined && !changed.has('scope');
  const scope = isScopeOfRule ? rule.scope : flags.scope;
  const asksScope = scope === 'strict' ? scopeOf(metadata.annotations) : scope;
  const namespace =
    own || (asksScope === 'cluster-wide' ? '' : await defaultNamespace(sealer, { file, name }, warn));
  if (rule?.namespace !== undefined && own !== '' && own !== rule.namespace)
    warn(`warning: ${file} is for namespace ${rule.namespace} by ${rule.where}, and ${own} counts`);
  return {
    file,
    isMade,
    sealer,
    namespace,
    scope,
    format: outputFormat(file, changed.has('format') ? flags.format : (rule?.format ?? flags.format)),
    label: namespace ? `${namespace}/${name}` : name,
    says: isScopeOfRule && scope !== 'strict' ? `; ${rule.where} makes its scope ${scope}` : '',
  };
}

function refuseMissingLabels(
  rule: PlacedRule | undefined,
  labels: Readonly<Record<string, string>>,
  file: string,
): void {
  const missing = rule?.requiredLabels?.filter((key) => !Object.hasOwn(labels, key)) ?? [];
  if (!rule || missing.length === 0) return;
  throw usageError(
    `${file} lacks the label ${missing.join(', ')}, which ${rule.where} requires`,
    `give --label ${missing[0]}=VALUE`,
  );
}

async function defaultNamespace(
  sealer: Sealer,
  { file, name }: { readonly file: string; readonly name: string },
  warn: Warn,
): Promise<string> {
  const namespace = await sealer.namespaceFor(file);
  const isOfRule = namespace !== '' && (await sealer.ruleFor(file))?.namespace === namespace;
  if (!isOfRule) adviseOnNamespace(namespace, name, warn);
  if (namespace) return namespace;
  throw usageError(`the namespace of ${name} is missing`, `write NAMESPACE/${name}, or give -n`);
}
