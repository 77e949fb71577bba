import { reachedAt } from '../ports/forward.ts';
import type { News } from './messages.ts';

/** What is told of a port that came or went. */
export function newsText({ forward, isOpen }: News): string {
  const { guestPort } = forward;
  return isOpen
    ? `${reachedAt(forward)} is port ${guestPort} of the VM, where something listens now.`
    : `Port ${guestPort} of the VM is closed: ${reachedAt(forward)} is free again.`;
}
