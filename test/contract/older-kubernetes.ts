import { chosenKubernetes, NEWEST_KUBERNETES } from '../kube-apiserver/kubernetes.ts';

/** A refusal, as far as versions differ. */
interface Refused {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
}

/** What API servers answer where that differs between versions of Kubernetes. */
interface Answers {
  /** Whether a watch can begin with the state (`sendInitialEvents`). */
  readonly streamsState: boolean;
  /** The service proxy, for a Service that nobody made endpoints for. */
  readonly withoutEndpoints: (service: string) => Refused;
  /** How it names the Service `live` whose endpoints lack a port `nope`. */
  readonly withoutPort: string;
  readonly withoutOwnerUid: string;
  readonly withoutResourceVersion: string;
  /** The path of a field of a status. */
  readonly conditionStatus: string;
  readonly tooLong: string;
}

/** The embedded API server answers like this, too. */
const NEWEST: Answers = {
  streamsState: true,
  withoutEndpoints: (service) => ({
    code: 503,
    reason: 'ServiceUnavailable',
    message: `no endpoints available for service "${service}"`,
  }),
  withoutPort: 'live',
  withoutOwnerUid: 'metadata.ownerReferences[0].uid: Required value: must not be empty',
  withoutResourceVersion: 'metadata.resourceVersion: Invalid value: 0: must be specified for an update',
  conditionStatus: 'status.conditions[0].status',
  tooLong: 'may not be more than 1048576 bytes',
};

/** By minor version: what was different then. */
const OLDER: Readonly<Record<string, Partial<Answers>>> = {
  '1.30': {
    streamsState: false,
    withoutEndpoints: (service) => ({
      code: 404,
      reason: 'NotFound',
      message: `services "${service}" not found`,
    }),
    withoutPort: 'http:live:nope',
    withoutOwnerUid: 'metadata.ownerReferences.uid: Invalid value: "": uid must not be empty',
    withoutResourceVersion: 'metadata.resourceVersion: Invalid value: 0x0: must be specified for an update',
    conditionStatus: 'conditions[0].status',
    tooLong: 'must have at most 1048576 bytes',
  },
};

const { minor } = process.env['FUIN_CLUSTER'] === 'kube-apiserver' ? chosenKubernetes() : NEWEST_KUBERNETES;

/** What the API server of this run answers. */
export const answers: Answers = { ...NEWEST, ...OLDER[minor] };
