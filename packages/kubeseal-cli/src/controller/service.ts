import { SealedSecretsError } from '@fuin/crypto-core';
import type { ClusterAccess } from '@fuin/kube/access';
import type { Warn } from '../invocation/warnings.ts';
import { type Fields, fieldsOf } from '../io/fields.ts';
import type { HttpAnswer, HttpRequest, TimedAnswer } from '../io/http.ts';
import { type Cluster, type ConnectOptions, connectCluster } from './cluster.ts';

/** A path of the controller. Those below `/v1/bulk` and `/v2` are unknown to upstream's. */
export type ControllerPath =
  | '/v1/cert.pem'
  | '/v2/recipients'
  | `/v1/${'verify' | 'rotate'}`
  | `/v1/bulk/${'verify' | 'rotate'}`;

/** The controller behind the API server's service proxy. */
export interface ControllerService {
  /** @throws ERR_API_UNAVAILABLE */
  send(path: ControllerPath, request?: HttpRequest): Promise<TimedAnswer>;
  close(): Promise<void>;
}

/** Which Service is the controller's. */
export interface ControllerAddress {
  readonly namespace: string;
  readonly name: string;
  /** Whether the user chose the name: then no other Service is taken instead. */
  readonly isNamed: boolean;
}

interface ServiceObject {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly ports?: readonly { readonly name?: string }[] };
}

const ADVICE =
  'Please, use the flag --controller-name and --controller-namespace to set up the name and namespace of the sealed secrets controller';
const UNAUTHORIZED_HINT =
  'the API server does not accept these credentials: log in again, or choose others with --context, --user or --token';
/** Labels of the controller's Service in Helm's chart and in the raw manifests. */
const SELECTORS = ['app.kubernetes.io/name=sealed-secrets', 'name=sealed-secrets-controller'];

/**
 * Finds the controller's Service and prepares requests to it. When the default name does not exist and
 * exactly one Service in the controller's namespace carries the labels of a controller, that one is used,
 * with a note.
 *
 * @throws ERR_USAGE, ERR_API_UNAVAILABLE, ERR_API_REJECTED
 */
