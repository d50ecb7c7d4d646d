{{- /* One path to the controller. Call with a dict: root, path, pathType. */ -}}
{{- define "sealed-secrets.ingressPath" -}}
- path: {{ .path }}
  pathType: {{ .pathType }}
  backend:
    service:
      name: {{ include "sealed-secrets.fullname" .root }}
      port:
        name: http
{{- end }}

{{- define "sealed-secrets.ingressTls" -}}
{{- if .Values.ingress.tls }}
- hosts: [{{ .Values.ingress.hostname | quote }}]
  secretName: {{ printf "%s-tls" .Values.ingress.hostname }}
{{- end }}
{{- with .Values.ingress.extraTls }}
{{ include "sealed-secrets.render" (list . $) }}
{{- end }}
{{- end }}
