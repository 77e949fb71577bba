for name in $("$out/bin/busybox" --list); do [ "$name" = busybox ] || ln -sf busybox "$out/bin/$name"; done
