import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Draft, Event } from '../../src/model/event.ts';
import { fold } from '../../src/model/reduce.ts';
import { EMPTY, type FleetState } from '../../src/model/state.ts';
import type { Told } from '../../src/recording/part.ts';
import { Recorder } from '../../src/recording/recorder.ts';
import { withFolder } from '../support/scratch.ts';
import { waitFor } from '../support/wait.ts';
import { BEGUN, type Feed, feedIn, markersOf, NO_SECRETS, outputOf } from './fixture.ts';

const NAME = 'builder.1.cast';
const cell = { type: 'cell', id: 'supervisor', via: 'engine' } as const;
const alice = { type: 'operator', id: 'alice', via: 'console' } as const;

/** A journal in memory: what the engine would have made of it. */
class Story {
  readonly events: Event[] = [];

  add(...drafts: readonly unknown[]): readonly Event[] {
    const added = drafts.map((draft, n) => {
      const seq = this.events.length + n + 1;
      return { ...(draft as Draft), seq, time: BEGUN + seq, prev: '0'.repeat(64) } as Event;
    });
    this.events.push(...added);
    return added;
  }

  get state(): FleetState {
    return fold(EMPTY, this.events);
  }
}

function begun(): Story {
  const story = new Story();
  story.add(
    {
      kind: 'fleet.configured',
      actor: cell,
      subject: 'fleet',
      data: {
        agents: { builder: { driver: 'command', title: '', gate: 'ask', needs: [], capabilities: [] } },
        operators: {},
      },
    },
    {
      kind: 'agent.started',
      actor: cell,
      subject: 'agent:builder',
      data: {
        agent: 'builder',
        incarnation: 1,
        pane: '%1',
        pid: 7,
        born: '',
        argv: ['sh'],
        cwd: '/',
        resumed: '',
      },
    },
  );
  return story;
}

const exited = (status: number): unknown => ({
  kind: 'agent.exited',
  actor: cell,
  subject: 'agent:builder',
  data: { agent: 'builder', incarnation: 1, status, signal: '', wanted: false, detail: '' },
});

const asDraft = (told: Told): unknown => ({ ...told, actor: cell, subject: 'agent:builder' });

interface Desk {
  readonly feed: Feed;
  readonly story: Story;
  readonly told: Told[];
  readonly recorder: Recorder;
}

async function withRecorder(
  body: (desk: Desk) => Promise<void>,
  settings: Partial<ConstructorParameters<typeof Recorder>[0]['settings']> = {},
  hasEnded: (file: string) => boolean = () => false,
): Promise<void> {
  await withFolder(async folder => {
    const feed = feedIn(folder);
    const story = begun();
    const told: Told[] = [];
    const recorder = new Recorder({
      folder,
      settings: { keep: 1e12, maxSize: 1e12, secrets: NO_SECRETS, ...settings },
      tell: word => told.push(word),
      hasEnded,
      events: (from, to) => story.events.slice(from, to),
      rests: () => true,
      now: Date.now,
      log: () => {},
    });
    try {
      await body({ feed, story, told, recorder });
    } finally {
      recorder.stop();
    }
  });
}

/** May this machine give a test a disk of its own, of a size it chooses? */
const ownDisk =
  spawnSync('unshare', ['-Urm', 'sh', '-c', 'mount -t tmpfs -o size=64k none /mnt']).status === 0;

