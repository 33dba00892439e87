/** The part of the reducer that is about the gate: requests, what people decided of them, grants. */
import { count, type Reducers, without } from './reducers.ts';
import { type FleetState, type GrantState, type RequestState, SETTLED_KEPT } from './state.ts';

function onRequest(
  state: FleetState,
  id: string,
  change: (r: RequestState) => Partial<RequestState>,
): FleetState {
  const request = state.pending[id];
  if (!request) return state;
  return { ...state, pending: { ...state.pending, [id]: { ...request, ...change(request) } } };
}

export const GATE: Reducers = {
  'gate.requested': (s, { seq, time, data }) => {
    const { request, policy: _policy, ...rest } = data;
    const entry: RequestState = {
      ...rest,
      id: request,
      seq,
      at: time,
      approvals: [],
      deferredUntil: 0,
      edited: null,
      outcome: null,
      reason: '',
      settledAt: 0,
      exit: null,
    };
    return count(
      { ...s, pending: { ...s.pending, [request]: entry } },
      { requests: 1, held: data.verdict === 'hold' ? 1 : 0 },
    );
  },
  'approval.decided': (s, { data, actor, time }) =>
    onRequest(s, data.request, r => ({
      approvals: [...r.approvals, { by: actor.id, decision: data.decision, at: time, note: data.note }],
      edited: data.edited ?? r.edited,
    })),
  'approval.deferred': (s, { data }) => onRequest(s, data.request, () => ({ deferredUntil: data.until })),
  'gate.settled': (s, { data, time }) => {
    const request = s.pending[data.request];
    if (!request) return s;
    const ended: RequestState = { ...request, outcome: data.outcome, reason: data.reason, settledAt: time };
    const grant = data.grant ? s.grants[data.grant] : undefined;
    return count(
      {
        ...s,
        pending: without(s.pending, data.request),
        settled: [ended, ...s.settled].slice(0, SETTLED_KEPT),
        grants: grant ? { ...s.grants, [grant.id]: { ...grant, used: grant.used + 1 } } : s.grants,
      },
      {
        approved: data.outcome === 'approved' || data.outcome === 'overridden' ? 1 : 0,
        denied: data.outcome === 'denied' || data.outcome === 'expired' ? 1 : 0,
        forbidden: data.outcome === 'forbidden' ? 1 : 0,
      },
    );
  },
  'gate.effected': (s, { data }) => {
    const at = s.settled.findIndex(r => r.id === data.request);
    const request = s.settled[at];
    if (!request) return s;
    return { ...s, settled: s.settled.with(at, { ...request, exit: data.exit }) };
  },
  'grant.issued': (s, { data, actor, time }) => {
    const grant: GrantState = {
      id: data.grant,
      agent: data.agent,
      digest: data.match.digest,
      shape: data.match.shape,
      uses: data.uses,
      used: 0,
      expires: data.expires,
      override: data.override,
      reason: data.reason,
      by: actor.id,
    };
    // Those that let nothing through any more go when a new one comes.
    const good = Object.entries(s.grants).filter(([, g]) => g.used < g.uses && g.expires > time);
    return { ...s, grants: { ...Object.fromEntries(good), [data.grant]: grant } };
  },
  'grant.revoked': (s, { data }) => ({ ...s, grants: without(s.grants, data.grant) }),
};
