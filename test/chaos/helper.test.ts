import { afterEach, expect, test, vi } from 'vitest';
import { Helper, type HelperPipe } from '../../src/chaos/helper.ts';
import { planSteps } from '../../src/chaos/plan.ts';
import { Experiment } from '../../src/chaos/schema.ts';
import { HmsError } from '../../src/model/errors.ts';
import { type FaultState, Plan, Scope } from '../../src/protocol/native.ts';

afterEach(() => void vi.useRealTimers());

const experiment = Experiment.parse({
  title: 't',
  method: [{ type: 'action', fault: 'pause', target: 'a' }],
});
const [step] = planSteps(experiment, {
  id: 'x-abcd',
  seed: 1,
  view: { agents: [{ id: 'a', alive: true, driver: 'command' }] },
  absolute: path => path,
});

const state = (more: Partial<FaultState> = {}): FaultState => ({
  id: 'x-abcd.1',
  phase: 'reverted',
  at: 1,
  because: 'time',
  detail: { hit: 1 },
  residues: [],
  ...more,
});

function pipe(more: Partial<HelperPipe> = {}) {
  let fault = (_state: FaultState): void => {};
  let gone = (_error: HmsError): void => {};
  const plan = Plan.parse({
    id: 'x-abcd.1',
    mechanism: 'ptrace',
    privileged: false,
    effects: ['stops it'],
    reverts: [{ what: 'lets it go on', by: 'kernel' }],
    ends_within_ms: 1,
    refused: '',
    remedy: '',
  });
  const made: HelperPipe = {
    open: async () => [],
    retarget: async () => {},
    plan: async () => plan,
    inject: async () => plan,
    halt: async () => [state({ because: 'halt' })],
    ping: vi.fn(async () => {}),
    onFault: listener => {
      fault = listener;
    },
    onGone: listener => {
      gone = listener;
    },
    recover: async () => [],
    close: () => {},
    ...more,
  };
  const helper = new Helper(made);
  return { helper, made, fault: (s: FaultState) => fault(s), gone: (e: HmsError) => gone(e) };
}

const inject = ({ helper }: ReturnType<typeof pipe>) => {
  if (!step) throw new Error('no step');
  return helper.inject(step);
};

test('a fault is over when the helper has looked, also where that overtakes the answer', async () => {
  const one = pipe();
  const injected = await inject(one);
  expect(injected).toMatchObject({ mechanism: 'ptrace', reverts: ['by the kernel: lets it go on'] });
  one.fault(state({ phase: 'applied' }));
  one.fault(state());
  expect(await injected.over).toEqual({ phase: 'reverted', because: 'time', detail: 'hit 1', residues: [] });
  one.helper.close();
  const two = pipe();
  two.fault(state());
  expect(await (await inject(two)).over).toMatchObject({ phase: 'reverted' });
  two.helper.close();
});

test('something that is left is a failure, whatever the phase says', async () => {
  const one = pipe();
  const injected = await inject(one);
  one.fault(state({ residues: ['it stands \u001b[31m still'] }));
  expect(await injected.over).toMatchObject({ phase: 'failed', residues: ['it stands ␛[31m still'] });
  one.helper.close();
});

test('a helper that dies ends what it had broken, and says so', async () => {
  const one = pipe();
  const injected = await inject(one);
  one.gone(new HmsError('native-gone', 'the helper is gone'));
  expect(await injected.over).toMatchObject({
    phase: 'failed',
    because: expect.stringContaining('the helper is gone'),
  });
  one.helper.close();
});

test('what is halted is over by the proof that comes with the answer', async () => {
  const one = pipe();
  const injected = await inject(one);
  await injected.halt('halt');
  expect(await injected.over).toMatchObject({ phase: 'reverted', because: 'halt' });
  one.helper.close();
});

test('the lease is renewed for as long as the pipe is open', async () => {
  vi.useFakeTimers();
  const { helper, made } = pipe();
  await vi.advanceTimersByTimeAsync(2100);
  expect(made.ping).toHaveBeenCalledTimes(4);
  helper.close();
  await vi.advanceTimersByTimeAsync(2100);
  expect(made.ping).toHaveBeenCalledTimes(4);
});

test('the helper is told who the targets are by now, and of nobody its scope does not have', async () => {
  const told: string[][] = [];
  const one = pipe({ retarget: async targets => void told.push(targets.map(({ name }) => name)) });
  const target = (name: string) => ({
    name,
    kind: 'agent' as const,
    process: { pid: 7, born: '1' },
    tty: '',
    pane: '',
  });
  const scope = { folder: '/f', halt_file: '/h', targets: [target('a'), target('b')] };
  await one.helper.open(Scope.parse(scope));
  await one.helper.retarget([target('came-later'), target('a')]);
  await one.helper.retarget([target('came-later')]);
  expect(told).toEqual([['a']]);
  one.helper.close();
});

test('a helper that answers nothing any more is given up, and what it broke is nobody’s to vouch for', async () => {
  vi.useFakeTimers();
  const close = vi.fn();
  const one = pipe({ ping: () => Promise.reject(new HmsError('no-answer', 'nothing')), close });
  const { over } = await inject(one);
  await vi.advanceTimersByTimeAsync(3900);
  expect(close).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(200);
  expect(close).toHaveBeenCalledOnce();
  expect(await over).toMatchObject({
    phase: 'failed',
    because: expect.stringContaining('the native helper does not answer; nobody says'),
  });
});

test('of a helper that died it is said what its guardians, or whoever came after them, have found', async () => {
  const recover = async () => [state({ because: 'recovered', residues: ['a file'] })];
  const one = pipe({ recover });
  const { over } = await inject(one);
  one.gone(new HmsError('native-gone', 'ended by SIGKILL'));
  expect(await over).toMatchObject({ phase: 'failed', because: 'ended by SIGKILL', residues: ['a file'] });
});
