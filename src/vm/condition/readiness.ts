import { unitsOf } from '../../guest/services/units.ts';
import type { ServiceState, Unit } from '../../protocol/fields.ts';

/** How far a VM's services and entrypoint are. */
export type Readiness =
  /** `settleMs`: how much longer they have to stay so, since one may die in its first moment. */
  | { kind: 'ready'; settleMs: number }
  | { kind: 'waiting'; for: readonly Unit[] }
  /** This one will no longer become ready on its own. */
  | { kind: 'failed'; unit: Unit; entrypoint: boolean };

/**
 * A unit that runs and has no readiness check counts as ready from its first moment on: it is believed when it
 * has run for this long, in milliseconds.
 */
export const settleMs = 1000;

/** What the state says. A service that ended with 0 and is not started again has done its work. */
export function readiness({ entrypoint, services }: ServiceState): Readiness {
  if (entrypoint !== null && hasEnded(entrypoint))
    return { kind: 'failed', unit: entrypoint, entrypoint: true };
  const failed = services.find((unit) => hasEnded(unit) && !isDone(unit));
  if (failed !== undefined) return { kind: 'failed', unit: failed, entrypoint: false };
  const units = unitsOf({ services: services.filter((unit) => !isDone(unit)), entrypoint });
  const waiting = units.filter(({ state }) => state !== 'ready');
  if (waiting.length > 0) return { kind: 'waiting', for: waiting };
  const youngest = Math.min(settleMs, ...units.map(({ uptimeMs }) => uptimeMs ?? 0));
  return { kind: 'ready', settleMs: settleMs - youngest };
}

/** For good. Before its first start a unit is also `stopped`, but has no status. */
export function hasEnded({ state, status }: Unit): boolean {
  return state === 'failed' || (state === 'stopped' && status !== null);
}

function isDone(unit: Unit): boolean {
  return unit.state === 'stopped' && unit.status === 0 && unit.signal === null;
}

/** Describes a unit that is not ready: "redis: running (no answer on port 6379), restarted 3 times". */
export function describeUnit({ name, state, message, restarts }: Unit): string {
  const why = message === '' ? '' : ` (${message})`;
  const again = restarts === 0 ? '' : `, restarted ${restarts === 1 ? 'once' : `${restarts} times`}`;
  return `${name}: ${state === 'backoff' ? 'ended' : state}${why}${again}`;
}
