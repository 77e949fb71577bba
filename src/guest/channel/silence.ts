/** How often it is looked, in milliseconds. Looks are counted, not time: a host that slept heard nothing either. */
const lookMs = 500;
/** Checks without any data before the guest is asked, and before it counts as silent: 3 seconds. */
const ask = 2;
const silent = 6;

/** @param silent for at least three seconds; false when it is heard again */
export type SilenceListener = (silent: boolean) => void;

export interface SilenceWatch {
  /** From now on the command waits for the guest, and reads its output. */
  waiting(): void;
  /** It sent something, or its output is not being read at the moment. */
  heard(): void;
  stop(): void;
}

/**
 * Watches whether a guest answers while it is waited for.
 * @param ping asks it for a sign of life
 */
export function watchSilence(ping: () => void, onChange: SilenceListener): SilenceWatch {
  let isWaiting = false;
  let looks = 0;
  let isSilent = false;
  const timer = setInterval(() => {
    if (!isWaiting) return;
    looks++;
    if (looks === ask) ping();
    if (looks === silent && !isSilent) {
      isSilent = true;
      onChange(true);
    }
  }, lookMs);
  return {
    waiting() {
      isWaiting = true;
    },
    heard() {
      isWaiting = false;
      looks = 0;
      if (!isSilent) return;
      isSilent = false;
      onChange(false);
    },
    stop: () => clearInterval(timer),
  };
}
