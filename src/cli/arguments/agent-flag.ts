/** Of commands that start something in a VM. */
export const agentFlag = {
  flags: '--ssh-agent',
  description: "let programs in the VM use this host's ssh-agent; the keys stay there",
} as const;
