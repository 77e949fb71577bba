import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MvmError } from '../errors/mvm-error.ts';
import { type Carried, carryShare } from '../share/fuse/carry.ts';
import { type NodeLog, openNodeLog } from '../share/fuse/node-log.ts';
import { createServer, type ShareServer } from '../share/fuse/server.ts';
import { openTree } from '../share/open-tree.ts';
import { type ChangeOptions, changeOpen } from '../share/overlay/change-open.ts';
import type { Done } from '../share/overlay/changes/shown-change.ts';
import type { OpenOverlay } from '../share/overlay/open-overlay.ts';
import { type Share, workFolder } from '../share/share.ts';
import { pathInWords } from '../share/words.ts';
import type { Session } from '../streams/session.ts';

/** Between a lost guest and the next try, in milliseconds. */
const againMs = 200;
/** Who has all files in the guest: root, as whom people work there. */
const owner = { uid: 0, gid: 0 };

/** The folders of the host that a VM shows. */
export interface Sharer {
  /** Resolves when programs in the guest can use them. Throws GUEST_REFUSED; nothing happens to those that are shown already. */
  show(shares: readonly Share[]): Promise<void>;
  /** Applies or discards changes of an overlay; the guest sees what became of them. Throws as these do. */
  change(guest: string, options: ChangeOptions): Done;
  /** Those that are shown. */
  readonly work: readonly Share[];
  close(): void;
}

interface Shown {
  share: Share;
  ready: Promise<void>;
  carried: Carried | undefined;
  log: NodeLog;
  overlay: OpenOverlay | undefined;
  server: ShareServer | undefined;
}

/**
 * @param session the guest's, as soon as there is one
 * @param over the companion's end
 * @param tell a line for the log
 * @param onRefused told of each file that a guest was not allowed to change
 */
export function createSharer(
  { runtimeDir, overlays }: { runtimeDir: string; overlays: string },
  session: () => Promise<Session>,
  over: AbortSignal,
  tell: (text: string) => void,
  onRefused: (path: string) => void,
): Sharer {
  const shown = new Map<string, Shown>();

  /** Serves it in one session after the other. */
  async function serve(one: Shown, first: PromiseWithResolvers<void>): Promise<void> {
    const { share, log } = one;
    let { earlier } = log;
    while (!over.aborted) {
      try {
        if (share.mode === 'overlay') one.overlay ??= await open(overlays, share);
        const how = {
          to: 'share',
          path: share.guest,
          readOnly: share.mode === 'ro',
          work: share.guest === workFolder,
        };
        const tree = openTree(share, one.overlay?.tree(), (path) =>
          onRefused(`${share.guest}/${pathInWords(path)}`),
        );
        const carried = carryShare(await session(), how, (send) => {
          const server = createServer({
            tree,
            owner,
            isReadOnly: share.mode === 'ro',
            send(message) {
              log.flush(() => server.records());
              send(message);
            },
            note: log.note,
            ...(earlier && { earlier }),
          });
          one.server = server;
          return {
            take: server.take,
            close() {
              earlier = [...server.records()];
              one.server = undefined;
              server.close();
            },
          };
        });
        one.carried = carried;
        carried.ready.then(first.resolve, first.reject);
        const reason = await carried.over;
        one.carried = undefined;
        if (reason !== 'gone' && !over.aborted) tell(`${share.guest}: ${reason}`);
        if (reason === 'bad_request' || reason.startsWith('failed: ')) return;
      } catch (error) {
        first.reject(error);
        if (!over.aborted) tell(`${share.guest}: ${String(error)}`);
      }
      await delay(againMs, undefined, { signal: over }).catch(() => {});
    }
  }

  return {
    async show(shares) {
      for (const share of shares) {
        if (shown.has(share.guest)) continue;
        const first = Promise.withResolvers<void>();
        first.promise.catch(() => {});
        // The guest's path names the log: it is what both processes have in common.
        const name = `share-${Buffer.from(share.guest).toString('base64url').slice(0, 100)}.log`;
        const log = openNodeLog(join(runtimeDir, name));
        const one: Shown = {
          share,
          ready: first.promise,
          carried: undefined,
          log,
          overlay: undefined,
          server: undefined,
        };
        shown.set(share.guest, one);
        void serve(one, first);
      }
      for (const { guest, host } of shares) {
        try {
          await shown.get(guest)?.ready;
        } catch (error) {
          shown.delete(guest);
          throw refusal(error instanceof Error ? error.message : String(error), host, guest);
        }
      }
    },
    change(guest, options) {
      const { overlay, server } = shown.get(guest) ?? {};
      if (overlay === undefined)
        throw new MvmError('FILE_UNUSABLE', `${guest} is no folder whose changes this VM keeps.`);
      // Nothing that the guest asks is answered before this is done.
      const done = changeOpen(overlay, options);
      server?.releaseFiles();
      server?.changed();
      return done;
    },
    get work() {
      return [...shown.values()].map(({ share }) => share);
    },
    close() {
      for (const { carried, log, overlay } of shown.values()) {
        carried?.end();
        log.close();
        void overlay?.close();
      }
    },
  };
}

function refusal(reason: string, host: string, guest: string): MvmError {
  if (reason === 'bad_request')
    return new MvmError(
      'GUEST_REFUSED',
      "The VM's image is too old to show a folder: its agent mounts none.",
      {
        hint: 'mvmctl dev up --restart   (or mvmctl build --rebuild, and start it again)',
      },
    );
  const why = reason.replace(/^failed: /, '');
  return new MvmError('GUEST_REFUSED', `The VM can't show ${host} at ${guest}: ${why}.`, {
    hint: 'mvmctl dev up --restart --no-mount',
  });
}

/** Most VMs have none, and no need for what it takes. */
async function open(overlays: string, share: Share): Promise<OpenOverlay> {
  const { openOverlay, overlayName } = await import('../share/overlay/open-overlay.ts');
  return openOverlay(join(overlays, overlayName(share.guest)), share, 'wait');
}
