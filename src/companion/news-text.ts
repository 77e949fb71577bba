import { reachedAt } from '../ports/forward.ts';
import type { News } from './messages.ts';

/** What is told of a port that came or went. */
export function newsText(news: News): string {
  if ('refused' in news)
    return `${news.refused} is protected: the VM may not change it. To allow it: [dev] unprotect in mvm.toml.`;
  const { forward, isOpen } = news;
  const { guestPort } = forward;
  return isOpen
    ? `${reachedAt(forward)} is port ${guestPort} of the VM, where something listens now.`
    : `Port ${guestPort} of the VM is closed: ${reachedAt(forward)} is free again.`;
}
