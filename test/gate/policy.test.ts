import { beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT, FLOOR } from '../../src/gate/default-policy.ts';
import { readFacts } from '../../src/gate/facts.ts';
import { loadPolicy } from '../../src/gate/policy.ts';
import { PolicyError, problemText, readPolicies } from '../../src/gate/policy-source.ts';
import type { Asker, Policy, PolicyProblem, Question, Verdict } from '../../src/gate/types.ts';
import type { Action, Facts } from '../../src/model/action.ts';
import type { Role } from '../../src/model/mode.ts';

const CWD = '/home/ann/shop';
const builder: Asker = { id: 'builder', type: 'agent', driver: 'claude', capabilities: ['deploys'] };
const people: Record<string, Role> = { ann: 'lead', bob: 'operator', eve: 'viewer' };

function bash(command: string): { action: Action; facts: Facts } {
  const action = { tool: 'Bash', input: { command }, cwd: CWD };
  return { action, facts: readFacts(action) };
}

function ask(policy: Policy, command: string, more: Partial<Question> = {}): Verdict {
  return policy.decide({ asker: builder, ...bash(command), operators: people, approvedBy: [], ...more });
}

async function policyOf(...texts: string[]): Promise<Policy> {
  return (await loadPolicy(texts.map((text, at) => ({ file: `p${at}.cedar`, text })))).policy;
}

/** The problems of texts that cannot be used. */
async function problemsOf(...texts: string[]): Promise<readonly PolicyProblem[]> {
  const files = texts.map((text, at) => ({ file: `p${at}.cedar`, text }));
  return loadPolicy(files).then(
    () => [],
    (error: unknown) => {
      if (error instanceof PolicyError) return error.problems;
      throw error;
    },
  );
}

describe('without a policy of its own a fleet', () => {
  let policy: Policy;
  beforeAll(async () => {
    policy = await policyOf();
  });

  it.each(['ls -la', 'git status', 'cat /etc/hosts', 'grep -rn "rm -rf /" .', 'echo "rm -rf /"'])(
    'lets %s pass',
    command => {
      expect(ask(policy, command)).toMatchObject({ is: 'permit', rules: ['reads'] });
    },
  );

  it.each([
    'touch x',
    'npm test',
    'git push',
    'cat .env',
    'cat $FILE',
    'curl https://x',
    'kubectl delete ns x',
    '$X',
    'ls "',
    'rm -rf build',
  ])('holds %s for one person', command => {
    expect(ask(policy, command)).toMatchObject({ is: 'hold', needs: 1, from: '', rules: ['people-decide'] });
    expect(ask(policy, command, { approvedBy: ['bob'] }).is).toBe('permit');
  });

  it.each([
    'rm -rf /',
    'rm -r -f ~',
    'dd of=/dev/sda',
    ':(){ :|:& };:',
    'tmux kill-server',
    'hms approvals approve r-1234',
    'chmod -R 777 /',
  ])('forbids %s, whoever agrees', command => {
    expect(ask(policy, command)).toMatchObject({ is: 'forbid' });
    expect(ask(policy, command, { approvedBy: ['ann', 'bob'] }).is).toBe('forbid');
  });

  it('lets an agent take notes, and holds its questions and restarts', () => {
    const of = (tool: string, input = {}): Verdict => {
      const action = { tool, input, cwd: CWD };
      return policy.decide({
        asker: builder,
        action,
        facts: readFacts(action),
        operators: people,
        approvedBy: [],
      });
    };
    expect(of('TodoWrite').is).toBe('permit');
    expect(of('ask', { question: 'May I?' }).is).toBe('hold');
    expect(of('agent.restart', { agent: 'builder' }).is).toBe('hold');
    expect(of('mcp__x__y').is).toBe('hold');
    expect(of('Edit', { file_path: 'a' }).is).toBe('hold');
  });

  it('says when nobody is there to agree', () => {
    expect(ask(policy, 'touch x', { operators: { eve: 'viewer' } })).toMatchObject({
      is: 'hold',
      why: expect.stringContaining('it needs 1 operator and there are 0'),
    });
  });
});

