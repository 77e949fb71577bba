package tree

import (
	"errors"

	"mvm/guest/internal/protocol"

	"golang.org/x/sys/unix"
)

// reasons are for people; they are the host's words for the same (src/errors/file-error.ts).
var reasons = map[unix.Errno]string{
	unix.ENOSPC:       "the disk is full",
	unix.EDQUOT:       "the disk quota is used up",
	unix.EROFS:        "the file system is read-only",
	unix.EACCES:       "permission denied",
	unix.EPERM:        "permission denied",
	unix.ENOENT:       "no such file or folder",
	unix.ENOTDIR:      "a part of the path is not a folder",
	unix.EISDIR:       "a folder has that name",
	unix.EEXIST:       "a file has that name",
	unix.ELOOP:        "symbolic links go in a circle",
	unix.ENAMETOOLONG: "the name is too long",
	unix.EFBIG:        "the file is too large for the file system",
	unix.EIO:          "the disk is failing",
}

// failed describes a system call on a file that failed. code is what to call it where it has no code of its own.
func failed(code, path string, err error) *protocol.Failure {
	var f *protocol.Failure
	if errors.As(err, &f) {
		return f
	}
	var errno unix.Errno
	text := err.Error()
	if errors.As(err, &errno) {
		if words, ok := reasons[errno]; ok {
			text = words
		}
		switch errno {
		case unix.ENOSPC, unix.EDQUOT:
			code = "full"
		}
	}
	return &protocol.Failure{Code: code, Message: path + ": " + text}
}

func unwritable(path string, err error) *protocol.Failure { return failed("unwritable", path, err) }

func unreadable(path string, err error) *protocol.Failure { return failed("unreadable", path, err) }

func refuse(code, path, why string) *protocol.Failure {
	return &protocol.Failure{Code: code, Message: path + ": " + why}
}
