import type { Scope } from '@fuin/crypto-core';
import type { FlagValues, ParsedFlags } from '@fuin/flags/parsing';
import type { FLAGS, Flags, TRUST_FLAGS } from './flags/flags.ts';

/** What the flags ask for, normalised once. A command passes on the part that a function needs. */
export interface Options {
  /** What to read, in order: files, or `-` for stdin. Empty means stdin. */
  readonly inputs: readonly string[];
  readonly output: OutputOptions;
  readonly certificate: CertificateOptions;
  readonly controller: ControllerOptions;
  readonly target: TargetOptions;
  readonly typedPlace: TypedPlace;
  /** Files of private keys. */
  readonly recoveryKeys: readonly string[];
  /** The file that --merge-into changes. */
  readonly mergeInto: string;
  /** File of the key that signs what is sealed; empty signs nothing. */
  readonly signingKey: string;
  /** Files that hold the value of --raw. */
  readonly fromFiles: readonly string[];
}

/** Where the result goes, and how it is written. */
export interface OutputOptions {
  /** Empty or `-` means stdout. */
  readonly file: string;
  /** As given. It is checked before something is written. */
  readonly format: string;
}

/** Where the certificate comes from, and which one is accepted. */
export interface CertificateOptions {
  /** File or URL of --cert; empty means the certificate of the controller. */
  readonly source: string;
  /** Whether the command line names the source, and not only a variable, which applies to every run. */
  readonly isTyped: boolean;
  /** Whether the command line or a variable names the source, and no settings file. */
  readonly isChosen: boolean;
  /** Fingerprint of the only key that is accepted; empty accepts every key. */
  readonly pin: string;
  readonly acceptsHttp: boolean;
  /** File with the authorities that a server of --cert URL must be signed by; empty means the system's. */
  readonly authority: string;
  /** Whether the certificate of that server goes unchecked. */
  readonly isInsecure: boolean;
  readonly isOffline: boolean;
  readonly cacheTtlMs: number;
}

/** Which Service is the controller's. */
export interface ControllerOptions {
  readonly namespace: string;
  readonly name: string;
  /** Whether the user chose the name: then no other Service is taken instead. */
  readonly isNamed: boolean;
  /** Value of --request-timeout. */
  readonly requestTimeout: string;
}

/** What Secrets are sealed for. */
export interface TargetOptions {
  readonly name: string;
  readonly namespace: string;
  readonly scope: Scope;
  /** Whether the user asks for the scope strict, which is the default too. */
  readonly isStrictAsked: boolean;
  readonly allowsEmpty: boolean;
}

/**
 * What the command line says about the place of sealed values. Variables do not count: they apply to every
 * run and are meant for sealing.
 */
export type TypedPlace = Readonly<Partial<Record<'scope' | 'namespace' | 'name', string>>>;

/** The flags that name certificate and controller. */
export type CertificateFlags = FlagValues<typeof TRUST_FLAGS>;

type Environment = Readonly<Record<string, string | undefined>>;
type Given = Pick<ParsedFlags<typeof FLAGS>, 'values' | 'changed'>;

/** The options that the flags of a run stand for. */
export function optionsOf(
  { values: flags, changed }: Given,
  env: Environment,
  inputs: readonly string[],
): Options {
  const isTyped = (flag: keyof Flags) => changed.has(flag) && flags[flag] !== env[variableOf(flag)];
  const typed = (['scope', 'namespace', 'name'] as const).filter(
    (flag) => flags[flag] !== '' && isTyped(flag),
  );
  return {
    inputs,
    output: { file: flags['sealed-secret-file'], format: flags.format },
    certificate: certificateOptions(flags, changed, env),
    controller: controllerOptions(flags, changed),
    target: {
      name: flags.name,
      namespace: flags.namespace,
      scope: flags.scope,
      isStrictAsked: flags.scope === 'strict' && changed.has('scope'),
      allowsEmpty: flags['allow-empty-data'],
    },
    typedPlace: Object.fromEntries(typed.map((flag) => [flag, flags[flag]])),
    recoveryKeys: flags['recovery-private-key'],
    mergeInto: flags['merge-into'],
    signingKey: flags.sign,
    fromFiles: flags['from-file'],
  };
}

/** Which certificate is asked for. */
export function certificateOptions(
  flags: CertificateFlags,
  changed: ReadonlySet<string>,
  env: Environment,
): CertificateOptions {
  const isChosen = changed.has('cert');
  return {
    source: flags.cert,
    isTyped: isChosen && flags.cert !== env[variableOf('cert')],
    isChosen,
    pin: flags['cert-fingerprint'],
    acceptsHttp: flags['allow-http-cert'],
    authority: flags['certificate-authority'],
    isInsecure: flags['insecure-skip-tls-verify'],
    isOffline: flags.offline,
    cacheTtlMs: flags['cert-cache-ttl'],
  };
}

/** Which controller is asked for. */
export function controllerOptions(
  flags: Pick<CertificateFlags, 'controller-namespace' | 'controller-name' | 'request-timeout'>,
  changed: ReadonlySet<string>,
): ControllerOptions {
  return {
    namespace: flags['controller-namespace'],
    name: flags['controller-name'],
    isNamed: changed.has('controller-name'),
    requestTimeout: flags['request-timeout'],
  };
}

/** The variable that sets a flag. */
export function variableOf(flag: string): string {
  return `SEALED_SECRETS_${flag.toUpperCase().replaceAll('-', '_')}`;
}
