import { type IncomingMessage, type ServerResponse, request as sendRequest } from 'node:http';
import type { RequestInfo } from '../encoding/request.ts';
import { fieldsOf, listOf } from '../objects/json.ts';
import type { Fields, KubeObject } from '../objects/object.ts';
import { type ApiError, errors } from '../objects/status-errors.ts';
import type { Store } from '../storage/storage.ts';

const SERVICES = { group: '', kind: 'Service', plural: 'services' };

interface Backend {
  readonly host: string;
  readonly port: number;
}

/** Splits `[scheme:]name[:port]`. @throws 400 */
function splitServiceName(id: string): { name: string; port: string } {
  const parts = id.split(':');
  const [first = '', second = '', third = ''] = parts;
  const isScheme = parts.length === 3 && ['', 'http', 'https'].includes(first);
  if (parts.length > 3 || (parts.length === 3 && !isScheme))
    throw errors.badRequest(`invalid service request ${JSON.stringify(id)}`);
  return isScheme ? { name: second, port: third } : { name: first, port: second };
}

function findService(store: Store, namespace: string, name: string): KubeObject {
  const service = store.collection('/services').get(`${namespace}/${name}`);
  if (!service) throw errors.notFound(SERVICES, name);
  return service.object;
}

/** A port given by number stands for the name of that port of the Service. */
function portNameOf(service: KubeObject, port: string): string {
  const ports = listOf(fieldsOf(service['spec'])['ports']).map(fieldsOf);
  const found = ports.find((candidate) => candidate['port'] === Number(port));
  if (!found)
    throw errors.unavailable(
      `no service port ${port} found for service ${JSON.stringify(service.metadata.name)}`,
    );
  return String(found['name'] ?? '');
}

function backendsOfSlices(store: Store, namespace: string, name: string): Fields[] {
  return store
    .collection('discovery.k8s.io/endpointslices')
    .list()
    .map(({ object }) => object)
    .filter(
      ({ metadata }) =>
        metadata.namespace === namespace && metadata.labels?.['kubernetes.io/service-name'] === name,
    )
    .map((slice) => ({
      addresses: listOf(slice['endpoints'])
        .map(fieldsOf)
        .filter(({ conditions }) => fieldsOf(conditions)['ready'] !== false)
        .flatMap(({ addresses }) => listOf(addresses)),
      ports: slice['ports'],
    }));
}

function backendsOfEndpoints(store: Store, namespace: string, name: string): Fields[] {
  const endpoints = store.collection('/endpoints').get(`${namespace}/${name}`);
  return listOf(endpoints?.object['subsets'])
    .map(fieldsOf)
    .map(({ addresses, ports }) => ({
      addresses: listOf(addresses).map((address) => fieldsOf(address)['ip']),
      ports,
    }));
}

/** Finds an address for a service proxy request. @throws 400, 404, 503 */
function findBackend(store: Store, namespace: string, id: string): Backend {
  const { name, port } = splitServiceName(id);
  const portName = /^\d+$/.test(port) ? portNameOf(findService(store, namespace, name), port) : port;
  const subsets = [
    ...backendsOfSlices(store, namespace, name),
    ...backendsOfEndpoints(store, namespace, name),
  ];
  for (const subset of subsets) {
    const [host] = listOf(subset['addresses']);
    const found = listOf(subset['ports'])
      .map(fieldsOf)
      .find((candidate) => String(candidate['name'] ?? '') === portName);
    if (typeof host === 'string' && typeof found?.['port'] === 'number') return { host, port: found['port'] };
  }
  throw errors.unavailable(`no endpoints available for service ${JSON.stringify(name)}`);
}

const HOP_HEADERS = new Set([
  'authorization',
  'connection',
  'keep-alive',
  'host',
  'upgrade',
  'te',
  'transfer-encoding',
]);

function forwardedHeaders(message: IncomingMessage, path: string): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined && !HOP_HEADERS.has(name)) headers[name] = value;
  }
  const peer = message.socket.remoteAddress ?? '';
  const before = headers['x-forwarded-for'];
  headers['x-forwarded-for'] = before ? `${String(before)}, ${peer}` : peer;
  headers['x-forwarded-uri'] = path;
  return headers;
}

function proxyError(error: NodeJS.ErrnoException, { host, port }: Backend): ApiError {
  const why =
    error.code === 'ECONNREFUSED' ? `dial tcp ${host}:${port}: connect: connection refused` : error.message;
  return errors.unavailable(`error trying to reach service: ${why}`);
}

/**
 * Forwards a request to an endpoint of a Service and streams the answer.
 * @throws 503 when it is unreachable
 */
export function proxyToService(
  store: Store,
  info: RequestInfo,
  { message, response }: { message: IncomingMessage; response: ServerResponse },
): Promise<void> {
  const backend = findBackend(store, info.namespace, info.name);
  const marker = `/services/${message.url?.split('/services/')[1]?.split('/')[0] ?? ''}/proxy`;
  const rest = (message.url ?? '').split(marker).slice(1).join(marker);
  if (info.rest.length === 0 && !info.path.endsWith('/')) {
    response.writeHead(301, { Location: `${info.path}/` }).end();
    return Promise.resolve();
  }
  const path = rest.startsWith('/') ? rest : `/${rest}`;
  return new Promise((resolve, reject) => {
    const outgoing = sendRequest(
      {
        ...backend,
        method: info.method,
        path,
        headers: { ...forwardedHeaders(message, info.path), host: `${backend.host}:${backend.port}` },
      },
      (incoming) => {
        response.writeHead(incoming.statusCode ?? 502, incoming.headers);
        incoming.pipe(response);
        incoming.on('end', resolve);
        incoming.on('error', reject);
      },
    );
    outgoing.on('error', (error) => reject(proxyError(error, backend)));
    response.once('close', () => outgoing.destroy());
    message.pipe(outgoing);
  });
}
