// Tells what the kernel tells of files that are watched: watch-files FOLDER prints a line for each event, with its names and the
// file's.
package main

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

var names = []struct {
	bit  uint32
	name string
}{
	{syscall.IN_MODIFY, "modify"}, {syscall.IN_ATTRIB, "attrib"}, {syscall.IN_CLOSE_WRITE, "close_write"},
	{syscall.IN_CREATE, "create"}, {syscall.IN_DELETE, "delete"},
	{syscall.IN_MOVED_FROM, "moved_from"}, {syscall.IN_MOVED_TO, "moved_to"},
}

func main() {
	fd, err := syscall.InotifyInit1(0)
	if err == nil {
		var all uint32
		for _, n := range names {
			all |= n.bit
		}
		_, err = syscall.InotifyAddWatch(fd, os.Args[1], all)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("watching")
	buf := make([]byte, 65536)
	for {
		n, err := syscall.Read(fd, buf)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			os.Exit(1)
		}
		for at := 0; at < n; {
			e := (*syscall.InotifyEvent)(unsafe.Pointer(&buf[at]))
			at += syscall.SizeofInotifyEvent
			file := string(bytes.TrimRight(buf[at:at+int(e.Len)], "\x00"))
			at += int(e.Len)
			for _, n := range names {
				if e.Mask&n.bit != 0 {
					fmt.Println(n.name, file)
				}
			}
		}
	}
}