export async function openController(
  address: ControllerAddress,
  access: ClusterAccess,
  options: ConnectOptions,
  warn: Warn,
): Promise<ControllerService> {
  const cluster = await connectCluster(access, options);
  try {
    const { metadata, spec } = await findService(address, cluster, warn);
    const port = spec.ports?.[0];
    if (!port) throw serviceError(`service "${metadata.name}" has no ports`, 'ERR_API_REJECTED');
    const base = `${servicesPath(metadata.namespace)}/http:${metadata.name}:${port.name ?? ''}/proxy`;
    return {
      send: (path, request) => askTwice(() => cluster.send(`${base}${path}`, request)),
      close: () => cluster.close(),
    };
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

/**
 * Asks a second time if the API server's proxy could not connect to the replica that it chose: a replica that
 * crashed stays among the endpoints for a while, and the proxy chooses again. The first request has not
 * reached the controller, so nothing is done twice.
 */
async function askTwice(ask: () => Promise<TimedAnswer>): Promise<TimedAnswer> {
  const answer = await ask();
  const isRefused =
    answer.status >= 500 && /connect: (connection refused|no route to host)/.test(describeAnswer(answer));
  return isRefused ? ask() : answer;
}

/** What an error answer says: the message of its Status, else the status line. */
export function describeAnswer(answer: HttpAnswer): string {
  const { message } = statusIn(answer);
  if (typeof message === 'string' && message !== '') return message;
  return `the server answered ${answer.status} ${answer.statusText}`.trimEnd();
}

/** Whether an error answer is the API server's own, and none of the controller that its proxy passes on. */
export function isOfApiServer(answer: HttpAnswer): boolean {
  return statusIn(answer)['kind'] === 'Status';
}

/** The fields of a Status that are read; none of an answer that is no JSON. */
function statusIn({ body }: HttpAnswer): Fields {
  try {
    return fieldsOf(JSON.parse(Buffer.from(body).toString()));
  } catch {
    return {};
  }
}

async function findService(
  { namespace, name, isNamed }: ControllerAddress,
  cluster: Cluster,
  warn: Warn,
): Promise<ServiceObject> {
  const answer = await cluster
    .send(`${servicesPath(namespace)}/${encodeURIComponent(name)}`)
    .catch((error: unknown) => {
      throw error instanceof SealedSecretsError
        ? serviceError(error.message, error.code, error.cause, error.hint)
        : error;
    });
  if (answer.status === 200) return serviceIn(answer);
  if (answer.status !== 404) {
    const hint = answer.status === 401 ? UNAUTHORIZED_HINT : undefined;
    throw serviceError(describeAnswer(answer), codeOfAnswer(answer), undefined, hint);
  }
  const candidates = (await labelledServices(cluster, servicesPath(namespace))) ?? [];
  const [only] = candidates;
  if (only && candidates.length === 1 && !isNamed) {
    warn(
      `note: no Service ${namespace}/${name}; using ${namespace}/${only.metadata.name}, which has a controller's labels`,
    );
    return only;
  }
  // Services of other namespaces are only named: anyone who may label a Service could otherwise read what is
  // sealed
  const elsewhere = candidates.length > 0 ? candidates : await labelledServices(cluster, '/api/v1/services');
  throw serviceError(describeAnswer(answer), 'ERR_USAGE', undefined, elsewhere && foundHint(elsewhere));
}

/** Reads a Service from an answer that may come from anything in the API server's place. */
function serviceIn(answer: HttpAnswer): ServiceObject {
  const { metadata, spec }: Partial<ServiceObject> = parseObject(answer);
  if (metadata && spec) return { metadata, spec };
  throw serviceError('the answer is not a Service', 'ERR_API_REJECTED');
}

/**
 * The Services with a controller's labels; undefined if the user may not list Services.
 */
async function labelledServices(cluster: Cluster, path: string): Promise<ServiceObject[] | undefined> {
  let mayList = false;
  const found = new Map<string, ServiceObject>();
  for (const selector of SELECTORS) {
    const answer = await cluster.send(`${path}?labelSelector=${encodeURIComponent(selector)}`);
    if (answer.status !== 200) continue; // not every user may list Services
    mayList = true;
    for (const service of parseObject<{ items?: ServiceObject[] }>(answer).items ?? []) {
      const isMetrics = service.spec.ports?.every((port) => port.name === 'metrics') === true;
      if (!isMetrics && !service.metadata.name.endsWith('-metrics')) {
        found.set(`${service.metadata.namespace}/${service.metadata.name}`, service);
      }
    }
  }
  return mayList ? [...found.values()] : undefined;
}

function foundHint(services: readonly ServiceObject[]): string {
  if (services.length === 0)
    return 'no Service of a sealed-secrets controller was found by its labels; is the controller installed?';
  const flags = services.map(
    ({ metadata }) => `--controller-namespace ${metadata.namespace} --controller-name ${metadata.name}`,
  );
  return `found by labels, try: ${flags.join('; or: ')}`;
}

function parseObject<T>(answer: HttpAnswer): T {
  try {
    return JSON.parse(Buffer.from(answer.body).toString()) as T;
  } catch {
    throw serviceError('the answer is not JSON; is this an API server?', 'ERR_API_UNAVAILABLE');
  }
}

/** The code of an error answer: unavailable if a later request may succeed. */
export function codeOfAnswer({ status }: HttpAnswer): 'ERR_API_REJECTED' | 'ERR_API_UNAVAILABLE' {
  return status >= 500 || status === 429 ? 'ERR_API_UNAVAILABLE' : 'ERR_API_REJECTED';
}

function serviceError(
  reason: string,
  code: SealedSecretsError['code'],
  cause?: unknown,
  hint?: string,
): SealedSecretsError {
  return new SealedSecretsError(code, `cannot get sealed secret service: ${reason}.\n${ADVICE}`, {
    ...(cause === undefined ? {} : { cause }),
    ...(hint === undefined ? {} : { hint }),
  });
}

function servicesPath(namespace: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/services`;
}
