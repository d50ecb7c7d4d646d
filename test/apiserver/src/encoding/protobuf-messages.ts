/** How a field is read: a scalar, a message, a map of strings or bytes, or a list of any of those. */
export type FieldType =
  | 'string'
  | 'bytes'
  | 'bool'
  | 'int'
  | 'time'
  | `map:${'string' | 'bytes'}`
  | `message:${string}`;

/** One field of a message: JSON name, type, whether it repeats. */
export type FieldRow = readonly [name: string, type: FieldType, repeated?: 'repeated'];

/** Fields of a message by number. */
export type Message = Readonly<Record<number, FieldRow>>;

const metadata: FieldRow = ['metadata', 'message:ObjectMeta'];
const role: Message = { 1: metadata, 2: ['rules', 'message:PolicyRule', 'repeated'] };
const roleBinding: Message = {
  1: metadata,
  2: ['subjects', 'message:Subject', 'repeated'],
  3: ['roleRef', 'message:RoleRef'],
};

/**
 * Messages of the kinds kubectl's imperative commands create, from the generated.proto files of k8s.io/api.
 */
export const messages: Readonly<Record<string, Message>> = {
  ObjectMeta: {
    1: ['name', 'string'],
    2: ['generateName', 'string'],
    3: ['namespace', 'string'],
    5: ['uid', 'string'],
    6: ['resourceVersion', 'string'],
    8: ['creationTimestamp', 'time'],
    11: ['labels', 'map:string'],
    12: ['annotations', 'map:string'],
    13: ['ownerReferences', 'message:OwnerReference', 'repeated'],
    14: ['finalizers', 'string', 'repeated'],
  },
  OwnerReference: {
    1: ['kind', 'string'],
    3: ['name', 'string'],
    4: ['uid', 'string'],
    5: ['apiVersion', 'string'],
    6: ['controller', 'bool'],
    7: ['blockOwnerDeletion', 'bool'],
  },
  Namespace: { 1: metadata },
  Secret: {
    1: metadata,
    2: ['data', 'map:bytes'],
    3: ['type', 'string'],
    4: ['stringData', 'map:string'],
    5: ['immutable', 'bool'],
  },
  ConfigMap: {
    1: metadata,
    2: ['data', 'map:string'],
    3: ['binaryData', 'map:bytes'],
    4: ['immutable', 'bool'],
  },
  ServiceAccount: { 1: metadata },
  Role: role,
  ClusterRole: role,
  PolicyRule: {
    1: ['verbs', 'string', 'repeated'],
    2: ['apiGroups', 'string', 'repeated'],
    3: ['resources', 'string', 'repeated'],
    4: ['resourceNames', 'string', 'repeated'],
    5: ['nonResourceURLs', 'string', 'repeated'],
  },
  RoleBinding: roleBinding,
  ClusterRoleBinding: roleBinding,
  Subject: {
    1: ['kind', 'string'],
    2: ['apiGroup', 'string'],
    3: ['name', 'string'],
    4: ['namespace', 'string'],
  },
  RoleRef: { 1: ['apiGroup', 'string'], 2: ['kind', 'string'], 3: ['name', 'string'] },
  Service: { 1: metadata, 2: ['spec', 'message:ServiceSpec'] },
  ServiceSpec: {
    1: ['ports', 'message:ServicePort', 'repeated'],
    2: ['selector', 'map:string'],
    3: ['clusterIP', 'string'],
    4: ['type', 'string'],
  },
  ServicePort: { 1: ['name', 'string'], 2: ['protocol', 'string'], 3: ['port', 'int'] },
  SelfSubjectAccessReview: { 1: metadata, 2: ['spec', 'message:SelfSubjectAccessReviewSpec'] },
  SelfSubjectAccessReviewSpec: {
    1: ['resourceAttributes', 'message:ResourceAttributes'],
    2: ['nonResourceAttributes', 'message:NonResourceAttributes'],
  },
  ResourceAttributes: {
    1: ['namespace', 'string'],
    2: ['verb', 'string'],
    3: ['group', 'string'],
    4: ['version', 'string'],
    5: ['resource', 'string'],
    6: ['subresource', 'string'],
    7: ['name', 'string'],
  },
  NonResourceAttributes: { 1: ['path', 'string'], 2: ['verb', 'string'] },
  TokenRequest: { 1: metadata, 2: ['spec', 'message:TokenRequestSpec'] },
  TokenRequestSpec: { 1: ['audiences', 'string', 'repeated'], 4: ['expirationSeconds', 'int'] },
};
