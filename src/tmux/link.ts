/**
 * A control connection that comes back: somebody may detach our client, and the server lives on. It is over only
 * when the server or the session is.
 */
import { HmsError } from '../model/errors.ts';
import { type AttachOptions, type CommandOptions, ControlClient } from './control-client.ts';
import { Listeners } from './listeners.ts';

/** How long a lost connection is tried again while the server's process lives, ms. */
const RETRY_MS = 2000;
/** Pause between two tries, ms. */
const PAUSE_MS = 20;

export class Link {
  readonly #options: AttachOptions;
  readonly #serverAlive: () => boolean;
  readonly #notice = new Listeners<[name: string, text: string]>();
  readonly #attached = new Listeners<[client: ControlClient]>();
  readonly #gone = new Listeners<[detail: string]>();
  #client: Promise<ControlClient>;
  #closing = false;
  #over = false;

  /** @param serverAlive whether the server's process still runs: without it there is nothing to come back to */
  static async open(options: AttachOptions, serverAlive: () => boolean): Promise<Link> {
    const client = await ControlClient.attach(options);
    return new Link(options, serverAlive, client);
  }

  private constructor(options: AttachOptions, serverAlive: () => boolean, client: ControlClient) {
    this.#options = options;
    this.#serverAlive = serverAlive;
    this.#client = Promise.resolve(client);
    this.#follow(client);
  }

  /** @throws HmsError as ControlClient.command, and `tmux-closed` after `close`. */
  async command(argv: readonly string[], options?: CommandOptions): Promise<readonly string[]> {
    return (await this.#open()).command(argv, options);
  }

  async batch(
    commands: readonly (readonly string[])[],
    options?: CommandOptions,
  ): Promise<readonly (readonly string[])[]> {
    return (await this.#open()).batch(commands, options);
  }

  onNotice(listener: (name: string, text: string) => void): () => void {
    return this.#notice.add(listener);
  }

  /** A new connection stands: what was asked of the old one for longer must be asked again. */
  onReattached(listener: (client: ControlClient) => void): () => void {
    return this.#attached.add(listener);
  }

  /** Over for good, and not because of `close`. Fires once. */
  onGone(listener: (detail: string) => void): () => void {
    return this.#gone.add(listener);
  }

  /** The client that stands, for what needs one connection throughout. */
  get client(): Promise<ControlClient> {
    return this.#client;
  }

  async close(): Promise<void> {
    this.#closing = true;
    const client = await this.#client.catch(() => undefined);
    await client?.close();
  }

  async #open(): Promise<ControlClient> {
    if (this.#closing) throw new HmsError('tmux-closed', 'The connection to tmux was closed by us.');
    return this.#client;
  }

  #follow(client: ControlClient): void {
    client.onNotice((name, text) => this.#notice.emit(name, text));
    client.onGone(detail => {
      if (this.#closing) return;
      this.#client = this.#again(detail);
      // Whoever sends a command is told; nobody else waits for it.
      this.#client.catch(() => {});
    });
  }

  async #again(detail: string): Promise<ControlClient> {
    const until = performance.now() + RETRY_MS;
    while (!this.#closing && this.#serverAlive() && performance.now() < until) {
      try {
        const client = await ControlClient.attach(this.#options);
        this.#follow(client);
        this.#attached.emit(client);
        return client;
      } catch {
        // The server is on its way out, or the session is; looked at again until one of the two is sure.
        await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
      }
    }
    if (!this.#over && !this.#closing) {
      this.#over = true;
      // After this function has failed its callers.
      queueMicrotask(() => this.#gone.emit(detail));
    }
    throw this.#closing
      ? new HmsError('tmux-closed', 'The connection to tmux was closed by us.')
      : new HmsError('tmux-gone', `The tmux server is gone: ${detail}.`);
  }
}
