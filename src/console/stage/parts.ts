/** What the stage is given: a tmux client on one pane, and a recording of what it shows. */

/** A tmux client on one pane. */
export interface StagePane {
  write(bytes: Uint8Array): void;
  resize(cols: number, rows: number): void;
  redraw(): void;
  line(text: string): void;
  mouse(on: boolean): void;
  onBytes(listener: (bytes: Buffer) => void): void;
  onEnded(listener: () => void): void;
  close(): Promise<void>;
  /** At once: what was written and tmux has not read yet is dropped. */
  cut(): void;
  drop(): void;
}

export type OpenStagePane = (options: {
  readonly socket: string;
  readonly session: string;
  readonly pane: string;
  readonly cols: number;
  readonly rows: number;
  readonly features: readonly string[];
  /** tmux's options for styles. */
  readonly styles: Readonly<Record<string, string>>;
  readonly mouse: boolean;
}) => Promise<StagePane>;

/** What an operator sees on stage, on its way into a recording. */
export interface StageRecording {
  output(bytes: Uint8Array): void;
  resize(cols: number, rows: number): void;
  marker(label: string): void;
  close(): void;
}

export type OpenStageRecording = (options: {
  readonly folder: string;
  readonly operator: string;
  readonly session: string;
  readonly agent: string;
  readonly cols: number;
  readonly rows: number;
  readonly now: number;
  /** Told once, in words, when nothing more can be recorded. */
  onTrouble(words: string): void;
}) => Promise<StageRecording>;
