/** Agents' screens for a console: a connection to tmux of its own, and a client of its own for an agent on stage. */
import type { OpenScreens } from '../console/screens.ts';
import type { OpenStagePane, OpenStageRecording } from '../console/stage/parts.ts';
import { AgentId, OperatorId } from '../model/ids.ts';
import { openScreens as openSource } from '../screens/source.ts';
import { openPaneStream } from '../tmux/pane-stream.ts';

export const openScreens: OpenScreens = async tmux => {
  const source = await openSource(() => openPaneStream(tmux));
  return {
    draw: (pane, surface, area) => void source.draw(pane, surface, area),
    setVisible: panes => source.setVisible(panes),
    onChange: listener => source.onChange(listener),
    recall: pane => source.recall(pane),
    keep: text => source.keep(text),
    close: () => void source.close(),
  };
};

export const openPane: OpenStagePane = async options => (await import('../tmux/stage.ts')).openStage(options);

export const openRecording: OpenStageRecording = async ({ operator, agent, ...options }) =>
  (await import('../recording/writer.ts')).openStage({
    ...options,
    operator: OperatorId.parse(operator),
    agent: AgentId.parse(agent),
    terminal: process.env.TERM ?? '',
  });
