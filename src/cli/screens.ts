/** Agents' screens for a console: a connection to tmux of its own, and a client of its own for an agent on stage. */
import type { OpenScreens } from '../console/screens.ts';
import type { OpenStagePane, OpenStageRecording } from '../console/stage/parts.ts';
import { AgentId, OperatorId } from '../model/ids.ts';

export const openScreens: OpenScreens = async tmux => {
  // Not on the first frame, and the terminals behind it take 20 ms to load.
  const [source, { openPaneStream }] = await Promise.all([
    import('../screens/source.ts'),
    import('../tmux/pane-stream.ts'),
  ]);
  const opened = await source.openScreens(() => openPaneStream(tmux));
  return {
    draw: (pane, surface, area) => void opened.draw(pane, surface, area),
    setVisible: panes => opened.setVisible(panes),
    onChange: listener => opened.onChange(listener),
    recall: pane => opened.recall(pane),
    keep: text => opened.keep(text),
    close: () => void opened.close(),
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
