import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { agentCommand } from '../../src/cli/agent-report.ts';
import { type Desk, withDesk } from '../support/agent-desk.ts';

const before = { ...process.env };
beforeEach(() => {
  delete process.env.HMS_SOCKET;
  delete process.env.HMS_TOKEN;
});
afterEach(() => {
  process.env = { ...before };
});

const inside = (desk: Desk, ...argv: string[]) => {
  Object.assign(process.env, desk.env);
  return agentCommand().parseAsync(argv, { from: 'user' });
};

describe('from inside an agent', () => {
  test('it says what it is doing, and speaks to others', async () => {
    await withDesk(
      () => ({}),
      async desk => {
        await inside(desk, 'report', 'working', 'unit', 'tests');
        await inside(desk, 'message', 'operator:ann', 'done', 'with', 'it');
        expect(desk.all('report')).toEqual([{ status: 'working', detail: 'unit tests' }]);
        expect(desk.all('message')).toEqual([{ to: 'operator:ann', text: 'done with it' }]);
      },
    );
  });

  test('a status that is none is refused before anybody is asked', async () => {
    const agent = agentCommand();
    const report = agent.commands.find(command => command.name() === 'report');
    report?.exitOverride().configureOutput({ writeErr: () => {} });
    await expect(agent.parseAsync(['report', 'dreaming'], { from: 'user' })).rejects.toMatchObject({
      code: 'commander.invalidArgument',
    });
  });

  test('outside an agent it says so', async () => {
    await expect(agentCommand().parseAsync(['report', 'idle'], { from: 'user' })).rejects.toMatchObject({
      code: 'not-inside',
    });
  });
});
