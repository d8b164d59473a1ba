{{- /* What all pods of the release have: no right in the cluster, no root, nothing to write on but /tmp. */}}
{{- define "botox-fhir.pod" -}}
automountServiceAccountToken: false
# Variables that tell of services of the namespace could be taken for settings.
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "botox-fhir.container" -}}
image: {{ include "botox-fhir.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
volumeMounts:
  - name: settings
    mountPath: /etc/botox-fhir
    readOnly: true
  {{- range $i, $name := .Values.secrets.files }}
  - name: files-{{ $i }}
    mountPath: /etc/botox-fhir-files/{{ $name }}
    readOnly: true
  {{- end }}
  - name: tmp
    mountPath: /tmp
{{- end }}

{{- /* @param root the chart's values @param settings name of the ConfigMap */}}
{{- define "botox-fhir.volumes" -}}
- name: settings
  configMap:
    name: {{ .settings }}
{{- range $i, $name := .root.Values.secrets.files }}
- name: files-{{ $i }}
  secret:
    secretName: {{ $name }}
    defaultMode: 0440
{{- end }}
- name: tmp
  emptyDir:
    sizeLimit: 256Mi
{{- end }}
