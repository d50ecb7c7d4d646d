import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { errors } from '../objects/status-errors.ts';

/** An authenticated user. */
export interface UserInfo {
  readonly name: string;
  readonly groups: readonly string[];
}

const ANONYMOUS: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/** Bearer tokens and whom they stand for. */
export class TokenTable {
  #users = new Map<string, UserInfo>();

  /** Makes a token for a user. */
  issue(user: UserInfo): string {
    const token = randomBytes(24).toString('base64url');
    this.#users.set(token, user);
    return token;
  }

  /** Takes back every token of a user. */
  revoke(name: string): void {
    for (const [token, user] of this.#users) if (user.name === name) this.#users.delete(token);
  }

  /** @throws 401 when a token is given that is not one of ours */
  authenticate(request: IncomingMessage): UserInfo {
    const [scheme = '', token = ''] = (request.headers.authorization ?? '').split(' ');
    if (scheme.toLowerCase() !== 'bearer' || token === '') return ANONYMOUS;
    const user = this.#users.get(token);
    if (!user) throw errors.unauthorized();
    return user;
  }
}

/** A cluster administrator. */
export const adminUser: UserInfo = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };

/** The user that a service account authenticates as. */
export function serviceAccountUser(namespace: string, name: string): UserInfo {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  };
}
