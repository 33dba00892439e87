import { existsSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { World } from '../../src/cells/cell.ts';
import { Recorder } from '../../src/cells/recorder.ts';
import type { Draft, Event } from '../../src/model/event.ts';
import { AgentId, CastFile, Digest, PaneId } from '../../src/model/ids.ts';
import { reduce } from '../../src/model/reduce.ts';
import { EMPTY, type FleetState } from '../../src/model/state.ts';
import { ALONE, FULL } from '../../src/recording/backlog.ts';
import type { Told } from '../../src/recording/part.ts';
import { readMeta, readNotes, spoolFolder, spoolLimit } from '../../src/recording/spool.ts';
import type { PaneInfo } from '../../src/tmux/types.ts';
import { withFolder } from '../support/scratch.ts';

const agent = AgentId.parse('builder');
const file = CastFile.parse('builder.1.cast');
const digest = Digest.parse('a'.repeat(64));

/** As much of an engine as a cell needs, on a clock of the test's own. */
class Desk implements World {
  state: FleetState = EMPTY;
  clock = 1000;
  attached = 0;
  readonly events: Event[] = [];
  readonly piped: [pane: string, command: string][] = [];
  readonly unpiped: string[] = [];
  readonly recorder: Recorder;

  constructor(folder: string | undefined) {
    const settings = { keep: 0, maxSize: 0, secrets: { known: false, patterns: [], values: [] } };
    const tmux = {
      pipe: async (pane: string, command: string) => void this.piped.push([pane, command]),
      unpipe: async (pane: string) => void this.unpiped.push(pane),
    };
    const isConnected = (): boolean => this.attached > 0;
    this.recorder = new Recorder(this, { folder, tmux, settings: () => settings, isConnected });
  }

  /** A recorder comes; returns how it goes. */
  connected(): () => void {
    this.attached += 1;
    return () => {
      this.attached -= 1;
      this.recorder.gone();
    };
  }

  emit(...drafts: readonly Draft[]): { events: readonly Event[]; durable: Promise<void> } {
    const events = drafts.map(
      (draft, n) => ({ ...draft, seq: this.events.length + n + 1, time: this.clock, prev: '' }) as Event,
    );
    this.events.push(...events);
    for (const event of events) this.state = reduce(this.state, event);
    return { events, durable: Promise.resolve() };
  }

  now = (): number => this.clock;
  random = (): number => 0;
  log = (): void => {};
  after = (): (() => void) => () => {};
}

function pane(more: Partial<PaneInfo> = {}): PaneInfo {
  return {
    pane: PaneId.parse('%1'),
    agent: 'builder',
    incarnation: 1,
    pid: 1,
    dead: false,
    status: null,
    signal: '',
    activity: 0,
    title: '',
    cols: 80,
    rows: 24,
    inMode: false,
    inputOff: false,
    piped: true,
    ...more,
  };
}

const started: Told = {
  kind: 'recording.started',
  data: { file, recording: 'builder.1', part: 1, agent, incarnation: 1, operator: '' },
};
const chunked = (chunk: number): Told => ({
  kind: 'recording.chunked',
  data: { file, chunk, bytes: chunk * 10, digest },
});
const ended: Told = {
  kind: 'recording.ended',
  data: { file, chunks: 2, bytes: 20, ms: 5, redacted: 0, reason: 'exit 0' },
};

describe("the recorder's cell", () => {
  test('writes down once what it is told twice, because an answer was lost', () => {
    const desk = new Desk('/nowhere');
    for (const told of [
      chunked(1),
      ended,
      started,
      started,
      chunked(1),
      chunked(1),
      chunked(2),
      chunked(1),
      ended,
      ended,
    ])
      desk.recorder.tell(told);
    expect(desk.events.map(event => event.kind)).toEqual([
      'recording.started',
      'recording.chunked',
      'recording.chunked',
      'recording.ended',
    ]);
    expect(desk.events[0]).toMatchObject({
      subject: 'agent:builder',
      actor: { type: 'cell', id: 'recorder' },
    });
    const paused: Told = { kind: 'recording.paused', data: { reason: 'the disk is full' } };
    const resumed: Told = { kind: 'recording.resumed', data: {} };
    for (const told of [resumed, paused, paused]) desk.recorder.tell(told);
    expect(desk.state.recordingPaused).toBe('the disk is full');
    for (const told of [resumed, resumed]) desk.recorder.tell(told);
    expect(desk.events.slice(4).map(event => event.kind)).toEqual(['recording.paused', 'recording.resumed']);
  });

  test('is quiet for the fleet’s end when the last recording of an agent has ended', async () => {
    const desk = new Desk('/nowhere');
    const gone = desk.connected();
    desk.recorder.tell(started);
    let quiet = false;
    const waiting = desk.recorder.quiet().then(() => {
      quiet = true;
    });
    desk.recorder.tell(chunked(1));
    await Promise.resolve();
    expect(quiet).toBe(false);
    desk.recorder.tell(ended);
    await waiting;
    desk.recorder.tell(started);
    gone();
    await desk.recorder.quiet();
  });

  test('notes a new size once, also for a pane that an engine before it had piped', async () => {
    await withFolder(async folder => {
      const first = new Desk(folder);
      expect(first.recorder.tap(agent, 1)).toContain('split');
      first.recorder.see([pane()]);
      const second = new Desk(folder);
      for (const cols of [80, 100, 100]) second.recorder.see([pane({ cols })]);
      const sizes = readNotes(join(spoolFolder(folder), 'builder.1'), 0).map(({ note }) => note.size);
      expect(sizes).toEqual([
        [80, 24],
        [80, 24],
        [100, 24],
      ]);
      expect(second.piped).toEqual([]);
    });
  });

  test('gives a pane whose pipe broke a new one, with a gap, and not without end', async () => {
    await withFolder(async folder => {
      const desk = new Desk(folder);
      desk.recorder.tap(agent, 1);
      desk.recorder.see([pane({ piped: false })]);
      expect(desk.piped).toEqual([]);
      desk.clock += 60_000;
      for (let n = 0; n < 3; n += 1) desk.recorder.see([pane({ piped: false })]);
      expect(desk.piped).toHaveLength(1);
      expect(readMeta(join(spoolFolder(folder), 'builder.1~2'))).toMatchObject({
        gap: true,
        recording: 'builder.1',
      });
    });
  });

  test('cuts off whoever fills the spool, says so, and goes on with a gap once there is room', async () => {
    await withFolder(async folder => {
      const desk = new Desk(folder);
      const other = AgentId.parse('other');
      desk.connected();
      desk.recorder.tap(agent, 1);
      desk.recorder.tap(other, 1);
      const panes = [pane(), pane({ pane: PaneId.parse('%2'), agent: 'other' })];
      desk.recorder.see(panes);
      const waits = join(spoolFolder(folder), 'builder.1', 'out.aaaaaa');
      writeFileSync(waits, '');
      truncateSync(waits, spoolLimit(0) + 1);
      writeFileSync(join(spoolFolder(folder), 'other.1', 'out.aaaaaa'), 'a line');
      desk.clock += 60_000;
      desk.recorder.see(panes);
      expect(desk.unpiped).toEqual(['%1']);
      expect(desk.state.recordingPaused).toBe(FULL);
      const notes = readNotes(join(spoolFolder(folder), 'builder.1'), 0).map(({ note }) => note);
      expect(notes.at(-1)).toEqual({
        at: spoolLimit(0) + 1,
        marker: expect.stringMatching(/^recording.paused/),
      });
      // Neither the pane nor a new run is recorded until half of it is gone.
      const cut = [pane({ piped: false })];
      desk.clock += 60_000;
      desk.recorder.see(cut);
      expect(desk.piped).toEqual([]);
      expect(desk.recorder.tap(AgentId.parse('third'), 1)).toBeUndefined();
      truncateSync(waits, spoolLimit(0) / 4);
      desk.clock += 60_000;
      desk.recorder.see(cut);
      expect(desk.piped).toHaveLength(1);
      expect(desk.events.map(event => event.kind)).toEqual(['recording.paused', 'recording.resumed']);
    });
  });

  test('says when no recorder runs, and takes it back when one does, but not what that one says itself', async () => {
    await withFolder(async folder => {
      const desk = new Desk(folder);
      desk.recorder.tap(agent, 1);
      for (let n = 0; n < 10; n += 1) {
        desk.clock += 5000;
        desk.recorder.see([pane()]);
      }
      expect(desk.events).toMatchObject([{ kind: 'recording.paused', data: { reason: ALONE } }]);
      const gone = desk.connected();
      desk.recorder.tell({ kind: 'recording.paused', data: { reason: 'the disk is full' } });
      desk.clock += 5000;
      desk.recorder.see([pane()]);
      expect(desk.state.recordingPaused).toBe('the disk is full');
      desk.recorder.tell({ kind: 'recording.resumed', data: {} });
      expect(desk.state.recordingPaused).toBe('');
      gone();
      for (let n = 0; n < 2; n += 1) {
        desk.clock += 20_000;
        desk.recorder.see([pane()]);
      }
      expect(desk.state.recordingPaused).toBe(ALONE);
      desk.connected();
      desk.clock += 5000;
      desk.recorder.see([pane()]);
      expect(desk.state.recordingPaused).toBe('');
    });
  });

  test('records nothing where nothing is to be recorded', async () => {
    await withFolder(async folder => {
      const desk = new Desk(undefined);
      expect(desk.recorder.tap(agent, 1)).toBeUndefined();
      desk.recorder.see([pane({ piped: false })]);
      expect(desk.piped).toEqual([]);
      expect(desk.recorder.folder).toBe('');
      expect(existsSync(spoolFolder(folder)) || readdirSync(folder).length > 0).toBe(false);
    });
  });

  test('lets an agent run unrecorded rather than not at all', () => {
    expect(new Desk('/dev/null/recordings').recorder.tap(agent, 1)).toBeUndefined();
  });
});
