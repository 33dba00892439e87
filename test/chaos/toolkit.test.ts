import { describe, expect, test } from 'vitest';
import { importToolkit } from '../../src/chaos/toolkit.ts';
import { checkExperiment } from '../../src/cli/chaos-file.ts';

/** After the example in the Chaos Toolkit's tutorial. */
const GIVEN = {
  version: '1.0.0',
  title: 'What is the impact of an expired certificate on our application chain?',
  description: 'If a certificate expires, we should gracefully deal with the issue.',
  tags: ['tls'],
  configuration: { token: { type: 'env', key: 'TOKEN' } },
  'steady-state-hypothesis': {
    title: 'Application responds',
    probes: [
      {
        type: 'probe',
        name: 'the-astre-service-must-be-running',
        tolerance: true,
        provider: { type: 'python', module: 'os.path', func: 'exists', arguments: { path: 'astre.pid' } },
      },
      {
        type: 'probe',
        name: 'we-can-request-sunset',
        tolerance: 200,
        provider: { type: 'http', timeout: 3, url: 'https://localhost:8443/city/Paris' },
      },
      {
        type: 'probe',
        name: 'disk',
        tolerance: { type: 'jsonpath', path: '$.x' },
        provider: { type: 'process', path: 'df', arguments: '-h /' },
      },
    ],
  },
  method: [
    {
      type: 'action',
      name: 'swap-to-expired-cert',
      provider: { type: 'process', path: 'cp', arguments: 'a b' },
    },
    { type: 'probe', name: 'again', provider: { type: 'http', url: 'http://localhost:1/' } },
  ],
  rollbacks: [{ type: 'action', name: 'swap-to-valid-cert' }],
};

describe('a Chaos Toolkit experiment', () => {
  test('keeps what has a counterpart', () => {
    const { experiment } = importToolkit(GIVEN);
    expect(experiment['steady-state-hypothesis']).toEqual({
      title: 'Application responds',
      probes: [
        {
          type: 'probe',
          name: 'we-can-request-sunset',
          tolerance: 200,
          provider: { type: 'http', url: 'https://localhost:8443/city/Paris', timeout: '3s' },
        },
        { type: 'probe', name: 'disk', provider: { type: 'exec', argv: ['df', '-h', '/'] } },
      ],
    });
  });

  test('has what was lost said, each thing once', () => {
    expect(importToolkit(GIVEN).lost).toEqual([
      expect.stringContaining('the Python module os.path'),
      expect.stringContaining('disk: its tolerance (jsonpath)'),
      expect.stringContaining('swap-to-expired-cert: it is done by process cp, which nobody takes back'),
      expect.stringContaining('rollbacks (1)'),
      'configuration: not carried over',
    ]);
  });

  test('is told to lack a fault when none was left, and is right once it has one', () => {
    const { experiment } = importToolkit(GIVEN);
    expect(checkExperiment(JSON.stringify(experiment)).issues).toEqual([
      expect.objectContaining({ reason: 'nothing is broken in it' }),
    ]);
    const method = [{ type: 'action', fault: 'kill', target: 'random' }];
    expect(checkExperiment(JSON.stringify({ ...experiment, method })).issues).toEqual([]);
  });

  test.each([null, 7, [], {}, { method: 'x', 'steady-state-hypothesis': [] }])(
    'makes no fuss of %j',
    given => {
      expect(importToolkit(given).experiment.title).toBe('an imported experiment');
    },
  );
});
