# Arguments of the original's mkGuest that are not taken: for each why, and what to write.
{
  bakeAddonDns = "names of the host and its network resolve without it. Leave it out.";
  bootCommand =
    "the VM's first process is mvm's agent, which starts `entrypoint`. Leave it out, and declare the program in `entrypoint`.";
  cacert = "every image has certificates. To add your own: extraFiles.\"/etc/ssl/certs/my.crt\" = ./my.crt;.";
  guestAgent = "the agent comes with mvm. Leave it out.";
  role = "images have no roles. Leave it out.";
  variant = "write `dev = true;` for an accessible image, `dev = false;` for a sealed one.";
  verifiedBoot = "a sealed image is always verified, and any other never is. Write `dev`, or leave it out.";
  builderUid = "the builder VM manages its own users. Leave it out.";
  serviceGroup = "each service runs as the user it declares, with that user's group: services.<name>.user = \"app\";.";
  withAuditProbe = "images contain no probe; `mvmctl verify` checks an image from outside. Leave it out.";
}
