/** What an engine writes down when it takes charge. */
import { cellActor, subject } from '../cells/cell.ts';
import type { Data } from '../model/event.ts';
import type { TmuxServer } from '../tmux/types.ts';
import type { Configuration } from './configuration.ts';
import { configuredDrafts } from './configured.ts';
import type { Core } from './core.ts';
import type { EngineOptions } from './options.ts';

interface Charge {
  readonly options: EngineOptions;
  readonly configuration: Configuration;
  /** Problems of the fleet file, where the kept configuration is taken instead. */
  readonly instead: readonly string[];
  readonly tmux: TmuxServer;
  readonly after: Data<'engine.started'>['after'];
}

export function announce(core: Core, { options, configuration, instead, tmux, after }: Charge): void {
  const { paths, version, owner, file } = options;
  const by = { actor: cellActor('engine'), subject: subject.fleet };
  core.emit(
    {
      kind: 'engine.started',
      ...by,
      data: { pid: process.pid, version, fleet: paths.fleet, dir: paths.dir, after },
    },
    ...configuredDrafts(configuration, owner, by.actor),
    { kind: 'tmux.started', ...by, data: { pid: tmux.serverPid, version: tmux.version } },
  );
  for (const { file: policy, line, col, message, help } of configuration.warnings) {
    const text = `${policy}:${line}:${col}: ${message} ${help}`.trim();
    core.emit({ kind: 'engine.noted', ...by, data: { level: 'warning', text, detail: null } });
  }
  if (instead.length === 0) return;
  const text = `${file} cannot be used: the engine goes on with the configuration that was in force`;
  core.emit(
    { kind: 'engine.noted', ...by, data: { level: 'error', text, detail: [...instead] } },
    { kind: 'config.refused', ...by, data: { problems: [...instead] } },
  );
}
