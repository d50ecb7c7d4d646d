import type { RequestInfo } from '../encoding/request.ts';
import { fieldsOf, listOf } from '../objects/json.ts';
import type { Fields, KubeObject } from '../objects/object.ts';
import { type ApiError, errors } from '../objects/status-errors.ts';
import type { Collection, Store } from '../storage/storage.ts';
import type { UserInfo } from './auth.ts';

/** What a user wants to do; the fields of a SubjectAccessReview. */
export type Attributes = Pick<
  RequestInfo,
  'verb' | 'isResource' | 'group' | 'resource' | 'subresource' | 'namespace' | 'name' | 'path'
>;

const GROUP = 'rbac.authorization.k8s.io';

/** Decides by Roles, ClusterRoles and their bindings. Nothing is allowed unless a rule says so. */
export class RbacAuthorizer {
  #roles: Collection;
  #clusterRoles: Collection;
  #roleBindings: Collection;
  #clusterRoleBindings: Collection;
  #rulesByUser = new Map<string, Fields[]>();

  constructor(store: Store) {
    this.#roles = store.collection(`${GROUP}/roles`);
    this.#clusterRoles = store.collection(`${GROUP}/clusterroles`);
    this.#roleBindings = store.collection(`${GROUP}/rolebindings`);
    this.#clusterRoleBindings = store.collection(`${GROUP}/clusterrolebindings`);
    const forget = () => this.#rulesByUser.clear();
    for (const each of [this.#roles, this.#clusterRoles, this.#roleBindings, this.#clusterRoleBindings]) {
      each.subscribe(forget);
    }
  }

  isAllowed(user: UserInfo, wanted: Attributes): boolean {
    if (user.groups.includes('system:masters')) return true;
    return this.#rulesOf(user, wanted.isResource ? wanted.namespace : '').some((rule) =>
      matchesRule(rule, wanted),
    );
  }

  #rulesOf(user: UserInfo, namespace: string): Fields[] {
    const key = `${namespace}\n${user.name}\n${user.groups.join('\n')}`;
    let rules = this.#rulesByUser.get(key);
    if (!rules) {
      const bindings = this.#clusterRoleBindings.list();
      if (namespace)
        bindings.push(
          ...this.#roleBindings.list().filter(({ object }) => object.metadata.namespace === namespace),
        );
      rules = bindings
        .filter(({ object }) => isSubject(object, user))
        .flatMap(({ object }) => this.#rulesOfBinding(object));
      this.#rulesByUser.set(key, rules);
    }
    return rules;
  }

  #rulesOfBinding(binding: KubeObject): Fields[] {
    const { kind, name } = fieldsOf(binding['roleRef']);
    const role =
      kind === 'ClusterRole'
        ? this.#clusterRoles.get(`/${name}`)
        : this.#roles.get(`${binding.metadata.namespace ?? ''}/${name}`);
    return listOf(role?.object['rules']).map(fieldsOf);
  }
}

function isSubject(binding: KubeObject, user: UserInfo): boolean {
  return listOf(binding['subjects'])
    .map(fieldsOf)
    .some(({ kind, name, namespace }) => {
      if (kind === 'Group') return user.groups.includes(String(name));
      if (kind === 'User') return user.name === name;
      return user.name === `system:serviceaccount:${namespace ?? binding.metadata.namespace}:${name}`;
    });
}

const includes = (list: unknown, ...values: string[]): boolean =>
  listOf(list).some((item) => item === '*' || values.includes(String(item)));

function matchesRule(rule: Fields, wanted: Attributes): boolean {
  if (!includes(rule['verbs'], wanted.verb)) return false;
  if (!wanted.isResource)
    return listOf(rule['nonResourceURLs']).some((pattern) => matchesPath(String(pattern), wanted.path));
  if (!includes(rule['apiGroups'], wanted.group)) return false;
  const { resource, subresource } = wanted;
  const isMatch = subresource
    ? includes(rule['resources'], `${resource}/${subresource}`, `*/${subresource}`)
    : includes(rule['resources'], resource);
  if (!isMatch) return false;
  const names = listOf(rule['resourceNames']);
  return names.length === 0 || names.includes(wanted.name);
}

function matchesPath(pattern: string, path: string): boolean {
  if (pattern === '*' || pattern === path) return true;
  return pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1));
}

/** The 403 the API server answers. */
export function forbiddenError(user: UserInfo, wanted: Attributes): ApiError {
  const who = `User ${JSON.stringify(user.name)} cannot ${wanted.verb}`;
  if (!wanted.isResource) return errors.forbiddenPath(`${who} path ${JSON.stringify(wanted.path)}`);
  const { group, resource, subresource, namespace, name } = wanted;
  const what = `resource ${JSON.stringify(subresource ? `${resource}/${subresource}` : resource)} in API group ${JSON.stringify(group)}`;
  const where = namespace ? `in the namespace ${JSON.stringify(namespace)}` : 'at the cluster scope';
  return errors.forbidden({ group, kind: '', plural: resource }, name, `${who} ${what} ${where}`);
}
