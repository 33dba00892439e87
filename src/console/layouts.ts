// biome-ignore-all format: made from data
// Made from layouts/*.yaml: change those, then run `vitest run test/console/layouts.test.ts -u`.
import { type Plan, planOf } from './plan.ts';

export const missionControl: Plan = planOf({
  "about": "agents, one agent's screen, the queue, the timeline",
  "main": "screen",
  "rows": [
    {
      "columns": [
        {
          "pane": "agents",
          "size": 30,
          "min": 28,
          "yields": 2
        },
        {
          "pane": "screen",
          "min": 50,
          "yields": 4
        },
        {
          "pane": "approvals",
          "size": "30%",
          "min": 42,
          "max": 64,
          "yields": 1,
          "over": "screen"
        }
      ]
    },
    {
      "columns": [
        {
          "pane": "timeline",
          "min": 58,
          "yields": 2
        },
        {
          "pane": "tray",
          "min": 58,
          "yields": 1,
          "over": "timeline"
        }
      ],
      "size": "28%",
      "min": 6,
      "max": 13
    }
  ]
});

export const grid: Plan = planOf({
  "about": "all agents live",
  "main": "grid",
  "columns": [
    {
      "pane": "grid",
      "yields": 2
    }
  ]
});

export const focus: Plan = planOf({
  "about": "one agent's screen, with a slim list beside it",
  "main": "screen",
  "tmux": "windows",
  "columns": [
    {
      "pane": "agents",
      "size": 30,
      "min": 28,
      "yields": 1
    },
    {
      "pane": "screen",
      "min": 80,
      "yields": 2
    }
  ]
});

export const review: Plan = planOf({
  "about": "the queue large, and beside it who asks and what happened",
  "main": "screen",
  "columns": [
    {
      "pane": "approvals",
      "min": 50,
      "weight": 3,
      "yields": 3
    },
    {
      "rows": [
        {
          "pane": "screen",
          "min": 8,
          "weight": 2,
          "yields": 2
        },
        {
          "pane": "agents",
          "size": "25%",
          "min": 6,
          "yields": 1
        },
        {
          "pane": "timeline",
          "size": "25%",
          "min": 6,
          "yields": 1
        },
        {
          "pane": "tray",
          "size": "25%",
          "min": 6,
          "yields": 1,
          "over": "timeline"
        }
      ],
      "min": 30,
      "weight": 2
    }
  ]
});

export const warRoom: Plan = planOf({
  "about": "all agents live, the queue, the timeline",
  "main": "grid",
  "rows": [
    {
      "columns": [
        {
          "pane": "grid",
          "min": 60,
          "yields": 4
        },
        {
          "pane": "approvals",
          "size": "28%",
          "min": 44,
          "max": 70,
          "yields": 2,
          "over": "grid"
        }
      ]
    },
    {
      "columns": [
        {
          "pane": "agents",
          "size": 32,
          "min": 28,
          "yields": 1
        },
        {
          "pane": "timeline",
          "min": 50,
          "weight": 2,
          "yields": 3
        },
        {
          "pane": "tray",
          "min": 50,
          "yields": 2,
          "over": "timeline"
        }
      ],
      "size": "30%",
      "min": 6,
      "max": 16
    }
  ]
});

export const gameDay: Plan = planOf({
  "about": "all agents live, what is broken on purpose, the queue, the timeline",
  "main": "grid",
  "rows": [
    {
      "columns": [
        {
          "pane": "grid",
          "min": 56,
          "yields": 4
        },
        {
          "pane": "chaos",
          "size": "36%",
          "min": 50,
          "max": 84,
          "yields": 3,
          "over": "grid"
        }
      ]
    },
    {
      "columns": [
        {
          "pane": "agents",
          "size": 32,
          "min": 28,
          "yields": 1
        },
        {
          "pane": "timeline",
          "min": 44,
          "weight": 2,
          "yields": 2
        },
        {
          "pane": "approvals",
          "size": "30%",
          "min": 42,
          "max": 64,
          "yields": 1,
          "over": "timeline"
        }
      ],
      "size": "38%",
      "min": 12,
      "max": 18
    }
  ]
});

/** By name, in the order they are offered. */
export const LAYOUTS: Readonly<Record<string, Plan>> = {
  'mission-control': missionControl,
  'grid': grid,
  'focus': focus,
  'review': review,
  'war-room': warRoom,
  'game-day': gameDay,
};
