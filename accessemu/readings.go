package accessemu

import "strings"

// readings are the ways in which software behind the edge may understand a
// path: its canonical form, and what becomes of that by decoding it up to two
// times more and, between and after the decodings and in any order, by the
// steps of readSteps. A plain path has one reading, and costs no allocation:
// the answer is nil.
//
// It answers false when there are more readings than it is willing to make.
func readings(path string) (list []string, all bool) {
	if plainPath(path) {
		return nil, true
	}
	list = []string{canonicalPath(path)}
	seen := map[string]bool{list[0]: true}
	add := func(path string) bool {
		if seen[path] {
			return true
		}
		seen[path] = true
		list = append(list, path)
		return len(list) <= maxReadings
	}
	done := 0
	for range maxDecodings {
		if done, all = closeReadings(&list, done, add); !all {
			return list[:maxReadings], false
		}
		for _, path := range list[:done] {
			if !add(decodeOnce(path)) {
				return list[:maxReadings], false
			}
		}
	}
	if _, all = closeReadings(&list, done, add); !all {
		return list[:maxReadings], false
	}
	return list, true
}

// closeReadings applies every step to the readings from done on, and to what
// comes of them.
func closeReadings(list *[]string, done int, add func(string) bool) (int, bool) {
	for ; done < len(*list); done++ {
		for _, read := range readSteps {
			if !add(read((*list)[done])) {
				return done, false
			}
		}
	}
	return done, true
}

const (
	maxReadings  = 128     // above what any path that is meant well has
	maxRawPath   = 8 << 10 // bytes of a path that is read in several ways
	maxDecodings = 2       // beyond the one that every server does
)

// readSteps are what servers and frameworks do to a decoded path before they
// route it. Each takes and answers the canonical form.
var readSteps = []func(string) string{
	slashBackslashes, mergeSlashes, removeDots, dropParameters, cutAtDelimiter, trimSegments, shortenUTF8,
}

// slashBackslashes reads backslashes, which a canonical path has encoded, as
// slashes.
func slashBackslashes(path string) string { return strings.ReplaceAll(path, "%5C", "/") }

func mergeSlashes(path string) string {
	if !strings.Contains(path, "//") {
		return path
	}
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		if path[i] != '/' || i == 0 || path[i-1] != '/' {
			b.WriteByte(path[i])
		}
	}
	return b.String()
}

// removeDots removes "." and ".." segments as RFC 3986 section 5.2.4 says;
// empty segments count as segments there.
func removeDots(path string) string {
	if !strings.Contains(path, "/.") {
		return path
	}
	segments := strings.Split(path[1:], "/")
	kept := segments[:0]
	for i, segment := range segments {
		last := i == len(segments)-1
		switch segment {
		case ".":
		case "..":
			kept = kept[:max(0, len(kept)-1)]
		default:
			kept = append(kept, segment)
			continue
		}
		if last {
			kept = append(kept, "")
		}
	}
	return "/" + strings.Join(kept, "/")
}

// dropParameters removes what stands in a segment from its first semicolon on,
// as servlet containers do before they resolve dot segments.
func dropParameters(path string) string {
	if strings.IndexByte(path, ';') < 0 {
		return path
	}
	var b strings.Builder
	for rest := path; rest != ""; {
		i := strings.IndexByte(rest, ';')
		if i < 0 {
			b.WriteString(rest)
			break
		}
		b.WriteString(rest[:i])
		rest = rest[i:]
		if i = strings.IndexByte(rest, '/'); i < 0 {
			break
		}
		rest = rest[i:]
	}
	return b.String()
}

// cutAtDelimiter ends the path at a decoded NUL, "?" or "#": code in C ends a
// text there, and a URL that is put together again and parsed anew ends its
// path there.
func cutAtDelimiter(path string) string {
	for i := 0; i < len(path); i++ {
		if code, ok := escape(path[i:]); ok && (code == 0 || code == '?' || code == '#') {
			return canonicalPath(path[:i])
		}
	}
	return path
}

// trimSegments removes decoded spaces and control characters from the end of
// each segment, as file systems and header parsers do.
func trimSegments(path string) string {
	if strings.IndexByte(path, '%') < 0 {
		return path
	}
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		for len(segment) >= 3 {
			code, ok := escape(segment[len(segment)-3:])
			if !ok || code > ' ' && code != 0x7f {
				break
			}
			segment = segment[:len(segment)-3]
		}
		segments[i] = segment
	}
	return strings.Join(segments, "/")
}

// shortenUTF8 reads ASCII that was encoded in two bytes, which lax decoders
// accept: %C0%AE for a dot.
func shortenUTF8(path string) string {
	if !strings.Contains(path, "%C0%") && !strings.Contains(path, "%C1%") {
		return path
	}
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		first, ok := escape(path[i:])
		if ok && (first == 0xc0 || first == 0xc1) {
			if second, ok := escape(path[i+3:]); ok && second&0xc0 == 0x80 {
				writeEscape(&b, first<<6|second&0x3f)
				i += 5
				continue
			}
		}
		b.WriteByte(path[i])
	}
	return canonicalPath(b.String())
}

// holdsNUL tells whether a canonical path has an encoded NUL.
func holdsNUL(path string) bool { return strings.Contains(path, "%00") }
