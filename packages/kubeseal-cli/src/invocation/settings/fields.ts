import { isMetadataKey, isNamespaceName } from '@fuin/crypto-core';

interface Described {
  /** One sentence, for the JSON schema. */
  readonly what: string;
}

/** A string; the reader gives its line too. */
interface TextField extends Described {
  readonly type: 'text';
  readonly choices?: readonly string[];
  /** What must match, as the JSON schema has it too. */
  readonly pattern?: string;
  /** How messages describe a string that matches. */
  readonly form?: string;
  /** Returns what is wrong with a string, or undefined. The JSON schema does not say it. */
  readonly check?: (text: string) => string | undefined;
}

interface ListField extends Described {
  readonly type: 'list';
  /** What an entry is, such as `rule`. */
  readonly entry: string;
  readonly of: TextField | ObjectField;
}

/** Objects of one shape by names that the user chooses. */
interface MapField extends Described {
  readonly type: 'map';
  /** What an entry is, such as `cluster`. */
  readonly entry: string;
  readonly names: string;
  readonly of: ObjectField;
}

interface ObjectField extends Described {
  readonly type: 'object';
  readonly fields: Readonly<Record<string, Field>>;
  readonly required: readonly string[];
  /** Fields of which at least one must be there. */
  readonly oneOf?: readonly string[];
}

/** How one field of the settings file is read and described. */
export type Field = TextField | ListField | MapField | ObjectField;

/** What reading a field gives. */
export type ValueOf<F> = F extends { type: 'text'; choices: readonly (infer Choice)[] }
  ? Choice
  : F extends { type: 'text' }
    ? string
    : F extends { type: 'list'; of: infer Each }
      ? readonly ValueOf<Each>[]
      : F extends { type: 'map'; of: infer Each }
        ? ReadonlyMap<string, ValueOf<Each>>
        : F extends { type: 'object'; fields: infer Fields; required: readonly (infer Needed)[] }
          ? { readonly line: number } & {
              readonly [Name in keyof Fields as Name extends Needed ? Name : never]: ValueOf<Fields[Name]>;
            } & {
              readonly [Name in keyof Fields as Name extends Needed ? never : Name]?: ValueOf<Fields[Name]>;
            }
          : never;

const NAME = '^[A-Za-z0-9][-_.A-Za-z0-9]{0,99}$';
const namespace = (what: string) =>
  ({
    type: 'text',
    what,
    check: (text: string) => (isNamespaceName(text) ? undefined : 'is not the name of a namespace'),
  }) as const satisfies Field;

/** What is wrong with a pattern. The more stars, the longer a hostile name of a file keeps a matcher busy. */
function faultOfPattern(pattern: string): string | undefined {
  if (/^[!#]|^\s*$|[\r\n]/.test(pattern))
    return 'begins with ! or #, or is not one line; a rule before this one takes files out of it';
  const parts = pattern.split('/');
  const isCostly = parts.some((part) => part !== '**' && part.split('*').length > 3);
  if (isCostly || parts.filter((part) => part === '**').length > 2)
    return 'has more than two * between slashes, or more than two **';
  return undefined;
}

const CLUSTER = {
  type: 'object',
  what: 'How a cluster is reached, and with which certificate values are sealed for it.',
  required: [],
  oneOf: ['context', 'certificate', 'recipients'],
  fields: {
    context: { type: 'text', what: 'Context of the kubeconfig, for asking the controller of the cluster.' },
    certificate: {
      type: 'text',
      what: 'Certificate to seal with: a file below the directory of the settings file, relative to it, or an https URL. Without it the controller is asked.',
    },
    fingerprint: {
      type: 'text',
      what: 'Fingerprint of the only key that values are sealed with. kubeseal cert update changes it.',
      pattern: '^SHA256:[A-Za-z0-9+/]{43}=?$',
      form: 'a fingerprint such as SHA256: and 43 characters',
    },
    recipients: {
      type: 'list',
      entry: 'recipient',
      what: 'Keys of format v2 to seal for, up to 16, each of which opens the values: recipients (fuin1...), or files of them below the directory of the settings file. Values of the cluster are then sealed in format v2 only.',
      of: { type: 'text', what: 'A recipient, or a file with one in each line.' },
    },
    controllerName: { type: 'text', what: 'Name of the Service of the controller.' },
    controllerNamespace: namespace('Namespace of the controller.'),
  },
} as const satisfies Field;

const RULE = {
  type: 'object',
  what: 'What holds for some files. The first rule that matches a file counts.',
  required: ['paths', 'cluster'],
  fields: {
    paths: {
      type: 'list',
      entry: 'pattern',
      what: 'Patterns of .gitignore without !, relative to the settings file.',
      of: {
        type: 'text',
        what: 'A pattern such as clusters/prod/**.',
        check: faultOfPattern,
      },
    },
    cluster: { type: 'text', what: 'Name of a cluster of this file.' },
    namespace: namespace('Namespace for objects that name none.'),
    scope: {
      type: 'text',
      what: 'Scope of new SealedSecrets.',
      choices: ['strict', 'namespace-wide', 'cluster-wide'],
    },
    format: { type: 'text', what: 'Format of new files without an ending.', choices: ['json', 'yaml'] },
    formatVersion: {
      type: 'text',
      what: 'Format of sealed values: v1, which upstream reads too, or v2, which withstands quantum computers.',
      choices: ['v1', 'v2'],
    },
    requiredLabels: {
      type: 'list',
      entry: 'label',
      what: 'Labels that a new SealedSecret must have.',
      of: {
        type: 'text',
        what: 'The key of a label.',
        check: (text: string) => (isMetadataKey(text) ? undefined : 'is not the key of a label'),
      },
    },
  },
} as const satisfies Field;

/** The settings file, field by field: reader, messages, JSON schema and documentation come from here. */
export const SETTINGS = {
  type: 'object',
  what: 'Settings of kubeseal for the files of a repository.',
  required: ['clusters'],
  fields: {
    clusters: {
      type: 'map',
      what: 'The clusters by name. Each needs context, certificate or recipients.',
      entry: 'cluster',
      names: NAME,
      of: CLUSTER,
    },
    rules: { type: 'list', entry: 'rule', what: 'Which files are sealed for which cluster.', of: RULE },
    output: {
      type: 'text',
      what: 'Where kubeseal create --all writes without -w, relative to the settings file. {cluster}, {namespace} and {name} are replaced.',
    },
  },
} as const satisfies Field;

/** One cluster of the settings file. */
export type ClusterEntry = ValueOf<typeof CLUSTER>;
/** One rule of the settings file. */
export type Rule = ValueOf<typeof RULE>;
/** What the settings file says. */
export type SettingsValues = ValueOf<typeof SETTINGS>;
