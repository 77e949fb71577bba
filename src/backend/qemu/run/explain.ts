interface Reason {
  pattern: RegExp;
  text: string;
  hint?: string;
}

/** What QEMU's own words mean for the user. The first that fits wins. */
const reasons: readonly Reason[] = [
  {
    pattern: /Failed to get "(write|consistent read)" lock/,
    text: ': another QEMU uses the same disk',
    hint: 'mvmctl ls',
  },
  {
    pattern: /[Cc]annot allocate memory|cannot set up guest memory/,
    text: ': the host has not enough free memory',
    hint: 'Ask for less with --memory, or see: free -m',
  },
  {
    pattern: /Could not access KVM|failed to initialize kvm/i,
    text: ': KVM is not usable',
    hint: 'mvmctl doctor',
  },
  { pattern: /No space left on device/, text: ': the disk is full', hint: 'df -h' },
  { pattern: /[Cc]ould not open '[^']*': Permission denied/, text: ': a file may not be opened' },
  {
    pattern: /[Ff]ailed to (bind|find an available) .*socket|Address already in use/,
    text: ': a socket is in use',
  },
  {
    pattern: /could not (load|find) [^\n]*qboot\.rom/i,
    text: ': the firmware qboot.rom, a part of QEMU, is not installed',
    hint: 'mvmctl doctor',
  },
  {
    pattern: /is not a valid device model name|unsupported machine type|invalid accelerator/i,
    text: ': this QEMU was built without a part that is needed',
    hint: 'mvmctl doctor',
  },
];

/** A clause to append to a message (empty where nothing is known) and a hint. */
export function explain(log: string): { text: string; hint: string | undefined } {
  const found = reasons.find((reason) => reason.pattern.test(log));
  return { text: found?.text ?? '', hint: found?.hint };
}
