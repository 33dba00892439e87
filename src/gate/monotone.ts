/**
 * How a policy condition answers to more approvals. Three-valued decisions ask "what if n more people agreed?"; that
 * question has an answer only when a permit never ends, and a forbid never begins, because more people agreed.
 * Works on Cedar's JSON form of expressions (docs.cedarpolicy.com, "JSON policy format").
 */

/** up: true sooner with more approvals. down: false sooner. mixed: neither. none: approvals do not matter. */
type Trend = 'none' | 'up' | 'down' | 'mixed';

interface ApprovalUse {
  readonly trend: Trend;
  /** The largest number approvals are compared with. */
  readonly most: number;
  /** It asks who has approved, not only how many. */
  readonly byName: boolean;
}

const COUNTS = new Set(['approvalCount', 'leadCount']);
const UNUSED: ApprovalUse = { trend: 'none', most: 0, byName: false };

type Node = Readonly<Record<string, unknown>>;

/** What the conditions of one policy ask of approvals. */
export function approvalUse(
  conditions: readonly { readonly kind: string; readonly body: unknown }[],
): ApprovalUse {
  return conditions
    .map(({ kind, body }) => (kind === 'unless' ? flipped(readUse(body)) : readUse(body)))
    .reduce(joined, UNUSED);
}

function readUse(expression: unknown): ApprovalUse {
  const [operator, body] = Object.entries(asNode(expression))[0] ?? ['', undefined];
  const node = asNode(body);
  const left = (): ApprovalUse => readUse(node['left']);
  const right = (): ApprovalUse => readUse(node['right']);
  switch (operator) {
    case 'Value':
      return typeof body === 'number' ? { ...UNUSED, most: body } : UNUSED;
    case 'Var':
    case 'Slot':
    case 'has':
      return UNUSED;
    case '.':
      return attributeOf(node);
    case '!':
    case 'neg':
    case 'isEmpty':
      return flipped(readUse(node['arg']));
    case '&&':
    case '||':
    case '+':
    case 'containsAny':
      return joined(left(), right());
    case '-':
    case 'containsAll':
      return joined(left(), flipped(right()));
    case '>=':
      return compared(joined(left(), flipped(right())));
    case '>':
      return more(compared(joined(left(), flipped(right()))));
    case '<=':
      return more(compared(joined(flipped(left()), right())));
    case '<':
      return compared(joined(flipped(left()), right()));
    case 'contains':
      return joined(left(), either(right()));
    default:
      return either(inside(body));
  }
}

function attributeOf(node: Node): ApprovalUse {
  const attribute = node['attr'];
  if (asNode(node['left'])['Var'] !== 'context') return either(readUse(node['left']));
  if (attribute === 'approvals') return { trend: 'up', most: 1, byName: true };
  return typeof attribute === 'string' && COUNTS.has(attribute) ? { ...UNUSED, trend: 'up' } : UNUSED;
}

/** Whatever is found in an operator that has no direction. */
function inside(body: unknown): ApprovalUse {
  const parts = Array.isArray(body) ? body : Object.values(asNode(body));
  return parts.map(part => readUse(part)).reduce(joined, UNUSED);
}

function joined(a: ApprovalUse, b: ApprovalUse): ApprovalUse {
  const trend = a.trend === 'none' ? b.trend : b.trend === 'none' || a.trend === b.trend ? a.trend : 'mixed';
  return { trend, most: Math.max(a.most, b.most), byName: a.byName || b.byName };
}

function flipped(use: ApprovalUse): ApprovalUse {
  return { ...use, trend: use.trend === 'up' ? 'down' : use.trend === 'down' ? 'up' : use.trend };
}

/** It has no direction: with approvals in it nothing can be foreseen. */
function either(use: ApprovalUse): ApprovalUse {
  return use.trend === 'none' ? use : { ...use, trend: 'mixed' };
}

/** A comparison without approvals says nothing about how many are needed. */
function compared(use: ApprovalUse): ApprovalUse {
  return use.trend === 'none' ? UNUSED : use;
}

/** `> 1` asks for two. */
function more(use: ApprovalUse): ApprovalUse {
  return use.trend === 'none' ? use : { ...use, most: use.most + 1 };
}

function asNode(value: unknown): Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Node) : {};
}
