package world

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/sundog-edge/sundog/edge/mark"
)

// maxFile is the largest file read, in bytes. A hundred thousand hosts fit.
const maxFile = 8 << 20

// source is one file's name and text. A nil source is no file.
type source struct {
	name string
	data []byte // without a byte order mark
}

func (s *source) mark(n *yaml.Node) Mark {
	if s == nil || n == nil {
		return Mark{}
	}
	return mark.At(s.name, n.Line, n.Column)
}

// lineAt is the text of a line, counted from 1, without its end.
func (s *source) lineAt(number int) []byte {
	rest := s.data
	for range number - 1 {
		_, after, found := bytes.Cut(rest, []byte("\n"))
		if !found {
			return nil
		}
		rest = after
	}
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	return bytes.TrimRight(line, "\r")
}

func (s *source) excerpt(m Mark) excerpt {
	if s == nil || m.Line == 0 || m.File != s.name {
		return excerpt{}
	}
	return cut(string(s.lineAt(m.Line)), m.Column)
}

// at turns a byte offset into a mark.
func (s *source) at(offset int) Mark {
	before := s.data[:offset]
	start := 1 + bytes.LastIndexByte(before, '\n')
	return mark.At(s.name, 1+bytes.Count(before, []byte("\n")), 1+utf8.RuneCount(before[start:]))
}

// readFile reads a regular file of at most maxFile bytes.
func readFile(path string) (*source, *Error) {
	fail := func(found, allowed, hint string) (*source, *Error) {
		return nil, &Error{Mark: Mark{File: path}, Found: found, Allowed: allowed, Hint: hint}
	}
	f, err := open(path)
	if err != nil {
		return fail(plain(err), "", "")
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil {
		return fail(plain(err), "", "")
	} else if info.IsDir() {
		return fail("a folder", "a file", "")
	} else if !info.Mode().IsRegular() {
		return fail("something that is no regular file", "a file", "")
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return fail(plain(err), "", "")
	}
	return newSource(path, data)
}

// open refuses pipes and devices before opening them: opening a pipe would
// wait for a writer.
func open(path string) (*os.File, error) {
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() && !info.IsDir() {
		return nil, fmt.Errorf("it is no regular file")
	}
	return os.Open(path)
}

// plain is an error's text without the path, which the mark says already.
func plain(err error) string {
	if e, ok := err.(*os.PathError); ok {
		return e.Err.Error()
	}
	return err.Error()
}

// newSource checks that data is text of a size that can be read.
func newSource(name string, data []byte) (*source, *Error) {
	fail := func(m Mark, found, allowed, hint string) (*source, *Error) {
		return nil, &Error{Mark: m, Found: found, Allowed: allowed, Hint: hint}
	}
	if len(data) > maxFile {
		return fail(Mark{File: name}, "a file of more than 8 MiB", "at most 8 MiB", "")
	}
	if bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}) {
		return fail(mark.At(name, 1, 1), "UTF-16 text", "UTF-8 text", "save the file as UTF-8")
	}
	s := &source{name, bytes.TrimPrefix(data, []byte("\ufeff"))}
	for i := 0; i < len(s.data); {
		r, n := utf8.DecodeRune(s.data[i:])
		if r == utf8.RuneError && n < 2 {
			return fail(s.at(i), fmt.Sprintf("the byte 0x%02x, which is no UTF-8", s.data[i]), "UTF-8 text", "save the file as UTF-8")
		}
		if !printable(r) {
			return fail(s.at(i), fmt.Sprintf("the control character %U", r), "text", "inside double quotes it can be written as an escape")
		}
		i += n
	}
	return s, nil
}

// printable are the characters that YAML allows unescaped.
func printable(r rune) bool {
	switch {
	case r == '\t', r == '\n', r == '\r', r == 0x85:
		return true
	case r < 0x20, r >= 0x7f && r < 0xa0, r == 0xfffe, r == 0xffff:
		return false
	}
	return true
}
