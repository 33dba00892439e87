/** What the rest of the house sees of tmux. The only room that speaks to it is this one. */
import type { AgentId, PaneId } from '../model/ids.ts';

export interface PaneInfo {
  readonly pane: PaneId;
  /** From our own pane options @hms_agent and @hms_incarnation; '' and 0 for panes that are not agents'. */
  readonly agent: string;
  readonly incarnation: number;
  /** Of the agent's program; of the pane's own process where it is no agent's, and when the program has ended. */
  readonly pid: number;
  readonly dead: boolean;
  /** Exit status when dead and known. */
  readonly status: number | null;
  /** Signal name or number when dead by one, else ''. */
  readonly signal: string;
  /** Seconds since the epoch of the last output in its window. */
  readonly activity: number;
  readonly title: string;
  readonly cols: number;
  readonly rows: number;
  readonly inMode: boolean;
  readonly inputOff: boolean;
  /** What it prints goes to a command too. */
  readonly piped: boolean;
}

/** What a pane shows. */
export interface PaneScreen {
  /** From the top, blank ones at the end left out. */
  readonly lines: readonly string[];
  /** Lines above the screen: another number when lines were added, or the screen was cleared. */
  readonly above: number;
  /** To the bottom, but for the row a cursor may stand in. */
  readonly full: boolean;
}

export interface StartPane {
  readonly agent: AgentId;
  readonly incarnation: number;
  /** Program and arguments, run without a shell. */
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Pane of the incarnation before, whose place it takes and which is then removed. */
  readonly replaces?: PaneId;
  /** A shell command that gets what the pane prints, from its first byte on; as `pipe` has it. */
  readonly pipe?: string;
}

/** A fleet's private tmux server, as the engine drives it over one control-mode connection. */
export interface TmuxServer {
  readonly socket: string;
  readonly session: string;
  readonly serverPid: number;
  readonly version: string;
  /**
   * Starts an agent's program in a window of its own. Resolves when it has been started, not when it works.
   * @throws HmsError `no-cwd`, `tmux-command`, `tmux-timeout`, `tmux-gone`
   */
  startPane(start: StartPane): Promise<{ readonly pane: PaneId; readonly pid: number }>;
  listPanes(): Promise<readonly PaneInfo[]>;
  /** Closes the pane and ends its program, by force when it ignores that. No error when it is gone already. */
  killPane(pane: PaneId): Promise<void>;
  /**
   * Pastes text (bracketed where the program asks for it), then Enter if wanted. Control characters other than line
   * breaks and tabs are left out. Leaves copy mode first.
   * @throws HmsError `input-off`, `pane-dead`, `pane-gone`: tmux itself would drop it without a word
   */
  sendText(pane: PaneId, text: string, enter: boolean): Promise<void>;
  /** Raw keyboard bytes, in order, nothing interpreted. @throws as sendText */
  sendBytes(pane: PaneId, bytes: Uint8Array): Promise<void>;
  /**
   * A shell command that gets from now on what the pane prints, on its standard input; `$HMS_PANE` is `COLS ROWS TERM`.
   * It ends with the pane. One that ran before is cut off. No error when the pane is gone.
   */
  pipe(pane: PaneId, command: string): Promise<void>;
  /** Ends what `pipe` began: it gets what tmux has handed over, and then the end of its input. */
  unpipe(pane: PaneId): Promise<void>;
  /** All agents' windows, and those that come, to this size; or one agent's alone. */
  resize(cols: number, rows: number, only?: PaneId): Promise<void>;
  /** The last `lines` lines of a pane as plain text. */
  capture(pane: PaneId, lines: number): Promise<string>;
  /** What these panes show now. @throws HmsError `tmux-failed` when one of them is gone, `tmux-timeout` */
  screens(panes: readonly PaneId[]): Promise<ReadonlyMap<PaneId, PaneScreen>>;
  /** Something happened to a pane (a hook fired, a window closed): look now. A hint, never the truth. */
  onHint(listener: () => void): () => void;
  /** The server is gone (exit, kill, crash). Fires once; at once when it is so already; never after detach or killServer. */
  onGone(listener: (detail: string) => void): () => void;
  /** Makes tmux reap children whose death it has missed (SIGCHLD to the server; tmux 3.3a loses pane deaths). */
  nudge(): void;
  /** Detaches the engine's clients; the server and its panes live on. */
  detach(): Promise<void>;
  /** Ends the server and everything in it; kills it by pid if it does not go. */
  killServer(): Promise<void>;
}
