# pip as a program and as a module: out of the wheel that venv installs it from.
set -- "$out"/share/python-wheels/pip-*.whl
mkdir -p "$out/lib/python3/dist-packages"
echo "$1" >"$out/lib/python3/dist-packages/pip.pth"
for name in pip pip3; do
  cat >"$out/bin/$name" <<END
#!$out/bin/python3
import sys
from pip._internal.cli.main import main
sys.exit(main())
END
  chmod +x "$out/bin/$name"
done
