import * as v from 'valibot';

/** Where the project is in a VM, and where programs begin. */
export const workFolder = '/work';

/** Patterns of names: what the guest may not change, what it may nevertheless, and what is not there for it. */
export const ruleTexts = {
  protect: v.optional(v.array(v.string())),
  unprotect: v.optional(v.array(v.string())),
  hide: v.optional(v.array(v.string())),
};

/** A folder of the host that a VM shows, as a boot has it. */
export const shareSchema = v.object({
  /** The folder's real path. */
  host: v.string(),
  /** Where it is in the guest. */
  guest: v.string(),
  /**
   * `live`: what is written in the guest is written to the folder. `overlay`: it is kept with the VM. `ro`: nothing is written.
   */
  mode: v.picklist(['live', 'ro', 'overlay']),
  ...ruleTexts,
});
export type Share = v.InferOutput<typeof shareSchema>;
export type ShareMode = Share['mode'];