describe('the recorder', () => {
  test('touches nothing before an engine has said how things stand, and loses nothing by that', async () => {
    await withRecorder(async ({ feed, story, recorder }) => {
      feed.print('early ');
      expect(feed.casts()).toEqual([]);
      recorder.welcome(story.state);
      feed.print('late\r\n');
      await waitFor(() => outputOf(feed.text(NAME)) === 'early late\r\n', { what: 'both' });
    });
  });

  test('marks what concerns the agent, in harmless words, and ends the recording with the run', async () => {
    await withRecorder(async ({ feed, story, told, recorder }) => {
      recorder.welcome(story.state);
      feed.print('hello\r\n');
      await waitFor(() => feed.casts().length === 1, { what: 'the cast file' });
      const events = story.add(
        {
          kind: 'mode.changed',
          actor: alice,
          subject: 'operator:alice',
          data: { session: 's-1', from: 'watch', to: 'collaborate' },
        },
        {
          kind: 'incident.opened',
          actor: cell,
          subject: 'agent:other',
          data: { incident: 'i-1234', agent: 'other', class: 'crash', detail: '' },
        },
        {
          kind: 'message.sent',
          actor: alice,
          subject: 'agent:builder',
          data: { from: 'operator:alice', to: 'agent:builder', text: 'now\u001b[2J\u202e' },
        },
        exited(0),
      );
      for (const event of events) recorder.event(event);
      await waitFor(() => told.some(word => word.kind === 'recording.ended'), { what: 'the end' });
      const cast = feed.text(NAME);
      expect(markersOf(cast)).toEqual([
        'mode.changed · alice: mode watch → collaborate',
        expect.stringMatching(/^message\.sent · alice: .*now␛\[2J⟨U\+202E⟩$/),
        expect.stringMatching(/^agent\.exited · exited 0/),
      ]);
      expect(cast).toMatch(/,"x","0"\]/);
      expect(existsSync(feed.dir)).toBe(true);
      for (const event of story.add(...told.map(asDraft))) recorder.event(event);
      expect(existsSync(feed.dir)).toBe(false);
      expect(told.map(word => word.kind)).toEqual([
        'recording.started',
        'recording.chunked',
        'recording.ended',
      ]);
    });
  });

  test('hears from the journal what happened while it was away', async () => {
    await withRecorder(async ({ feed, story, told, recorder }) => {
      recorder.welcome(story.state);
      await waitFor(() => feed.casts().length === 1, { what: 'the cast file' });
      story.add(
        {
          kind: 'mode.changed',
          actor: alice,
          subject: 'operator:alice',
          data: { session: 's-1', from: 'watch', to: 'observe' },
        },
        exited(4),
      );
      recorder.welcome(story.state);
      await waitFor(() => told.some(word => word.kind === 'recording.ended'), { what: 'the end' });
      expect(markersOf(feed.text(NAME))).toHaveLength(2);
      expect(feed.text(NAME)).toMatch(/,"x","4"\]/);
    });
  });

  test('lets go of a recording that ended, which its engine wrote down before it died', async () => {
    await withRecorder(
      async ({ feed, story, told, recorder }) => {
        story.add(exited(0));
        recorder.welcome(story.state);
        await waitFor(() => told.some(word => word.kind === 'recording.ended'), { what: 'the end' });
        recorder.welcome(story.state);
        expect(existsSync(feed.dir)).toBe(false);
      },
      {},
      file => file === NAME,
    );
  });

  test('removes what is too old, and says so; never what is being written', async () => {
    await withRecorder(
      async ({ feed, story, told, recorder }) => {
        writeFileSync(join(feed.folder, 'old.1.cast'), 'x');
        utimesSync(join(feed.folder, 'old.1.cast'), 1, 1);
        story.add({
          kind: 'recording.started',
          actor: cell,
          subject: 'fleet',
          data: {
            file: NAME,
            recording: 'builder.1',
            part: 1,
            agent: 'builder',
            incarnation: 1,
            operator: '',
          },
        });
        recorder.welcome(story.state);
        await waitFor(() => told.some(word => word.kind === 'recording.removed'), { what: 'the removal' });
        expect(told.filter(word => word.kind === 'recording.removed').map(word => word.data)).toEqual([
          { file: 'old.1.cast', reason: 'older than is kept' },
        ]);
        expect(feed.casts()).toEqual([NAME]);
      },
      { keep: 0 },
    );
  });

  test('gives up, for the journal, a file nobody writes any more', async () => {
    await withRecorder(async ({ feed, story, told, recorder }) => {
      rmSync(feed.dir, { recursive: true });
      story.add({
        kind: 'recording.started',
        actor: cell,
        subject: 'fleet',
        data: { file: NAME, recording: 'builder.1', part: 1, agent: 'builder', incarnation: 1, operator: '' },
      });
      recorder.welcome(story.state);
      expect(told).toEqual([
        { kind: 'recording.ended', data: expect.objectContaining({ file: NAME, bytes: 0 }) },
      ]);
    });
  });

  test.skipIf(!ownDisk)(
    'pauses on a full disk, says so once, and goes on without a gap when there is room',
    () => {
      const program = join(import.meta.dirname, 'record-on-small-disk.ts');
      const script = `mount -t tmpfs -o size=1m none /mnt && exec "$@"`;
      const ran = spawnSync(
        'unshare',
        ['-Urm', 'sh', '-c', script, 'sh', process.execPath, program, '/mnt'],
        {
          encoding: 'utf8',
          timeout: 60_000,
        },
      );
      expect(ran.stderr).toBe('');
      expect(JSON.parse(ran.stdout)).toEqual({
        kinds: ['recording.started', 'recording.paused', 'recording.resumed'],
        same: true,
        lines: true,
      });
    },
  );
});
