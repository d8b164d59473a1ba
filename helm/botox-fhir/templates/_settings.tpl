{{- /* application.yaml of the service. */}}
{{- define "botox-fhir.settings" -}}
{{- $settings := deepCopy .Values.settings }}
{{- if and $settings.botox.fhir (not $settings.botox.fhir.types) }}{{ $_ := unset $settings.botox.fhir "types" }}{{ end }}
{{- if not .Values.metrics.enabled }}{{ $_ := set $settings.management "endpoint" (dict "prometheus" (dict "access" "none")) }}{{ end }}
{{- include "botox-fhir.wholeNumbers" $settings }}
{{- toYaml $settings }}
{{- end }}

{{- /* How long a pod takes to end: requests that still arrive, those that run, and 25 s for the events of these and the rest. Rounded up. */}}
{{- define "botox-fhir.graceSeconds" -}}
{{- $begin := toDate "2006" "2000" }}
{{- $end := $begin | mustDateModify .Values.settings.botox.shutdown.drain | mustDateModify (index .Values.settings.spring.lifecycle "timeout-per-shutdown-phase") | mustDateModify "25999ms" }}
{{- sub (unixEpoch $end) (unixEpoch $begin) }}
{{- end }}

{{- /* A chart's numbers are floats, which would print a million as 1e+06. */}}
{{- define "botox-fhir.wholeNumbers" -}}
{{- range $name, $value := . }}
{{- if kindIs "map" $value }}{{ include "botox-fhir.wholeNumbers" $value }}
{{- else if kindIs "float64" $value }}{{ if eq (floor $value) $value }}{{ $_ := set $ $name (int64 $value) }}{{ end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "botox-fhir.configMap" -}}
data:
  application.yaml: |
    {{- include "botox-fhir.settings" . | nindent 4 }}
{{- end }}

{{- /* Where the settings are; environment that every pod of the release has. */}}
{{- define "botox-fhir.environment" -}}
- name: JAVA_TOOL_OPTIONS
  value: {{ .Values.javaOptions | quote }}
- name: SPRING_CONFIG_ADDITIONAL_LOCATION
  value: file:/etc/botox-fhir/
{{- range $name, $value := .Values.environment }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}

{{- define "botox-fhir.databaseEnvironment" -}}
- name: SPRING_DATASOURCE_USERNAME
  valueFrom:
    secretKeyRef: {name: {{ .Values.secrets.database }}, key: username}
- name: SPRING_DATASOURCE_PASSWORD
  valueFrom:
    secretKeyRef: {name: {{ .Values.secrets.database }}, key: password}
{{- end }}

{{- /* @param secret with the login; none when empty */}}
{{- define "botox-fhir.kafkaEnvironment" -}}
{{- with .secret }}
- name: BOTOX_KAFKA_PROPERTIES_SASL_JAAS_CONFIG
  valueFrom:
    secretKeyRef: {name: {{ . }}, key: sasl.jaas.config}
{{- end }}
{{- end }}
