/** Kubernetes: restartPolicy and the probes of a Pod, or of what has a Pod template (Deployment, StatefulSet, Job, …). */
import { Carrying, deadline, durationText, list, number, record, type Translation } from './carried.ts';

const WHEN: Readonly<Record<string, string>> = { Always: 'always', OnFailure: 'on-failure', Never: 'never' };
/** CrashLoopBackOff: 10 s, doubled up to 5 min, forgotten after 10 min of running. */
const BACK_OFF = { from: '10s', to: '5m', within: '10m', max: 1000 };
const PROBES = [
  ['livenessProbe', 'live'],
  ['readinessProbe', 'ready'],
] as const;

export function fromKubernetes(document: unknown): Translation {
  const root = record(document);
  const pod = podOf(root);
  return Object.fromEntries(
    list(pod['containers']).map((one, at) => {
      const container = record(one);
      return [String(container['name'] ?? `container-${at}`), ofContainer(container, pod)] as const;
    }),
  );
}

/** A CronJob has its Pod two templates down. */
function podOf(root: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const spec = record(root['spec']);
  const inner = record(record(spec['jobTemplate'])['spec']);
  const template = record(record('template' in inner ? inner['template'] : spec['template'])['spec']);
  return 'containers' in template ? template : spec;
}

function ofContainer(
  container: Readonly<Record<string, unknown>>,
  pod: Readonly<Record<string, unknown>>,
): Translation[string] {
  const to = new Carrying();
  const policy = String(container['restartPolicy'] ?? pod['restartPolicy'] ?? 'Always');
  const when = WHEN[policy];
  if (when === undefined) to.lose(`restartPolicy: ${policy}`, 'it is no policy of Kubernetes');
  else Object.assign(to.restart, { when }, when === 'never' ? {} : BACK_OFF);
  to.lose('restarts without end', 'a person is asked here after so many (max)');
  for (const [key, purpose] of PROBES)
    if (key in container) probeOf(to, key, purpose, record(container[key]));
  const startup = record(container['startupProbe']);
  if ('startupProbe' in container) {
    const after =
      (number(startup['periodSeconds']) ?? 10) * (number(startup['failureThreshold']) ?? 3) * 1000;
    const live = to.probes['livenessProbe'];
    if (live) to.probes['livenessProbe'] = { ...live, after: durationText(after) };
    to.lose('startupProbe', 'its longest time became the live probe’s "after"; it is not asked itself');
  }
  const memory = sizeOf(record(record(container['resources'])['limits'])['memory']);
  if (memory !== undefined) to.healing = { ...to.healing, limits: { memory } };
  if (record(record(container['resources'])['limits'])['cpu'] !== undefined)
    to.lose('resources.limits.cpu', 'alerts: marks what uses much; nothing is throttled');
  if ('lifecycle' in container) to.lose('lifecycle', 'nothing runs beside the command');
  return to.carried;
}

function probeOf(
  to: Carrying,
  key: string,
  purpose: 'live' | 'ready',
  probe: Readonly<Record<string, unknown>>,
): void {
  const seconds = (name: string, otherwise: number): number => (number(probe[name]) ?? otherwise) * 1000;
  const means = meansOf(to, key, probe);
  if (!means) return;
  const after = seconds('initialDelaySeconds', 0);
  to.probes[key] = {
    purpose,
    ...means,
    every: durationText(seconds('periodSeconds', 10)),
    timeout: deadline(to, `${key}.timeoutSeconds`, seconds('timeoutSeconds', 1)),
    failures: number(probe['failureThreshold']) ?? 3,
    successes: number(probe['successThreshold']) ?? 1,
    ...(after > 0 ? { after: durationText(after) } : {}),
  };
  if ('terminationGracePeriodSeconds' in probe)
    to.lose(`${key}.terminationGracePeriodSeconds`, 'how long an end may take is fixed here');
}

function meansOf(
  to: Carrying,
  key: string,
  probe: Readonly<Record<string, unknown>>,
): { exec: string[] } | { http: string } | { tcp: string } | undefined {
  const http = record(probe['httpGet']);
  const tcp = record(probe['tcpSocket']);
  const place = (of: Readonly<Record<string, unknown>>, what: string): string | undefined => {
    const port = number(of['port']);
    if (port === undefined)
      to.lose(`${key}.${what}.port`, `it has the name ${String(of['port'])}; a number is needed`);
    return port === undefined ? undefined : `${String(of['host'] ?? '127.0.0.1')}:${port}`;
  };
  if ('exec' in probe) return { exec: list(record(probe['exec'])['command']).map(String) };
  if ('httpGet' in probe) {
    const at = place(http, 'httpGet');
    const scheme = String(http['scheme'] ?? 'HTTP').toLowerCase();
    if ('httpHeaders' in http)
      to.lose(`${key}.httpGet.httpHeaders`, 'no headers are sent; an exec probe with curl can');
    return at === undefined ? undefined : { http: `${scheme}://${at}${String(http['path'] ?? '/')}` };
  }
  if ('tcpSocket' in probe) {
    const at = place(tcp, 'tcpSocket');
    return at === undefined ? undefined : { tcp: at };
  }
  to.lose(
    `${key}${'grpc' in probe ? '.grpc' : ''}`,
    'only exec, http and tcp are known here; grpc_health_probe can be an exec',
  );
  return undefined;
}

const SIZES: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
};

/** Megabytes (2^20). */
function sizeOf(value: unknown): number | undefined {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(k|M|G|Ki|Mi|Gi)?$/.exec(String(value ?? '')) ?? [];
  return amount === undefined ? undefined : Math.round((Number(amount) * (SIZES[unit] ?? 1)) / (1 << 20));
}
