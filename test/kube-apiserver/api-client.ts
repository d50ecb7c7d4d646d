import { Agent, request } from 'node:https';
import type { ApiConnection } from './kubeconfig.ts';

/** A Kubernetes object as JSON; callers look into it with their own types. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** One answer, whatever its status. */
export interface ApiResponse {
  readonly status: number;
  readonly text: string;
}

/** Thrown for each answer other than 2xx. */
export class ApiError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const APPLY = 'application/apply-patch+yaml';

/** A client for setting tests up, independent of the code under test. Paths start with /api or /apis. */
export class ApiClient {
  readonly #connection: ApiConnection;
  readonly #agent: Agent;

  constructor(connection: ApiConnection) {
    this.#connection = connection;
    this.#agent = new Agent({
      keepAlive: true,
      ca: connection.ca,
      cert: connection.clientCertificate,
      key: connection.clientKey,
    });
  }

  get<Answer = KubeObject>(path: string): Promise<Answer> {
    return this.#json('GET', path);
  }

  create<Answer = KubeObject>(path: string, object: KubeObject): Promise<Answer> {
    return this.#json('POST', path, { body: object, contentType: 'application/json' });
  }

  /** Server-side apply: creates the object at this path or brings it in line. */
  apply<Answer = KubeObject>(path: string, object: KubeObject): Promise<Answer> {
    return this.#json('PATCH', `${path}?fieldManager=fuin-test&force=true`, {
      body: object,
      contentType: APPLY,
    });
  }

  delete(path: string): Promise<KubeObject> {
    return this.#json('DELETE', path);
  }

  /** Sends one request and returns whatever the server answers, errors included. */
  send(method: string, path: string, sent?: { body: unknown; contentType: string }): Promise<ApiResponse> {
    const { server, token } = this.#connection;
    const headers = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(sent === undefined ? {} : { 'content-type': sent.contentType }),
    };
    return new Promise((resolve, reject) => {
      const outgoing = request(`${server}${path}`, { method, headers, agent: this.#agent }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.once('error', reject);
        incoming.once('end', () =>
          resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
        );
      });
      outgoing.once('error', (error) => {
        // The server closed an idle connection just as we took it (or was restarted): another one may do.
        if (outgoing.reusedSocket) resolve(this.send(method, path, sent));
        else reject(error);
      });
      outgoing.end(sent && JSON.stringify(sent.body));
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  async #json<Answer>(
    method: string,
    path: string,
    sent?: { body: unknown; contentType: string },
  ): Promise<Answer> {
    const { status, text } = await this.send(method, path, sent);
    if (status < 200 || status > 299) throw new ApiError(status, `${method} ${path}: ${status} ${text}`);
    return JSON.parse(text);
  }
}
