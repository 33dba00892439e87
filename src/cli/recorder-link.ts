/** The recorder's connection to the engine that is there now: events come in, words for the journal go out. */
import { setTimeout } from 'node:timers/promises';
import { HmsError, wordsOf } from '../model/errors.ts';
import type { Event } from '../model/event.ts';
import { type Client, connectOperator, type OperatorTable } from '../protocol/client.ts';
import { PROTOCOL } from '../protocol/limits.ts';
import type { RecordingSettings, Welcome } from '../protocol/messages.ts';
import type { Told } from '../recording/part.ts';
import { isPassing, Outbox } from './outbox.ts';

/** Between two tries to reach an engine, ms. */
const RETRY_MS = 100;

export interface Heard {
  onWelcome(welcome: Welcome, settings: RecordingSettings): void;
  onSettings(settings: RecordingSettings): void;
  onEvent(event: Event): void;
  log(line: string): void;
}

export class RecorderLink {
  readonly #socket: string;
  #client: Client<OperatorTable> | undefined;
  readonly #outbox = new Outbox<Told>({
    send: told => this.#client?.request('recording.tell', told),
  });

  constructor(socket: string) {
    this.#socket = socket;
  }

  /** Comes back to every next engine until `signal`; resolves then, or when the fleet records nothing. */
  async follow(heard: Heard, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const client = await connectOperator(this.#socket).catch(() => undefined);
      if (client && !(await this.#attend(client, heard, signal))) return;
      await setTimeout(RETRY_MS, undefined, { signal }).catch(() => {});
    }
  }

  /** Arrives once and in order, whatever dies in between: the engine passes over what it has heard before. */
  tell(told: Told): void {
    this.#outbox.put(told);
  }

  /** Resolves when everything told has arrived, or `ms` have passed. */
  async flush(ms: number): Promise<void> {
    if (this.#client) await this.#outbox.flush(ms);
    this.#client?.close();
  }

  /** One engine, until it goes. False when there is nothing to do for us. */
  async #attend(client: Client<OperatorTable>, heard: Heard, signal: AbortSignal): Promise<boolean> {
    const early: Event[] = [];
    let tell = (event: Event): void => void early.push(event);
    client.onPush(push => {
      if (push.push === 'event') tell(push.event);
    });
    const closed = new Promise<void>(resolve => client.onClose(() => resolve()));
    try {
      const welcome = await client.request('hello', { protocol: PROTOCOL, client: 'recorder', follow: true });
      if (welcome.recordings === '') {
        client.close();
        return false;
      }
      heard.onWelcome(welcome, await client.request('recording.settings', {}));
      this.#client = client;
      this.#outbox.wake();
      tell = event => {
        heard.onEvent(event);
        if (event.kind === 'fleet.configured')
          client.request('recording.settings', {}).then(heard.onSettings, error => heard.log(wordsOf(error)));
      };
      early.splice(0).forEach(tell);
      const aborted = new Promise<void>(resolve => {
        // A signal that came while we were greeting tells nobody again.
        if (signal.aborted) resolve();
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      await Promise.race([closed, aborted]);
    } catch (error) {
      if (!(error instanceof HmsError)) throw error;
      if (!isPassing(error)) heard.log(`the engine does not want us: ${error.message}`);
    }
    if (!signal.aborted) {
      this.#client = undefined;
      client.close();
    }
    return true;
  }
}
