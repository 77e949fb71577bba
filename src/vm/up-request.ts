import type { Settings } from '../config/settings.ts';
import type { Image } from '../image/load-image.ts';
import type { Project } from '../project/project.ts';
import type { Architecture, VmKind } from './record.ts';
import type { Surroundings } from './surroundings.ts';

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
  /** Variables of what runs in it, over those of mvm.toml. */
  variables?: Readonly<Record<string, string>> | undefined;
}

export interface UpOptions extends Surroundings, UpRequest {
  kind: VmKind;
  /** The caller attaches to the entrypoint of what it starts. */
  attended?: boolean;
  cwd: string;
  /** The image of the project's flake; undefined where it is the default image that is to be used. */
  projectImage?: (request: ImageRequest) => Promise<Image | undefined>;
}

export interface ImageRequest {
  kind: VmKind;
  project: Project;
  settings: Settings;
  arch: Architecture;
}