describe('a policy', () => {
  const rest = '@id("rest") permit (principal, action, resource) when { context.approvalCount >= 1 };';

  it('never removes the floor', async () => {
    const policy = await policyOf('permit (principal, action, resource);');
    expect(ask(policy, 'rm -rf /').is).toBe('forbid');
    expect(ask(policy, 'git push --force').is).toBe('permit');
  });

  it('forbids what no rule allows', async () => {
    const policy = await policyOf('permit (principal, action == Hms::Action::"Read", resource);');
    expect(ask(policy, 'touch x')).toEqual({
      is: 'forbid',
      rules: [],
      why: 'no rule allows it, whoever agrees',
    });
  });

  it('asks for two with a forbid that two people lift, whatever else permits', async () => {
    const policy = await policyOf(
      rest,
      '@id("two") @approvals("2") @ttl("5m") @why("deploys need two people") forbid (principal, action, resource) when { context.classes.contains("deploy") && context.approvalCount < 2 };',
    );
    expect(ask(policy, 'kubectl apply -f x')).toEqual({
      is: 'hold',
      needs: 2,
      from: '',
      ttlMs: 300_000,
      rules: ['two', 'rest'],
      why: 'deploys need two people',
    });
    expect(ask(policy, 'kubectl apply -f x', { approvedBy: ['ann'] })).toMatchObject({
      is: 'hold',
      needs: 1,
    });
    expect(ask(policy, 'kubectl apply -f x', { approvedBy: ['ann', 'bob'] })).toMatchObject({ is: 'permit' });
    expect(ask(policy, 'kubectl apply -f x', { approvedBy: ['ann', 'ann'] })).toMatchObject({
      is: 'hold',
      needs: 1,
    });
    expect(ask(policy, 'touch x')).toMatchObject({ is: 'hold', needs: 1, rules: ['rest'] });
  });

  it('takes the easiest way of several permits', async () => {
    const policy = await policyOf(
      '@id("two") permit (principal, action, resource) when { context.approvalCount >= 2 };',
      '@id("one-lead") @from("lead") permit (principal, action, resource) when { context.approvalCount >= 1 };',
    );
    expect(ask(policy, 'touch x')).toMatchObject({ is: 'hold', needs: 1, from: 'lead', rules: ['one-lead'] });
    expect(ask(policy, 'touch x', { approvedBy: ['bob'] })).toMatchObject({
      is: 'hold',
      needs: 1,
      from: '',
      rules: ['two'],
    });
    expect(ask(policy, 'touch x', { approvedBy: ['ann'] })).toMatchObject({
      is: 'permit',
      rules: ['one-lead'],
    });
    expect(ask(policy, 'touch x', { approvedBy: ['bob', 'ann'] })).toMatchObject({ is: 'permit' });
  });

  it('may ask for leads in a forbid', async () => {
    const policy = await policyOf(
      rest,
      '@id("lead") forbid (principal, action, resource) when { context.classes.contains("publish") && context.leadCount < 1 };',
    );
    expect(ask(policy, 'npm publish')).toMatchObject({
      is: 'hold',
      needs: 1,
      from: 'lead',
      rules: ['lead', 'rest'],
    });
    expect(ask(policy, 'npm publish', { approvedBy: ['bob'] })).toMatchObject({
      is: 'hold',
      needs: 1,
      from: 'lead',
    });
    expect(ask(policy, 'npm publish', { approvedBy: ['ann'] }).is).toBe('permit');
    expect(ask(policy, 'npm publish', { operators: { bob: 'operator' } })).toMatchObject({
      why: expect.stringContaining('it needs 1 lead and there are 0'),
    });
  });

  it('may ask for a person by name', async () => {
    const policy = await policyOf(
      '@id("bob") permit (principal, action, resource) when { context.approvals.contains(Hms::Operator::"bob") };',
    );
    expect(ask(policy, 'touch x')).toMatchObject({
      is: 'hold',
      needs: 1,
      why: expect.stringContaining('it needs bob'),
    });
    expect(ask(policy, 'touch x', { approvedBy: ['ann'] })).toMatchObject({ is: 'hold', needs: 1 });
    expect(ask(policy, 'touch x', { approvedBy: ['bob'] }).is).toBe('permit');
    expect(ask(policy, 'touch x', { operators: { ann: 'lead' } }).is).toBe('forbid');
  });

  it('sees who asks, with what, where and how risky', async () => {
    const policy = await policyOf(`
      @id("tests") permit (principal == Hms::Agent::"builder", action == Hms::Action::"Exec", resource == Hms::Tool::"Bash")
      when { context.programs.containsAny(["npm test", "npm run build"]) && context.risk < 60 && context.inside && context.level != "high" };
      @id("capable") permit (principal is Hms::Agent, action, resource) when { principal.capabilities.contains("deploys") && context.classes.contains("deploy") };
      @id("cells") permit (principal is Hms::Cell, action, resource);`);
    expect(ask(policy, 'npm test -- --watch=false')).toMatchObject({ is: 'permit', rules: ['tests'] });
    expect(ask(policy, 'npm test; touch ../x').is).toBe('forbid');
    expect(ask(policy, 'kubectl apply -f x')).toMatchObject({ rules: ['capable'] });
    expect(ask(policy, 'kubectl apply -f x', { asker: { ...builder, capabilities: [] } }).is).toBe('forbid');
    expect(ask(policy, 'touch x', { asker: { ...builder, type: 'cell' } })).toMatchObject({
      rules: ['cells'],
    });
  });

  it('decides nothing for an action it cannot be asked about', async () => {
    const policy = await policyOf('permit (principal, action, resource);');
    const { action, facts } = bash('ls');
    const broken = { ...facts, verb: 'Nothing' } as unknown as Facts;
    expect(
      policy.decide({ asker: builder, action, facts: broken, operators: people, approvedBy: [] }),
    ).toMatchObject({
      is: 'forbid',
      why: expect.stringContaining('could not be asked'),
    });
  });

  it('has a digest that names its text', async () => {
    expect((await policyOf(rest)).digest).toBe((await policyOf(rest)).digest);
    expect((await policyOf(rest)).digest).not.toBe((await policyOf(`${rest} `.replace('1', '2'))).digest);
    expect((await policyOf(rest)).rules).toEqual([
      'ruinous',
      'terminal-server',
      'chaos-outside',
      'chaos-by-agents',
      'operator',
      'rest',
    ]);
    expect((await policyOf(rest)).files).toEqual(['p0.cedar']);
  });

  it('keeps the order and place of many rules without names', async () => {
    const text = Array.from(
      { length: 12 },
      (_, n) => `permit (principal, action, resource) when { context.risk == ${n} };`,
    ).join('\n');
    expect((await policyOf(text)).rules.slice(5)).toEqual(
      Array.from({ length: 12 }, (_, n) => `p0.cedar#${n + 1}`),
    );
    const [problem] = await problemsOf(`${text}\n@ttl("soon") permit (principal, action, resource);`);
    expect(problem).toMatchObject({ line: 13, col: 1, message: '@ttl("soon") is no duration' });
  });
});

