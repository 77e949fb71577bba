mkdir -p "$out/etc/ssl/certs"
cat "$out"/share/ca-certificates/mozilla/*.crt >"$out/etc/ssl/certs/ca-bundle.crt"
ln -s ca-bundle.crt "$out/etc/ssl/certs/ca-certificates.crt"
