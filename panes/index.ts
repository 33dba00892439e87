/** The one table of panes, and of what lies over them. */
import type { ComponentType } from 'react';
import type { Focus, Overlay } from '../src/console/state.ts';
import { Agents } from './agents.tsx';
import { Approvals } from './approvals.tsx';
import { AskTimeline } from './ask-timeline.tsx';
import { Change } from './change.tsx';
import { Chaos, ChaosPage } from './chaos.tsx';
import { Choose } from './choose.tsx';
import { Edit, Review } from './edit.tsx';
import { EventDetail } from './event-detail.tsx';
import { Grid } from './grid.tsx';
import { HealingPage } from './healing.tsx';
import { Help } from './help.tsx';
import { Palette } from './palette.tsx';
import type { PaneProps } from './pane.tsx';
import { Paste } from './paste.tsx';
import { Prompt } from './prompt.tsx';
import { Resources } from './resources.tsx';
import { Screen } from './screen.tsx';
import { Timeline } from './timeline.tsx';
import { Tokens } from './tokens.tsx';
import { Tray } from './tray.tsx';
import { WholeAction } from './whole-action.tsx';
import { Why } from './why.tsx';
import { Worktree } from './worktree.tsx';

export const PANES: Readonly<Record<Focus, ComponentType<PaneProps>>> = {
  agents: Agents,
  screen: Screen,
  grid: Grid,
  approvals: Approvals,
  tray: Tray,
  timeline: Timeline,
  chaos: Chaos,
};

export const OVERLAYS: Readonly<Record<Overlay['kind'], ComponentType<PaneProps>>> = {
  help: Help,
  resources: Resources,
  tokens: Tokens,
  chaos: ChaosPage,
  healing: HealingPage,
  experiment: AskTimeline,
  change: Change,
  worktree: Worktree,
  choose: Choose,
  why: Why,
  event: EventDetail,
  action: WholeAction,
  palette: Palette,
  seek: Prompt,
  filter: Prompt,
  confirm: Prompt,
  name: Prompt,
  note: Prompt,
  reason: Prompt,
  find: AskTimeline,
  time: AskTimeline,
  mail: AskTimeline,
  message: Prompt,
  leave: Prompt,
  edit: Edit,
  review: Review,
  paste: Paste,
};

export { Footer } from './footer.tsx';
export { Header } from './header.tsx';
export { Small } from './small.tsx';
