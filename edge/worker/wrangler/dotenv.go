package wrangler

import (
	"strings"
)

// pair is one variable of a .dev.vars or .env file.
type pair struct {
	name, value string
	at          int // offset of the name
}

// dotenv reads NAME=value lines by the rules of the dotenv package that wrangler has: "export" in front,
// NAME: value, values in one of three quotes that may go over lines, # for a comment, and \n in double
// quotes. It also returns where lines are that are nothing of these, which dotenv passes over.
func dotenv(data string) (pairs []pair, bad []int) {
	for i := 0; i < len(data); {
		if p, end, ok := dotenvPair(data, i); ok {
			pairs = append(pairs, p)
			i = end
			continue
		}
		end := lineEnd(data, i)
		if line := strings.TrimSpace(data[i:end]); line != "" && line[0] != '#' {
			bad = append(bad, i+len(data[i:end])-len(strings.TrimLeft(data[i:end], " \t")))
		}
		i = end + 1
	}
	return pairs, bad
}

// dotenvPair reads a pair that starts on the line at i, and returns what follows its last line.
func dotenvPair(data string, i int) (p pair, end int, ok bool) {
	i = skip(data, i, " \t\r\f\v")
	if rest, cut := strings.CutPrefix(data[i:], "export"); cut && rest != "" && strings.IndexByte(" \t", rest[0]) >= 0 {
		i = skip(data, i+len("export"), " \t")
	}
	p.at = i
	for i < len(data) && isName1(data[i]) {
		i++
	}
	if p.name = data[p.at:i]; p.name == "" {
		return p, 0, false
	}
	switch sep := skip(data, i, " \t"); {
	case sep < len(data) && data[sep] == '=':
		i = sep + 1
	case i+1 < len(data) && data[i] == ':' && strings.IndexByte(" \t", data[i+1]) >= 0:
		i += 2
	default:
		return p, 0, false
	}
	if open := skip(data, i, " \t\r\n\f\v"); open < len(data) && strings.IndexByte("'\"`", data[open]) >= 0 {
		if content, end, closed := quoted(data, open); closed {
			p.value = unescaped(content, data[open])
			return p, end, true
		}
	}
	end = lineEnd(data, i)
	raw, _, _ := strings.Cut(data[i:end], "#")
	raw = strings.TrimSpace(raw)
	p.value = raw
	if raw != "" && strings.IndexByte("'\"`", raw[0]) >= 0 {
		if len(raw) > 1 && raw[len(raw)-1] == raw[0] {
			p.value = raw[1 : len(raw)-1]
		}
		p.value = unescaped(p.value, raw[0])
	}
	return p, end + 1, true
}

// quoted is what stands between the quote at open and the one that closes it, behind which only a
// comment may follow. A quote behind a backslash closes only when no other does.
func quoted(data string, open int) (content string, next int, ok bool) {
	var escaped []int
	closes := func(at int) bool {
		end := lineEnd(data, at+1)
		rest := strings.TrimSpace(data[at+1 : end])
		next = end + 1
		return rest == "" || rest[0] == '#'
	}
	i := open + 1
	for ; i < len(data) && data[i] != data[open]; i++ {
		if data[i] == '\\' && i+1 < len(data) && data[i+1] == data[open] {
			i++
			escaped = append(escaped, i)
		}
	}
	if i < len(data) && closes(i) {
		return data[open+1 : i], next, true
	}
	for n := len(escaped) - 1; n >= 0; n-- {
		if at := escaped[n]; closes(at) {
			return data[open+1 : at], next, true
		}
	}
	return "", 0, false
}

func unescaped(s string, quote byte) string {
	if quote != '"' {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, `\n`, "\n"), `\r`, "\r")
}

func isName1(c byte) bool {
	return c == '_' || c == '.' || c == '-' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func skip(data string, i int, set string) int {
	for i < len(data) && strings.IndexByte(set, data[i]) >= 0 {
		i++
	}
	return i
}

func lineEnd(data string, i int) int {
	if i >= len(data) {
		return len(data)
	}
	if n := strings.IndexByte(data[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(data)
}
