const words = (text: string): readonly string[] => text.trim().split(/\s+/);

const PROBE = words(
  'enabled initialDelaySeconds periodSeconds timeoutSeconds failureThreshold successThreshold',
);
const SERVICE = words('type loadBalancerClass port nodePort annotations labels');

/**
 * Every key of upstream's chart, by the map that holds it: this chart must know every key of a values file.
 */
export const UPSTREAM_VALUES: Readonly<Record<string, readonly string[]>> = {
  '': words(`
    kubeVersion nameOverride fullnameOverride namespace extraDeploy commonAnnotations commonLabels image
    revisionHistoryLimit createController secretName updateStatus skipRecreate keyrenewperiod keyttl keycutofftime
    rateLimit rateLimitBurst additionalNamespaces privateKeyAnnotations privateKeyLabels logInfoStdout logLevel
    logFormat maxRetries watchForSecrets kubeClientQPS kubeClientBurst command args customLivenessProbe
    customReadinessProbe customStartupProbe resources hostUsers podLabels podAnnotations priorityClassName
    runtimeClassName affinity nodeSelector tolerations additionalVolumes additionalVolumeMounts hostNetwork dnsPolicy
  `),
  image: words('registry repository tag pullPolicy pullSecrets'),
  livenessProbe: PROBE,
  readinessProbe: PROBE,
  startupProbe: PROBE,
  resources: words('limits requests'),
  podSecurityContext: words('enabled fsGroup seccompProfile'),
  containerSecurityContext: words(
    'enabled readOnlyRootFilesystem runAsNonRoot runAsUser allowPrivilegeEscalation capabilities',
  ),
  containerPorts: words('http metrics'),
  hostPorts: words('http metrics'),
  service: SERVICE,
  ingress: words(`
    enabled pathType apiVersion ingressClassName hostname path annotations tls selfSigned extraHosts extraPaths extraTls
    secrets
  `),
  networkPolicy: words('enabled egress'),
  'networkPolicy.egress': words('enabled kubeapiCidr kubeapiPort'),
  serviceAccount: words('annotations create labels name'),
  rbac: words(
    'create clusterRole clusterRoleName namespacedRoles namespacedRolesName labels pspEnabled serviceProxier',
  ),
  'rbac.serviceProxier': words('create bind subjects'),
  metrics: words('prometheusRule serviceMonitor dashboards service'),
  'metrics.prometheusRule': words('enabled namespace labels annotations groups'),
  'metrics.serviceMonitor': words(
    'enabled namespace labels annotations interval scrapeTimeout honorLabels metricRelabelings relabelings',
  ),
  'metrics.dashboards': words('create labels annotations namespace'),
  'metrics.service': SERVICE,
  pdb: words('create minAvailable maxUnavailable'),
};
