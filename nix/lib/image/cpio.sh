# Functions that write a cpio archive in the "newc" format to standard output (the format's description: the kernel's
# Documentation/driver-api/early-userspace/buffer-format.rst). Owner 0:0, time 0, inode numbers in sequence. Written here
# since a build can make no device nodes for a cpio program to read.
inode=0

# pad LENGTH: zeroes up to the next multiple of four.
pad() {
  case $(($1 % 4)) in
    1) printf '\0\0\0' ;;
    2) printf '\0\0' ;;
    3) printf '\0' ;;
  esac
}

# header NAME MODE(octal, with the type) LINKS SIZE MAJOR MINOR
header() {
  inode=$((inode + 1))
  printf '070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X' \
    "$inode" "$2" 0 0 "$3" 0 "$4" 0 0 "$5" "$6" "$((${#1} + 1))" 0
  printf '%s\0' "$1"
  pad $((110 + ${#1} + 1))
}

cpio_folder() { header "$1" 040755 2 0 0 0; }
# cpio_device NAME MODE MAJOR MINOR: a character device.
cpio_device() { header "$1" "$2" 1 0 "$3" "$4"; }
# cpio_file NAME MODE SOURCE SIZE
cpio_file() {
  header "$1" "$2" 1 "$4" 0 0
  bb cat "$3"
  pad "$4"
}
cpio_end() {
  inode=-1
  header 'TRAILER!!!' 0 1 0 0 0
}
