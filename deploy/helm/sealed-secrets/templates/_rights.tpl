{{- /*
What unsealing needs in a namespace, as a list of rules. It follows the command line, so that a feature that is off has
no rights; a flag in another spelling than the one looked for leaves rights in place, it never takes one that is needed.
*/ -}}
{{- define "sealed-secrets.unsealerRules" -}}
{{- $args := include "sealed-secrets.args" . | fromYamlArray }}
{{- $isWatching := not (or (has "--skip-recreate" $args) (has "--skip-recreate=true" $args)) -}}
- apiGroups: [bitnami.com]
  resources: [sealedsecrets]
  verbs: [get, list, watch]
{{- if not (has "--update-status=false" $args) }}
- apiGroups: [bitnami.com]
  resources: [sealedsecrets/status]
  verbs: [update]
{{- end }}
{{- if $isWatching }}
# list and watch find Secrets that were deleted or changed by hand; --skip-recreate does without
{{- end }}
# delete is asked for when an owner reference changes, as where a Secret is taken over, if the server's admission plugin
# OwnerReferencesPermissionEnforcement is on (OpenShift); the controller deletes nothing without --old-gc-behavior
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, {{ if $isWatching }}list, watch, {{ end }}create, update, delete]
- apiGroups: [""]
  resources: [events]
  verbs: [create, patch]
{{- end }}

{{- /* `subjects:` of a binding to the controller. */ -}}
{{- define "sealed-secrets.subjects" -}}
- kind: ServiceAccount
  name: {{ include "sealed-secrets.serviceAccountName" . }}
  namespace: {{ include "sealed-secrets.namespace" . }}
{{- end }}

{{- /* The namespaces that have a Role of their own when rbac.namespacedRoles is on: the controller's, and the additional ones. */ -}}
{{- define "sealed-secrets.servedNamespaces" -}}
{{- $own := include "sealed-secrets.namespace" . }}
{{- prepend (default list .Values.additionalNamespaces) $own | uniq | toYaml }}
{{- end }}

{{- /* Not empty when replicas elect a leader: the last --leader-elect counts, in each spelling of a switch. */ -}}
{{- define "sealed-secrets.isElecting" -}}
{{- $isElecting := "yes" }}
{{- range include "sealed-secrets.args" . | fromYamlArray }}
{{- if regexMatch "^--leader-elect(=.*)?$" (toString .) }}
{{- $isElecting = ternary "" "yes" (regexMatch "=(0|f|F|false|FALSE|False)$" (toString .)) }}
{{- end }}
{{- end }}
{{- $isElecting }}
{{- end }}

{{- /* Not empty where the cluster refuses the binding of kubeseal's users: GKE since 1.32.2 takes none to system:authenticated. */ -}}
{{- define "sealed-secrets.isBindingRefused" -}}
{{- $version := .Capabilities.KubeVersion.Version }}
{{- $subjects := include "sealed-secrets.render" (list .Values.rbac.serviceProxier.subjects $) }}
{{- if and (contains "-gke." $version) (semverCompare ">=1.32.2-0" $version) (contains "system:authenticated" $subjects) }}yes{{ end }}
{{- end }}
