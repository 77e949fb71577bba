import { MvmError } from '../errors/mvm-error.ts';

/** What was wrong: the first five are the reasons of protocol/vectors/invalid.json. */
export type Reason =
  | 'type'
  | 'reserved'
  | 'stream'
  | 'length'
  | 'payload'
  | 'order'
  | 'json'
  | 'preamble'
  | 'credit';

/** The error for bytes from the guest that break the protocol (GUEST_PROTOCOL). */
export function violation(reason: Reason, message: string): MvmError {
  return new MvmError('GUEST_PROTOCOL', `The guest broke the protocol: ${message}.`, {
    details: [`reason: ${reason}`],
    hint: 'stop the VM and start it again; if it happens again, report it',
  });
}
