# The guest agent from source.
{ pkgs, system }:
pkgs.buildGoModule {
  pname = "mvm-init";
  version = "0.1.0";
  src = ../../guest;
  vendorHash = "sha256-o0NGRbCxDjVd9XOHirCJyQJGprCNEQad62g0z4uMYD8=";
  subPackages = [ "cmd/mvm-init" ];
  env.CGO_ENABLED = "0";
  ldflags = [
    "-s"
    "-w"
    "-X main.version=0.1.0"
  ];
  # They want root and a virtual machine.
  doCheck = false;
}
