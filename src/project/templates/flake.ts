/** The arguments of mkGuest by output, as lines of Nix without their indentation. */
export interface FlakeOutputs {
  description: string;
  /** What `mvmctl dev up` boots. */
  dev: readonly string[];
  /** What `mvmctl up` runs; a template without a program has none. */
  run?: readonly string[];
}

const indented = (lines: readonly string[], by: number): string =>
  lines.map((line) => (line === '' ? '' : `${' '.repeat(by)}${line}`)).join('\n');

/** A flake as nixfmt formats it. */
export function flake({ description, dev, run }: FlakeOutputs): string {
  const output = (name: string, what: string, lines: readonly string[]) =>
    `          # ${what}
          ${name} = mvm.lib.\${system}.mkGuest {
${indented(lines, 12)}
          };`;
  const outputs = [
    output('dev', '`mvmctl dev up` opens a shell in this one.', dev),
    ...(run === undefined
      ? []
      : [output('default', '`mvmctl up` runs this one. It is sealed: no shell, no exec.', run)]),
  ];
  return `{
  description = "${description}";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
    mvm.url = "github:tinylabscom/mvm";
  };

  outputs =
    { nixpkgs, mvm, ... }:
    let
      each = nixpkgs.lib.genAttrs [
        "x86_64-linux"
        "aarch64-linux"
      ];
    in
    {
      packages = each (
        system:
        let
          pkgs = nixpkgs.legacyPackages.\${system};
        in
        {
${outputs.join('\n')}
        }
      );
    };
}
`;
}

/** A list of packages as an argument. */
export function packages(names: readonly string[]): string[] {
  return ['packages = with pkgs; [', ...names.map((name) => `  ${name}`), '];'];
}
