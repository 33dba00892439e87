/**
 * What a screen needs of a connection to tmux, in tmux's own commands. The tmux room's control connection is one;
 * whoever starts both hands it over.
 */

type StreamAnswer =
  | { readonly ok: true; readonly blocks: readonly (readonly string[])[] }
  | { readonly ok: false; readonly error: Error };

export interface PaneStream {
  /**
   * Runs commands one after the other, up to the first that fails. `answer` is called in the middle of the stream:
   * after all output that came before the answer, before all that comes after it.
   */
  request(
    commands: readonly (readonly string[])[],
    options: { readonly deadlineMs?: number },
    answer: (answer: StreamAnswer) => void,
  ): void;
  onOutput(listener: (pane: string, bytes: Uint8Array) => void): () => void;
  /** This pane's output stopped: we were too slow. What it writes now is not sent later. */
  onPaused(listener: (pane: string) => void): () => void;
  onNotice(listener: (name: string, text: string) => void): () => void;
  onGone(listener: (detail: string) => void): () => void;
  close(): Promise<void>;
}
