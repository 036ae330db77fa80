// Package mark names places in files: those of a world, of wrangler files, of code.
package mark

import (
	"cmp"
	"strconv"
)

// Mark is a place in a file. Lines and columns count from 1; a column counts
// characters. The zero Mark means "not from a file"; a Mark without a line
// means the file as a whole.
type Mark struct {
	File   string
	Line   int
	Column int
}

// At is the Mark of a file's line and column.
func At(file string, line, column int) Mark { return Mark{file, line, column} }

// IsZero tells whether the mark points nowhere.
func (m Mark) IsZero() bool { return m == Mark{} }

// String is "file:line:column", or what of it is known.
func (m Mark) String() string {
	s := m.File
	if m.Line > 0 {
		s += ":" + strconv.Itoa(m.Line)
		if m.Column > 0 {
			s += ":" + strconv.Itoa(m.Column)
		}
	}
	return s
}

// Compare orders marks by file, line and column.
func (m Mark) Compare(o Mark) int {
	return cmp.Or(cmp.Compare(m.File, o.File), cmp.Compare(m.Line, o.Line), cmp.Compare(m.Column, o.Column))
}
