import { readFile } from 'node:fs/promises';
import { recordOf } from '@fuin/kube/record';
import { refusal, unavailable } from '../faults.ts';
import { tokenIn } from '../server/access-token.ts';
import type { KeyAnswer, KeyServer } from '../server/key-server.ts';
import type { VaultLogin, VaultSettings } from './vault-settings.ts';

type KubernetesLogin = Extract<VaultLogin, { kind: 'kubernetes' }>;

/** A token is renewed by logging in again when this share of its life is left. */
const SPARE_SHARE = 1 / 3;
const LOGIN_HINTS = {
  400: 'there is no such role: vault read auth/kubernetes/role/NAME',
  403: "the role does not allow this service account or its token's audience, or Vault cannot review tokens",
  404: 'the method kubernetes is not enabled under this path: vault auth list',
};

/** Requests to Vault as somebody who has a token, whichever way it is got. */
export class VaultSession {
  readonly #server: KeyServer;
  readonly #settings: VaultSettings;
  readonly #nowMs: () => number;
  #issued: { readonly token: string; readonly untilMs: number } | undefined;

  constructor(server: KeyServer, settings: VaultSettings, nowMs: () => number) {
    this.#server = server;
    this.#settings = settings;
    this.#nowMs = nowMs;
  }

  /**
   * Sends one request. A token that came from a file or a login, and that Vault refuses, is got once more: it
   * may have been revoked or replaced.
   */
  async post(path: string, fields: object, signal: AbortSignal): Promise<KeyAnswer> {
    const token = await this.#token(signal);
    const send = (with_: string) =>
      this.#server.ask(path, { headers: this.#headers(with_), body: JSON.stringify(fields), signal });
    const answer = await send(token);
    if (answer.status !== 403) return answer;
    this.#issued = undefined;
    const again = await this.#token(signal);
    return again === token ? answer : send(again);
  }

  async #token(signal: AbortSignal): Promise<string> {
    const { login } = this.#settings;
    if (login.kind === 'token') return tokenIn(login.token, this.#server.origin);
    if (login.kind === 'file') return tokenIn(await this.#read(login.file), this.#server.origin);
    if (this.#issued && this.#nowMs() < this.#issued.untilMs) return this.#issued.token;
    const { client_token: token, lease_duration: seconds } = await this.#login(login, signal);
    const lifeMs = typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : 0;
    const issued = tokenIn(String(token ?? ''), this.#server.origin);
    this.#issued = { token: issued, untilMs: this.#nowMs() + lifeMs * (1 - SPARE_SHARE) };
    return issued;
  }

  /** The token of the service account is read each time: the kubelet replaces it every hour. */
  async #login({ mount, role, jwtFile }: KubernetesLogin, signal: AbortSignal) {
    const { origin } = this.#server;
    const body = JSON.stringify({ role, jwt: (await this.#read(jwtFile)).trim() });
    const answer = await this.#server.ask(`/v1/auth/${mount}/login`, {
      headers: this.#headers(),
      body,
      signal,
    });
    if (answer.status === 200) return recordOf(answer.fields['auth']);
    throw refusal(`${origin} (login)`, answer, LOGIN_HINTS);
  }

  async #read(file: string): Promise<string> {
    try {
      return await readFile(file, 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw unavailable(this.#server.origin, `its token file cannot be read: ${code}`);
    }
  }

  #headers(token?: string): Record<string, string> {
    const { namespace } = this.#settings;
    return {
      'x-vault-request': 'true',
      ...(token === undefined ? {} : { 'x-vault-token': token }),
      ...(namespace === '' ? {} : { 'x-vault-namespace': namespace }),
    };
  }
}
