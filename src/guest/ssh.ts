import { createReadStream } from 'node:fs';
import { MvmError } from '../errors/mvm-error.ts';
import { connectChannel, type GuestAccess } from './channel/connect.ts';
import { guestLost, refused } from './channel/failure.ts';

/** The SSH server that a guest is to run. */
export interface SshServer {
  /** The program's file, and its SHA-256 in hex. */
  program: string;
  digest: string;
  /** The seed of its key, and the public key of who may log in, in base64. */
  hostKey: string;
  userKey: string;
  /** What its sessions get on top of the image's environment. */
  env: Readonly<Record<string, string>>;
}

/**
 * Has the guest run the server, which it is handed if it does not have it. Throws GUEST_REFUSED (also where its agent knows
 * nothing of this), GUEST_LOST, GUEST_PROTOCOL, FILE_UNUSABLE, the abort reason.
 */
export async function runSshServer(
  guest: GuestAccess,
  server: SshServer,
  signal?: AbortSignal,
): Promise<void> {
  const { program, ...open } = server;
  const channel = await connectChannel(guest, { op: 'ssh', ...open }, signal);
  let sent: Promise<unknown> = Promise.resolve();
  for await (const message of channel) {
    if (message.type === 'error') throw refusal(message);
    if (message.type === 'result') return void (await sent);
    if (message.type !== 'started' || message.fields.present) continue;
    sent = send(program, channel).catch(async (error: unknown) => {
      await channel.close();
      return error;
    });
  }
  const failure = await sent;
  throw failure instanceof Error
    ? new MvmError('FILE_UNUSABLE', `Can't read ${program}: ${failure.message}.`, { cause: failure })
    : guestLost('before its SSH server ran');
}

async function send(
  program: string,
  channel: { writeInput(bytes: Buffer): Promise<void>; endInput(): Promise<void> },
): Promise<void> {
  for await (const piece of createReadStream(program)) await channel.writeInput(piece as Buffer);
  await channel.endInput();
}

/** An image that was built before there was this has another agent. */
function refusal(message: Parameters<typeof refused>[0]): MvmError {
  if (message.code !== 'unknown_op') return refused(message);
  return new MvmError('GUEST_REFUSED', "The VM's image is too old for SSH: its agent takes no server.", {
    hint: 'mvmctl dev up --restart   (or mvmctl build --rebuild, and start it again)',
  });
}
