import type { ProjectMount, Settings } from '../../config/settings.ts';
import type { Image } from '../../image/load-image.ts';
import type { Place } from '../../ports/forward.ts';
import type { Project } from '../../project/project.ts';
import type { ShareMode } from '../../share/share.ts';
import type { Architecture, VmKind } from '../state/record.ts';
import type { Surroundings } from '../surroundings.ts';

/** What a person asks of `dev up` or `up`; what is absent is settled by environment, mvm.toml and image. */
export interface UpRequest {
  /** Another VM than the project's own of this kind. */
  name?: string | undefined;
  vcpus?: number | undefined;
  memoryMib?: number | undefined;
  arch?: Architecture | undefined;
  /** Begin with an empty disk. */
  reset?: boolean | undefined;
  flake?: string | undefined;
  profile?: string | undefined;
  nixpkgs?: string | undefined;
  /** False: boot it, also where it could be resumed from a template. */
  fromTemplate?: boolean | undefined;
  /** End it first where it runs. */
  restart?: boolean | undefined;
  /** Variables of what runs in it, over those of mvm.toml. */
  variables?: Readonly<Record<string, string>> | undefined;
  /** Ports to forward, beside those of mvm.toml. */
  ports?: readonly Place[] | undefined;
  /** How the project is shown, over what else says so. */
  mount?: ProjectMount | undefined;
  /** Other folders to show, or the project in another way. */
  mounts?: readonly MountFlag[] | undefined;
}

/** A folder as the command line names it. */
export interface MountFlag {
  /** A path, from the current folder. */
  host: string;
  guest?: string;
  mode?: ShareMode;
}

export interface UpOptions extends Surroundings, UpRequest {
  kind: VmKind;
  /** It is there for one command. */
  throwaway?: boolean;
  /** The caller attaches to the entrypoint of what it starts. */
  attended?: boolean;
  cwd: string;
  build?: ProjectBuild;
  /** Asks the user at the terminal; absent if there is none. */
  ask?: (question: string) => Promise<boolean>;
}

/** A project's flake, and images of it. */
export interface ProjectBuild {
  /** The image and its source; undefined if the default image should be used. */
  image: (request: ImageRequest) => Promise<{ image: Image; source?: BuiltSource } | undefined>;
  /**
   * What changed in the project since, as names of files and the like; empty where nothing did that the image depends on.
   * @param image the folder of the image that runs
   */
  changes: (request: ImageRequest, since: BuiltSource, image: string) => Promise<string[]>;
}

/** What an image was built from. */
export interface BuiltSource {
  /** SHA-256 of the files' names, modes and contents. */
  digest: string;
  /** When they were looked at, as ISO 8601. */
  readAt: string;
}

export interface ImageRequest {
  kind: VmKind;
  project: Project;
  settings: Settings;
  arch: Architecture;
}
