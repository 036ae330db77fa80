package grpcframe

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

func TestRead(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want error
	}{
		{"", io.EOF},
		{"\x00\x00", io.ErrUnexpectedEOF},
		{"\x00\x00\x00\x00\x02a", io.ErrUnexpectedEOF},
		{"\x00\x00\x00\x00\x02", io.ErrUnexpectedEOF},
		{"\x01\x00\x00\x00\x00", ErrCompressed},
		{"\x00\x00\x00\x00\x01a", nil},
		{"\x00\x00\x00\x00\x00", nil},
	} {
		if _, err := Read(bytes.NewReader([]byte(tt.in))); !errors.Is(err, tt.want) {
			t.Errorf("%q: %v, want %v", tt.in, err, tt.want)
		}
	}
	if _, err := Read(bytes.NewReader([]byte("\x00\xff\xff\xff\xff"))); err == nil {
		t.Error("4 GiB are taken")
	}
}

// What is read is what was written, and of other bytes nothing is made up.
func FuzzRead(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x00\x01a"))
	f.Add([]byte("\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02ab"))
	f.Fuzz(func(t *testing.T, in []byte) {
		r := bytes.NewReader(in)
		var out bytes.Buffer
		for {
			message, err := Read(r)
			if err != nil {
				break
			}
			if err := Write(&out, message); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.HasPrefix(in, out.Bytes()) {
			t.Errorf("%q becomes %q", in, out.Bytes())
		}
	})
}
