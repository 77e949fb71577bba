import { MvmError } from '../../errors/mvm-error.ts';
import type { GuestError } from '../../protocol/guest-messages.ts';

/** GUEST_LOST: the stream ended before the operation did. */
export function guestLost(what: string, cause?: unknown): MvmError {
  return new MvmError('GUEST_LOST', `The connection to the guest ended ${what}.`, {
    hint: 'mvmctl ls',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** GUEST_SILENT: the guest did not answer at all. */
export function noAnswer(ms: number, vm: string | undefined): MvmError {
  const whose = vm === undefined ? '' : ` of '${vm}'`;
  return new MvmError('GUEST_SILENT', `The guest${whose} did not answer within ${ms / 1000} s.`, {
    hint: 'mvmctl ls',
  });
}

/**
 * The error for an ERROR frame. The guest's words are quoted as such; its hint is not shown as ours, because the
 * guest is not trusted to tell the user what to run on the host.
 */
export function refused(message: GuestError): MvmError {
  const [first = '', ...more] = message.message.split('\n');
  const said = (first === '' ? message.code : first).replace(/\.$/, '');
  const details = message.hint ? [...more, `The guest says: ${message.hint}`] : more;
  const options = details.length === 0 ? {} : { details };
  switch (message.code) {
    case 'not_found':
      return new MvmError('EXEC_NOT_FOUND', `The guest can't run ${said}.`, options);
    case 'not_executable':
      return new MvmError('EXEC_NOT_EXECUTABLE', `The guest can't run ${said}.`, options);
    case 'no_such_user':
    case 'bad_directory':
    case 'not_accessible':
    case 'start_failed':
      return new MvmError('GUEST_REFUSED', `The guest refused: ${said}.`, options);
    case 'no_such_service':
      return new MvmError('SERVICE_NOT_FOUND', `${capital(said)}.`, options);
    case 'failed':
      return new MvmError('SERVICE_FAILED', `${capital(said)}.`, options);
    case 'unknown_op':
      return new MvmError('GUEST_REFUSED', `The guest's agent does not offer this: ${said}.`, options);
    case 'protocol':
      return new MvmError('GUEST_PROTOCOL', `The guest did not understand the host: ${said}.`, options);
    default:
      return new MvmError('GUEST_REFUSED', `The guest refused (${message.code}): ${said}.`, options);
  }
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
