package wrangler

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"syscall"
	"unicode/utf8"

	"github.com/sundog-edge/sundog/edge/mark"
)

// maxFile is the largest file read, in bytes.
const maxFile = 4 << 20

// maxDepth is how deep lists and mappings may lie in each other.
const maxDepth = 500

// source is one file's name and text.
type source struct {
	name  string
	data  []byte // UTF-8, without a byte order mark
	lines []int  // where they start
}

// read reads a regular file of a bounded size. Nil and nil: there is none.
func read(name string) (*source, *Problem) {
	fail := func(found string) (*source, *Problem) { return nil, &Problem{At: Mark{File: name}, Found: found} }
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return nil, nil
	case err != nil:
		return fail(plain(err))
	case info.IsDir():
		return fail("a folder where a file is wanted")
	case !info.Mode().IsRegular():
		return fail("something that is no regular file")
	}
	f, err := os.Open(name)
	if err != nil {
		return fail(plain(err))
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return fail(plain(err))
	}
	return newSource(name, data)
}

func newSource(name string, data []byte) (*source, *Problem) {
	if len(data) > maxFile {
		return nil, &Problem{At: Mark{File: name}, Found: "a file of more than 4 MiB", Allowed: "at most 4 MiB"}
	}
	// Neither of the parsers can have a byte order mark.
	s := &source{name: name, data: bytes.Clone(bytes.TrimPrefix(data, []byte("\ufeff")))}
	s.lines = append(s.lines, 0)
	for i, c := range s.data {
		if c == '\n' {
			s.lines = append(s.lines, i+1)
		}
	}
	for i := 0; i < len(s.data); {
		r, n := utf8.DecodeRune(s.data[i:])
		if r == utf8.RuneError && n < 2 {
			return nil, &Problem{At: s.mark(i), Found: fmt.Sprintf("the byte 0x%02x, which is no UTF-8", s.data[i]), Allowed: "UTF-8 text", Hint: "save the file as UTF-8"}
		}
		i += n
	}
	return s, nil
}

// mark is the place of a byte; negative: of the file as a whole.
func (s *source) mark(offset int) Mark {
	if offset < 0 {
		return Mark{File: s.name}
	}
	offset = min(offset, len(s.data))
	line := sort.SearchInts(s.lines, offset+1)
	return mark.At(s.name, line, 1+utf8.RuneCount(s.data[s.lines[line-1]:offset]))
}

// offset is the byte at a line and a column of bytes, both from 1.
func (s *source) offset(line, column int) int {
	if line < 1 || line > len(s.lines) {
		return len(s.data)
	}
	return min(s.lines[line-1]+max(column-1, 0), len(s.data))
}

// short is "wrangler.jsonc:9:14" for a byte.
func (s *source) short(offset int) string {
	m := s.mark(offset)
	m.File = filepath.Base(m.File)
	return m.String()
}

// tooDeep is the first bracket that opens more than maxDepth levels, or -1: the parsers have no bound of
// their own. Brackets inside texts count too, which no honest file has so many of.
func (s *source) tooDeep() int {
	depth := 0
	for i, c := range s.data {
		switch c {
		case '[', '{':
			if depth++; depth > maxDepth {
				return i
			}
		case ']', '}':
			depth = max(depth-1, 0)
		}
	}
	return -1
}

// plain is an error's text without the path, which the mark says already.
func plain(err error) string {
	var e *fs.PathError
	if errors.As(err, &e) {
		return e.Err.Error()
	}
	return err.Error()
}
