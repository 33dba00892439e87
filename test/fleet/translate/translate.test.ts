import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { translate, translationText } from '../../../src/fleet/translate/translate.ts';
import { AgentConfig } from '../../../src/model/fleet.ts';

/** What is carried over must be what a fleet file takes. */
function checked(text: string, name = 'worker') {
  const found = translate(text, name);
  const { agents } = parse(translationText(found)) as { agents: Record<string, object> };
  for (const agent of Object.values(agents)) AgentConfig.parse({ command: 'true', ...agent });
  return found;
}

describe('a systemd unit', () => {
  test('its restart policy, its limit of starts, its watchdog and its memory', () => {
    const { from, agents } = checked(`[Unit]
StartLimitIntervalSec=2min 30s
StartLimitBurst=4
Requires=redis.service
# a comment
[Service]
ExecStart=/usr/bin/worker \\
  --fast
Restart=on-failure
RestartSec=500ms
RestartMaxDelaySec=1min
WatchdogSec=20
MemoryMax=512M
RestartPreventExitStatus=3
`);
    expect(from).toBe('systemd');
    expect(agents['worker']?.restart).toEqual({
      when: 'on-failure',
      max: 3,
      within: '150s',
      from: '500ms',
      to: '1m',
    });
    expect(agents['worker']?.healing).toEqual({ silence: '20s', limits: { memory: 512 } });
    const lost = agents['worker']?.lost.join('\n');
    for (const key of ['RestartPreventExitStatus', 'Requires', 'WatchdogSec']) expect(lost).toContain(key);
  });
  test('without Restart= it runs once; a policy that is none is said', () => {
    expect(checked('[Service]\nExecStart=/bin/true\n').agents['worker']?.restart['when']).toBe('never');
    expect(checked('[Service]\nRestart=sometimes\n').agents['worker']?.lost.join()).toContain(
      'Restart=sometimes',
    );
  });
});

describe('a Kubernetes object', () => {
  const pod = `
    containers:
      - name: api
        resources: { limits: { memory: 256Mi, cpu: 500m } }
        livenessProbe: { httpGet: { path: /healthz, port: 8080 }, periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 4 }
        readinessProbe: { tcpSocket: { port: 8080 } }
        startupProbe: { httpGet: { path: /healthz, port: 8080 }, periodSeconds: 10, failureThreshold: 30 }
      - name: side
        livenessProbe: { grpc: { port: 9000 } }
        readinessProbe: { httpGet: { port: web } }
`;
  test('probes with their numbers, and what a Deployment says of them', () => {
    const { from, agents } = checked(
      `apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n   spec:${pod}`,
    );
    expect(from).toBe('kubernetes');
    expect(agents['api']?.restart).toEqual({
      when: 'always',
      from: '10s',
      to: '5m',
      within: '10m',
      max: 1000,
    });
    expect(agents['api']?.healing).toEqual({
      limits: { memory: 256 },
      probes: {
        livenessProbe: {
          purpose: 'live',
          http: 'http://127.0.0.1:8080/healthz',
          every: '5s',
          timeout: '2s',
          failures: 4,
          successes: 1,
          after: '5m',
        },
        readinessProbe: {
          purpose: 'ready',
          tcp: '127.0.0.1:8080',
          every: '10s',
          timeout: '1s',
          failures: 3,
          successes: 1,
        },
      },
    });
    expect(agents['side']?.healing).toEqual({});
    expect(agents['side']?.lost.join('\n')).toMatch(/grpc.*\n.*port: it has the name web/);
  });
  test('a Pod, and a CronJob', () => {
    expect(
      checked(`apiVersion: v1\nkind: Pod\nspec:\n    restartPolicy: Never${pod}`).agents['api']?.restart,
    ).toEqual({ when: 'never' });
    const cron = `apiVersion: batch/v1\nkind: CronJob\nspec:\n jobTemplate:\n  spec:\n   template:\n    spec:${pod.replaceAll('\n', '\n  ')}`;
    expect(Object.keys(checked(cron).agents)).toEqual(['api', 'side']);
  });
});

test('a pm2 ecosystem file', () => {
  const { from, agents } = checked(
    JSON.stringify({
      apps: [
        {
          name: 'web',
          script: 'x.js',
          max_restarts: 10,
          min_uptime: '30s',
          exp_backoff_restart_delay: 100,
          max_memory_restart: '1G',
          watch: true,
        },
        { script: 'y.js', autorestart: false, watch: false },
      ],
    }),
  );
  expect(from).toBe('pm2');
  expect(agents['web']).toMatchObject({
    restart: { when: 'always', max: 10, within: '5m', from: '100ms', to: '15s' },
    healing: { limits: { memory: 1024 }, verify: '30s' },
  });
  expect(agents['web']?.lost.join()).toContain('watch');
  expect(agents['app-1']?.restart['when']).toBe('never');
  expect(agents['app-1']?.lost.join()).not.toContain('watch:');
});

