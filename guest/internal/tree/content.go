package tree

import "golang.org/x/sys/unix"

// content sends the file's bytes from an offset to another (-1: its end), and returns where it ended.
// short: a read that gives less than asked for has reached the end, which is not so of files that the kernel makes up.
func (r *Reader) content(fd int, at, end int64, short bool) (int64, error) {
	for end < 0 || at < end {
		room, err := r.out.room(HeaderSize)
		if err != nil {
			return at, err
		}
		if end >= 0 {
			room = room[:min(int64(len(room)), end-at)]
		}
		n, err := read(fd, room, at)
		if err != nil {
			return at, err
		}
		if n > 0 {
			r.out.data(n)
			at += int64(n)
		}
		if n == 0 || short && n < len(room) {
			break
		}
	}
	return at, nil
}

// sparse sends the parts that are on the disk, and the holes between them.
func (r *Reader) sparse(fd int, size int64) error {
	for at := int64(0); at < size; {
		from, err := seek(fd, at, unix.SEEK_DATA)
		if err == unix.ENXIO {
			from = size
		} else if err == unix.EINVAL && at == 0 { // a file system that knows no holes
			_, err := r.content(fd, 0, -1, true)
			return err
		} else if err != nil {
			return err
		}
		if from = min(from, size); from > at {
			if err := r.out.add(AppendHole(r.out.record(), from-at)); err != nil {
				return err
			}
		}
		if at = from; at >= size {
			return nil
		}
		to, err := seek(fd, at, unix.SEEK_HOLE)
		if err != nil {
			return err
		}
		reached, err := r.content(fd, at, min(to, size), false)
		if err != nil {
			return err
		}
		if reached < min(to, size) {
			return nil // it has become shorter
		}
		at = reached
	}
	return nil
}