describe('a broken policy is refused as a whole, with every problem', () => {
  it.each([
    [
      'permit (principal, action == Hms::Action::"Exce", resource);',
      /:1:\d+: unrecognized action.*did you mean/,
    ],
    [
      'permit (principal, action, resource) when { context.riskk < 2 };',
      /:1:\d+: .*riskk.*not found.*did you mean `?risk/,
    ],
    ['permit (principal, action, resource) when { context.risk < "2" };', /:1:\d+: .*expected Long/],
    ['\n\n  permit (principal, action, resourc);', /:3:\d+: /],
    ['permit (principal, action, resource) when {', /:1:\d+: /],
    ['// ünï\npermit (principal, action, resource) when { "ä" == context.nope };', /:2:\d+: .*nope/],
    [
      '@id("a") permit (principal, action, resource); @id("a") permit (principal, action, resource);',
      /two rules are called a/,
    ],
    ['@id("reads") permit (principal == ?principal, action, resource);', /template/],
    [
      '@approvals("x") permit (principal, action, resource) when { context.approvalCount >= 1 };',
      /not a number/,
    ],
    ['@approvals("2") permit (principal, action, resource);', /but its condition asks for none/],
    [
      '@approvals("2") permit (principal, action, resource) when { context.approvalCount >= 1 };',
      /but its condition asks for 1/,
    ],
    [
      '@from("boss") permit (principal, action, resource) when { context.approvalCount >= 1 };',
      /no role that approves/,
    ],
    [
      '@from("viewer") permit (principal, action, resource) when { context.approvalCount >= 1 };',
      /no role that approves/,
    ],
    ['@from("lead") permit (principal, action, resource);', /without approvals/],
    ['@from("lead") forbid (principal, action, resource) when { context.approvalCount < 1 };', /leadCount/],
    ['permit (principal, action, resource) when { context.approvalCount < 2 };', /must not end/],
    ['permit (principal, action, resource) when { 2 > context.approvalCount };', /must not end/],
    ['permit (principal, action, resource) unless { context.approvalCount >= 2 };', /must not end/],
    ['permit (principal, action, resource) when { !(context.approvalCount > 2) };', /must not end/],
    ['permit (principal, action, resource) when { context.approvalCount == 1 };', /must not end/],
    [
      'permit (principal, action, resource) when { [Hms::Operator::"a"].containsAll(context.approvals) };',
      /must not end/,
    ],
    [
      'permit (principal, action, resource) when { if context.leadCount > 0 then context.risk < 9 else true };',
      /must not end/,
    ],
    ['forbid (principal, action, resource) when { context.approvalCount >= 2 };', /must not begin/],
    [
      'forbid (principal, action, resource) when { context.approvals.contains(Hms::Operator::"bob") };',
      /must not begin/,
    ],
  ])('%s', async (text, expected) => {
    const problems = await problemsOf(text);
    expect(problems.map(problemText).join('\n')).toMatch(expected);
    expect(problems.some(problem => problem.severity === 'error')).toBe(true);
  });

  it('of several files at once', async () => {
    const problems = await problemsOf(
      'permit (principal, action, resource) when { context.a };',
      'permit (',
      'permit (principal, action, resource);',
      'forbid (principal, action, resource) when { context.b };',
    );
    expect([...new Set(problems.map(problem => problem.file))]).toEqual(['p0.cedar', 'p1.cedar', 'p3.cedar']);
  });

  it.each([
    ['permit (principal, action, resource) when { context.approvalCount >= 2 };'],
    ['permit (principal, action, resource) when { 1 < context.approvalCount || context.risk < 9 };'],
    ['permit (principal, action, resource) unless { context.approvalCount < 2 };'],
    [
      'permit (principal, action, resource) when { context.approvals.containsAll([Hms::Operator::"a", Hms::Operator::"b"]) };',
    ],
    ['permit (principal, action, resource) when { context.approvalCount - 1 > 0 };'],
    [
      '@approvals("3") permit (principal, action, resource) when { context.risk < 60 && context.approvalCount > 2 };',
    ],
    ['@approvals("2") forbid (principal, action, resource) when { context.approvalCount <= 1 };'],
    ['forbid (principal, action, resource) unless { context.approvals.contains(Hms::Operator::"a") };'],
    ['permit (principal, action, resource) when { !context.approvals.isEmpty() };'],
  ])('but not %s', async text => {
    expect(await problemsOf(text)).toEqual([]);
  });
});

describe('warnings', () => {
  it.each([
    [
      'permit (principal, action, resource) when { context.risk < 2 && context.risk < 1 && "a" == "b" };',
      /impossible/,
    ],
    ['forbid (principal, action, resource) when { context.programs.contains("rм") };', /mixed scripts/],
  ])('%s', async (text, expected) => {
    const { warnings } = await loadPolicy([{ file: 'p.cedar', text }]);
    expect(warnings.map(problemText).join('\n')).toMatch(expected);
    expect(warnings[0]).toMatchObject({ file: 'p.cedar', line: 1, severity: 'warning' });
  });
});

it('the floor and the default policy, which no engine checks again, have no problem', async () => {
  const cedar = await import('@cedar-policy/cedar-wasm/nodejs');
  const { problems, rules } = readPolicies(cedar, [
    { file: 'floor', text: FLOOR },
    { file: 'default', text: DEFAULT },
  ]);
  expect(problems).toEqual([]);
  expect(rules.length).toBeGreaterThan(3);
});
