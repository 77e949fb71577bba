# The guest agent from source; a sealed one is compiled without the code of console and exec.
{ pkgs, sealed }:
pkgs.buildGoModule {
  pname = if sealed then "mvm-init-sealed" else "mvm-init";
  version = "0.1.0";
  src = ../../guest;
  vendorHash = "sha256-o0NGRbCxDjVd9XOHirCJyQJGprCNEQad62g0z4uMYD8=";
  subPackages = [ "cmd/mvm-init" ];
  tags = if sealed then [ "sealed" ] else [ ];
  env.CGO_ENABLED = "0";
  ldflags = [
    "-s"
    "-w"
    "-E main.start"
    "-X main.version=0.1.0"
  ];
  # They want root and a virtual machine.
  doCheck = false;
}
