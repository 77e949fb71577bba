package tree

// leastRoom is the shortest piece of a file that is read, in bytes, while more of it is to come.
const leastRoom = 4096

// output gathers records to pieces.
type output struct {
	b       []byte
	scratch []byte
	send    func([]byte) error
}

// record is where to append one; it is then added.
func (o *output) record() []byte { return o.scratch[:0] }

// add takes a record, which may come to lie in two pieces.
func (o *output) add(record []byte) error {
	o.scratch = record[:0]
	for len(record) > 0 {
		n := copy(o.b[len(o.b):cap(o.b)], record)
		o.b, record = o.b[:len(o.b)+n], record[n:]
		if len(o.b) == cap(o.b) {
			if err := o.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// room is for the bytes of a file, behind the header that data then puts before them.
func (o *output) room(header int) ([]byte, error) {
	if cap(o.b)-len(o.b) < header+leastRoom {
		if err := o.flush(); err != nil {
			return nil, err
		}
	}
	return o.b[len(o.b)+header : cap(o.b)], nil
}

// data adds n bytes that are in the room already.
func (o *output) data(n int) {
	o.b = begin(o.b, KindData, n)
	o.b = o.b[:len(o.b)+n]
}

func (o *output) flush() error {
	if len(o.b) == 0 {
		return nil
	}
	err := o.send(o.b)
	o.b = o.b[:0]
	return err
}
