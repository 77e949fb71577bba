/** What each side may send of a new stream at once, in bytes. */
export const firstWindow = 32_768;
/** The most that a stream's window grows to, in bytes. */
const mostWindow = 524_288;
/** What the windows of all streams of a session may have beyond the first, in bytes. */
export const budget = 8 * 2 ** 20;

/** What is left of a session's budget. */
export interface Spare {
  bytes: number;
}

/** Bounds what the guest may have sent of a stream and nobody has taken; as guest/internal/mux/window.go. */
export interface Window {
  /** May still be sent. */
  open: number;
  /** `open`, and what was sent and is not taken yet. */
  held: number;
  /** Of the budget. */
  extra: number;
}

export const newWindow = (): Window => ({ open: firstWindow, held: firstWindow, extra: 0 });

/**
 * Gives how many more bytes the guest may send now, once `held` was lowered by what was taken: 0 while half of the window
 * is open. The window grows as far as the budget goes: only streams that are read have a large one.
 * @param streams how many share the budget
 */
export function grow(window: Window, streams: number, spare: Spare): number {
  const beyond = Math.max(window.held - firstWindow, 0);
  if (window.extra > beyond) {
    spare.bytes += window.extra - beyond;
    window.extra = beyond;
  }
  const target = Math.min(Math.max(Math.floor(budget / Math.max(streams, 1)), firstWindow), mostWindow);
  if (2 * window.held > target) return 0;
  const more = Math.min(target, firstWindow + window.extra + spare.bytes) - window.held;
  if (more <= 0) return 0;
  window.held += more;
  window.open += more;
  const need = Math.max(window.held - firstWindow, 0) - window.extra;
  window.extra += need;
  spare.bytes -= need;
  return more;
}

export function release(window: Window, spare: Spare): void {
  spare.bytes += window.extra;
  window.extra = 0;
}