test('supervisord, each program by itself', () => {
  const { from, agents } = checked(`[supervisord]
nodaemon=true
[program:web]
command=web ; a comment
autorestart=unexpected
startretries=4
startsecs=10
exitcodes=0,2
[program:once]
autorestart=false
`);
  expect(from).toBe('supervisord');
  expect(agents['web']).toMatchObject({
    restart: { when: 'on-failure', max: 4, from: '1s', to: '4s' },
    healing: { verify: '10s' },
  });
  expect(agents['web']?.lost.join('\n')).toContain('exitcodes=0,2');
  expect(agents['once']?.restart['when']).toBe('never');
});

test('Compose: restart, healthcheck, limits', () => {
  const { from, agents } = checked(`services:
  api:
    restart: on-failure:5
    depends_on: { db: { condition: service_healthy } }
    mem_limit: 300m
    healthcheck: { test: ["CMD", "curl", "-f", "http://localhost"], interval: 1m30s, timeout: 10s, retries: 2, start_period: 40s }
  db:
    restart: unless-stopped
    healthcheck: { test: pg_isready, disable: false }
  job: { healthcheck: { test: [NONE] } }
`);
  expect(from).toBe('compose');
  expect(agents['api']).toMatchObject({
    restart: { when: 'on-failure', max: 5 },
    healing: {
      limits: { memory: 300 },
      probes: {
        healthcheck: {
          exec: ['curl', '-f', 'http://localhost'],
          every: '90s',
          timeout: '10s',
          failures: 2,
          after: '40s',
        },
      },
    },
  });
  expect(agents['api']?.lost.join('\n')).toContain('depends_on');
  expect(agents['db']?.restart['when']).toBe('always');
  expect(agents['db']?.healing.probes).toMatchObject({ healthcheck: { exec: 'pg_isready', every: '30s' } });
  expect(agents['job']).toMatchObject({ restart: { when: 'never' }, healing: {} });
});

test.each([
  ['', 'nothing'],
  ['just words', 'words'],
  ['{}', 'an empty map'],
  ['a: [', 'broken YAML'],
  ['[1, 2', 'a broken list'],
])('what is none of these is refused in a sentence: %j (%s)', text => {
  expect(() => translate(text, 'x')).toThrow(expect.objectContaining({ code: 'not-understood' }));
});

describe('a fleet file at another level', () => {
  const file = `fleet: f
agents:
  one:
    command: "true"
    healing: { level: evolutionary, silence: 30s, budget: 2, ladder: { leak: [restart] } }
  two: { command: "true", healing: basic }
  three: { command: "true" }
`;
  const evolved = { tuning: { threshold: 7 }, ladder: { leak: ['resume'], hang: ['interrupt', 'restart'] } };

  test('from evolutionary to hybrid what has evolved comes along, and what people set comes first', () => {
    const { from, agents } = translate(file, 'f', { to: 'hybrid', evolved });
    expect(from).toBe('hms');
    expect(Object.keys(agents)).toEqual(['one', 'two']);
    expect(agents['one']?.healing).toEqual({
      level: 'hybrid',
      silence: '30s',
      budget: 2,
      tuning: { threshold: 7 },
      ladder: { leak: ['restart'], hang: ['interrupt', 'restart'] },
    });
    expect(agents['one']?.lost.join()).toContain('foresight');
    expect(agents['two']).toMatchObject({ healing: { level: 'hybrid' }, lost: [] });
  });

  test('to basic, what guesses and learns is lost, and is said', () => {
    const { agents } = translate(file.replace('silence: 30s, ', ''), 'f', { to: 'basic', evolved });
    expect(agents['one']?.healing).toEqual({ level: 'basic', ladder: { leak: ['restart'] } });
    for (const word of ['budget', 'learns nothing', 'hangs'])
      expect(agents['one']?.lost.join('\n')).toContain(word);
  });

  test('what it says is what a fleet file takes', () => {
    for (const to of ['basic', 'hybrid', 'evolutionary'] as const) {
      const text = translationText(translate(file, 'f', { to, evolved }));
      const { agents } = parse(text) as { agents: Record<string, object> };
      for (const agent of Object.values(agents))
        expect(AgentConfig.parse({ command: 'true', ...agent }).healing?.level).toBe(to);
    }
  });

  test('without a level there is nothing to translate it to', () => {
    expect(() => translate(file, 'f')).toThrow(expect.objectContaining({ code: 'no-level' }));
  });

  test("another tool's words can be meant for any level", () => {
    const unit = '[Service]\nExecStart=/bin/true\nRestart=always\n';
    expect(translationText(translate(unit, 'w', { to: 'hybrid' }))).toContain('level: hybrid');
  });
});
