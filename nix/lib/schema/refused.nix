# Arguments of the original's mkGuest that are not taken: for each why, and what to write.
{
  bakeAddonDns = "names of the host and its network are resolved without it. Leave it out.";
  bootCommand =
    "the VM's first process is mvm's agent, which starts `entrypoint`. Leave it out, and give `entrypoint` the program.";
  cacert = "certificates are in every image. For one of your own: extraFiles.\"/etc/ssl/certs/my.crt\" = ./my.crt;.";
  guestAgent = "the agent comes with mvm. Leave it out.";
  role = "all images are people's own. Leave it out.";
  variant = "write `dev = true;` for a VM that one can enter, `dev = false;` for one that is sealed.";
  verifiedBoot = "a sealed image is always verified, another never is: write `dev`, or nothing.";
  builderUid = "the builder VM sees to its own users. Leave it out.";
  serviceGroup = "each service has a user of its own choice and that user's group: services.<name>.user = \"app\";.";
  withAuditProbe = "images have no probe in them; `mvmctl verify` looks at an image from outside. Leave it out.";
}
