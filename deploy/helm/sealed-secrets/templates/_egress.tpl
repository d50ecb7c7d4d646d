{{- /*
Where the API server is: as the user says, else as the cluster says while installing, else (helm template, GitOps) any
address at the ports API servers use.
*/ -}}
{{- define "sealed-secrets.egressRules" -}}
{{- $egress := .Values.networkPolicy.egress }}
{{- $live := lookup "discovery.k8s.io/v1" "EndpointSlice" "default" "kubernetes" }}
{{- if $egress.kubeapiCidr }}
- to:
    - ipBlock:
        cidr: {{ $egress.kubeapiCidr }}
  ports:
    - protocol: TCP
      {{- with $egress.kubeapiPort }}
      port: {{ . }}
      {{- end }}
{{- else if $live }}
- to:
    {{- range $live.endpoints }}
    - ipBlock:
        cidr: {{ first .addresses }}/{{ ternary 128 32 (eq $live.addressType "IPv6") }}
    {{- end }}
  ports:
    {{- range $live.ports }}
    - protocol: TCP
      port: {{ default .port $egress.kubeapiPort }}
    {{- end }}
{{- else }}
- ports:
    {{- range ternary (list $egress.kubeapiPort) (list 443 6443) (not (empty $egress.kubeapiPort)) }}
    - protocol: TCP
      port: {{ . }}
    {{- end }}
{{- end }}
{{- end }}
